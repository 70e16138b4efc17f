-- Contacts that were permitted: what became of each. The records say it too; the rows are how a number's history is found.

create table permit(
    ledger integer not null,
    id blob not null check (length(id) = 16),
    tag blob not null check (length(tag) = 32),
    suppress blob not null check (length(suppress) = 32),
    chain integer not null check (chain >= 1),
    sid blob check (length(sid) = 16),
    channel integer not null,
    purpose text,
    agent text,
    subject text,
    campaign text,
    seq integer not null,
    issued integer not null,
    expires integer not null,
    redeemed integer,
    redeemed_seq integer,
    ended_seq integer,
    outcome integer,
    outcome_seq integer,
    primary key (ledger, id),
    check ((redeemed is null) = (redeemed_seq is null)),
    check (redeemed is null or ended_seq is null),
    check (outcome is null or redeemed is not null)
) strict, without rowid;

create index permit_tag on permit(ledger, tag);
create index permit_sid on permit(ledger, sid) where sid is not null;

-- What is used once is used: no row goes back.
create trigger permit_used before update on permit when old.redeemed_seq is not null and new.redeemed_seq is not old.redeemed_seq or old.ended_seq is not null
    begin select raise(abort, 'a permit is used once'); end;
