-- Who said yes or no to advertising and has to be told, by law, what came of it; each until they were. A number that nobody is known by stands in it sealed, every other only by the ledger's own names and as a keyed hash; none of it stays once they were told.

create table result_task(
    ledger integer not null,
    seq integer not null check (seq >= 0),
    said text not null check (said in ('consent', 'refusal', 'withdrawal')),
    at integer not null,
    day text not null,
    due text not null,
    late_at integer not null,
    rule text not null,
    sid blob check (length(sid) = 16),
    point blob check (length(point) = 16),
    tag blob check (length(tag) = 32),
    via integer,
    language text not null,
    nonce blob,
    words blob,
    next_at integer,
    send_until integer,
    attempts integer not null,
    lease blob check (length(lease) = 16),
    fault text,
    told_on text,
    told_by text,
    teller text,
    primary key (ledger, seq),
    check ((nonce is null) = (words is null)),
    check (next_at is null or (via is not null and tag is not null and send_until is not null)),
    check (lease is null or next_at is not null),
    check ((told_on is null) = (told_by is null)),
    check (told_on is null or (sid is null and tag is null and words is null and next_at is null))
) strict, without rowid;

create index result_task_due on result_task(ledger, next_at) where next_at is not null;
create index result_task_open on result_task(ledger, late_at) where told_on is null;
create index result_task_tag on result_task(ledger, tag) where tag is not null;
create index result_task_sid on result_task(ledger, sid) where sid is not null;
