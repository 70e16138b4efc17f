-- Scans of signed papers, sealed by the key of the person, one beside the record whose evidence names it. They go with what else is sealed beside it.

create table scan(
    ledger bigint not null,
    seq bigint not null,
    nonce bytea not null check (octet_length(nonce) = 12),
    ciphertext bytea not null,
    primary key (ledger, seq)
);
