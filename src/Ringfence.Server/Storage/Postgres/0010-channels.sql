-- Codes on their way to people, how many went where, and messages that somebody has to read. Numbers, sessions and codes stand in it as keyed hashes alone.

create table code(
    ledger bigint not null,
    tag bytea not null check (octet_length(tag) = 32),
    hash bytea not null check (octet_length(hash) = 32),
    message text collate "C" not null,
    via bigint not null,
    place text collate "C" not null,
    until bigint not null,
    tries bigint not null,
    used bigint not null check (used in (0, 1)),
    primary key (ledger, tag)
);

-- A count in a step of the clock; it goes when the step has ended.
create table code_count(
    ledger bigint not null,
    kind text collate "C" not null,
    bucket bytea not null,
    step bigint not null,
    taken bigint not null,
    ends bigint not null,
    primary key (ledger, kind, bucket, step)
);

-- Done once the person is held no more.
create table inbound_task(
    ledger bigint not null,
    seq bigint not null,
    sid bytea not null check (octet_length(sid) = 16),
    at bigint not null,
    primary key (ledger, seq)
);
