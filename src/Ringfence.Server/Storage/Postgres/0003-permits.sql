-- Contacts that were permitted: what became of each. The records say it too; the rows are how a number's history is found.

create table permit(
    ledger bigint not null,
    id bytea not null check (octet_length(id) = 16),
    tag bytea not null check (octet_length(tag) = 32),
    suppress bytea not null check (octet_length(suppress) = 32),
    chain smallint not null check (chain >= 1),
    sid bytea check (octet_length(sid) = 16),
    channel smallint not null,
    purpose text,
    agent text,
    subject text,
    campaign text,
    seq bigint not null,
    issued bigint not null,
    expires bigint not null,
    redeemed bigint,
    redeemed_seq bigint,
    ended_seq bigint,
    outcome smallint,
    outcome_seq bigint,
    primary key (ledger, id),
    check ((redeemed is null) = (redeemed_seq is null)),
    check (redeemed is null or ended_seq is null),
    check (outcome is null or redeemed is not null)
);

create index permit_tag on permit(ledger, tag);
create index permit_sid on permit(ledger, sid) where sid is not null;

-- What is used once is used: no row goes back.
create function ringfence_permit_used() returns trigger language plpgsql as $$
begin
    if old.ended_seq is null and (old.redeemed_seq is null or new.redeemed_seq is not distinct from old.redeemed_seq) then
        return new;
    end if;
    raise exception 'a permit is used once' using errcode = 'RF001';
end $$;

create trigger permit_used before update on permit for each row execute function ringfence_permit_used();
