-- How much of a limit was taken in the present step of the clock, by all servers. Not logged: after a crash of the database it begins anew, and nothing waits for the disk.

create unlogged table rate(
    ledger bigint not null,
    bucket text collate "C" not null,
    step bigint not null,
    taken bigint not null,
    primary key (ledger, bucket)
);
