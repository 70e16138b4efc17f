-- Rules of a controller's own: who asked for them, and who put them in force. What is asked once is answered once.

create table rule_change(
    ledger bigint not null,
    id text collate "C" not null,
    kind text not null,
    name text not null,
    doc bytea not null check (octet_length(doc) = 32),
    retire smallint not null check (retire in (0, 1)),
    asked_by text not null,
    seq bigint not null,
    answered_by text,
    answered_seq bigint,
    agreed smallint check (agreed in (0, 1)),
    primary key (ledger, id),
    check ((answered_seq is null) = (answered_by is null)),
    check ((answered_seq is null) = (agreed is null)),
    check (answered_by is null or agreed = 0 or answered_by <> asked_by)
);

create function ringfence_rule_change_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if old.answered_seq is null and new.kind = old.kind and new.name = old.name and new.doc = old.doc and new.retire = old.retire and new.asked_by = old.asked_by and new.seq = old.seq then
            return new;
        end if;
    end if;
    raise exception 'a change of rules is answered once' using errcode = 'RF001';
end $$;

create trigger rule_change_kept before update or delete on rule_change for each row execute function ringfence_rule_change_kept();
create trigger rule_change_no_truncate before truncate on rule_change for each statement execute function ringfence_rule_change_kept();
