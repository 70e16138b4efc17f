-- Codes on their way to people, how many went where, and messages that somebody has to read. Numbers, sessions and codes stand in it as keyed hashes alone.

create table code(
    ledger integer not null,
    tag blob not null check (length(tag) = 32),
    hash blob not null check (length(hash) = 32),
    message text not null,
    via integer not null,
    place text not null,
    until integer not null,
    tries integer not null,
    used integer not null check (used in (0, 1)),
    primary key (ledger, tag)
) strict, without rowid;

-- A count in a step of the clock; it goes when the step has ended.
create table code_count(
    ledger integer not null,
    kind text not null,
    bucket blob not null,
    step integer not null,
    taken integer not null,
    ends integer not null,
    primary key (ledger, kind, bucket, step)
) strict, without rowid;

-- Done once the person is held no more.
create table inbound_task(
    ledger integer not null,
    seq integer not null,
    sid blob not null check (length(sid) = 16),
    at integer not null,
    primary key (ledger, seq)
) strict, without rowid;
