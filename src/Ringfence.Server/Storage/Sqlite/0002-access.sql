-- Who may call the HTTP API. A key is kept as a hash; what changes is when it ends.

create table api_key(
    ledger integer not null,
    id text not null,
    name text not null,
    hash blob not null check (length(hash) = 32),
    scopes text not null,
    seq integer not null,
    expires integer,
    revoked_seq integer,
    primary key (ledger, id)
) strict, without rowid;

create trigger api_key_kept before delete on api_key begin select raise(abort, 'an API key is revoked, not deleted'); end;
create trigger api_key_not_revived before update on api_key when old.revoked_seq is not null or new.hash <> old.hash or new.scopes <> old.scopes or new.seq <> old.seq
    begin select raise(abort, 'an API key can only end'); end;
