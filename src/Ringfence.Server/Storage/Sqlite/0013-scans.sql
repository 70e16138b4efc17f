-- Scans of signed papers, sealed by the key of the person, one beside the record whose evidence names it. They go with what else is sealed beside it.

create table scan(
    ledger integer not null,
    seq integer not null,
    nonce blob not null check (length(nonce) = 12),
    ciphertext blob not null,
    primary key (ledger, seq)
) strict;
