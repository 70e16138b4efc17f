-- Rules of a controller's own: who asked for them, and who put them in force. What is asked once is answered once.

create table rule_change(
    ledger integer not null,
    id text not null,
    kind text not null,
    name text not null,
    doc blob not null check (length(doc) = 32),
    retire integer not null check (retire in (0, 1)),
    asked_by text not null,
    seq integer not null,
    answered_by text,
    answered_seq integer,
    agreed integer check (agreed in (0, 1)),
    primary key (ledger, id),
    check ((answered_seq is null) = (answered_by is null)),
    check ((answered_seq is null) = (agreed is null)),
    check (answered_by is null or agreed = 0 or answered_by <> asked_by)
) strict, without rowid;

create trigger rule_change_kept before delete on rule_change begin select raise(abort, 'a change of rules is answered, not deleted'); end;
create trigger rule_change_answered_once before update on rule_change
    when old.answered_seq is not null or new.kind <> old.kind or new.name <> old.name or new.doc <> old.doc or new.retire <> old.retire or new.asked_by <> old.asked_by or new.seq <> old.seq
    begin select raise(abort, 'a change of rules is answered once'); end;
