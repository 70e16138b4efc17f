-- What people ask for by law, and complaints. Words and numbers stand in it sealed, by a key of each request's own; that of whoever was forgotten leads to nobody.

create table rights_request(
    ledger bigint not null,
    id bytea not null check (octet_length(id) = 16),
    tag bytea check (octet_length(tag) = 32),
    kind text collate "C" not null,
    state text collate "C" not null,
    language text collate "C" not null,
    received bigint not null,
    due text collate "C" not null,
    closed bigint,
    records text not null,
    nonce bytea,
    words bytea,
    primary key (ledger, id),
    check ((nonce is null) = (words is null)),
    check (tag is not null or words is null)
);

create index rights_request_tag on rights_request(ledger, tag) where tag is not null;

create function ringfence_rights_request_kept() returns trigger language plpgsql as $$
begin
    raise exception 'a request is closed, not deleted' using errcode = 'RF001';
end $$;

create trigger rights_request_kept before delete on rights_request for each row execute function ringfence_rights_request_kept();
create trigger rights_request_no_truncate before truncate on rights_request for each statement execute function ringfence_rights_request_kept();
