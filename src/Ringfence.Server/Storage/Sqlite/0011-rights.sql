-- What people ask for by law, and complaints. Words and numbers stand in it sealed, by a key of each request's own; that of whoever was forgotten leads to nobody.

create table rights_request(
    ledger integer not null,
    id blob not null check (length(id) = 16),
    tag blob check (length(tag) = 32),
    kind text not null,
    state text not null,
    language text not null,
    received integer not null,
    due text not null,
    closed integer,
    records text not null,
    nonce blob,
    words blob,
    primary key (ledger, id),
    check ((nonce is null) = (words is null)),
    check (tag is not null or words is null)
) strict, without rowid;

create index rights_request_tag on rights_request(ledger, tag) where tag is not null;
create trigger rights_request_kept before delete on rights_request begin select raise(abort, 'a request is closed, not deleted'); end;
