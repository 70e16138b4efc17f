-- Who said yes or no to advertising and has to be told, by law, what came of it; each until they were. A number that nobody is known by stands in it sealed, every other only by the ledger's own names and as a keyed hash; none of it stays once they were told.

create table result_task(
    ledger bigint not null,
    seq bigint not null check (seq >= 0),
    said text collate "C" not null check (said in ('consent', 'refusal', 'withdrawal')),
    at bigint not null,
    day text collate "C" not null,
    due text collate "C" not null,
    late_at bigint not null,
    rule text collate "C" not null,
    sid bytea check (octet_length(sid) = 16),
    point bytea check (octet_length(point) = 16),
    tag bytea check (octet_length(tag) = 32),
    via smallint,
    language text collate "C" not null,
    nonce bytea,
    words bytea,
    next_at bigint,
    send_until bigint,
    attempts integer not null,
    lease bytea check (octet_length(lease) = 16),
    fault text collate "C",
    told_on text collate "C",
    told_by text collate "C",
    teller text collate "C",
    primary key (ledger, seq),
    check ((nonce is null) = (words is null)),
    check (next_at is null or (via is not null and tag is not null and send_until is not null)),
    check (lease is null or next_at is not null),
    check ((told_on is null) = (told_by is null)),
    check (told_on is null or (sid is null and tag is null and words is null and next_at is null))
);

create index result_task_due on result_task(ledger, next_at) where next_at is not null;
create index result_task_open on result_task(ledger, late_at) where told_on is null;
create index result_task_tag on result_task(ledger, tag) where tag is not null;
create index result_task_sid on result_task(ledger, sid) where sid is not null;
