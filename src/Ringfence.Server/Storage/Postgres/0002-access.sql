-- Who may call the HTTP API. A key is kept as a hash; what changes is when it ends.

create table api_key(
    ledger bigint not null,
    id text collate "C" not null,
    name text not null,
    hash bytea not null check (octet_length(hash) = 32),
    scopes text not null,
    seq bigint not null,
    expires bigint,
    revoked_seq bigint,
    primary key (ledger, id)
);

create function ringfence_api_key_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if old.revoked_seq is null and new.hash = old.hash and new.scopes = old.scopes and new.seq = old.seq then
            return new;
        end if;
    end if;
    raise exception 'an API key can only end' using errcode = 'RF001';
end $$;

create trigger api_key_kept before update or delete on api_key for each row execute function ringfence_api_key_kept();
create trigger api_key_no_truncate before truncate on api_key for each statement execute function ringfence_api_key_kept();
