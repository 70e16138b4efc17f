-- Everything kept per ledger. The ledger comes first in every key, nothing is drawn from a sequence, and times are microseconds since 1970 in UTC,
-- so that the tables can be distributed by the ledger. One exception: the list of ledgers is the same everywhere.

create table ledger(
    ledger bigint not null primary key,
    controller text not null,
    origin text not null unique,
    lane integer not null check (lane >= 0 and lane < lanes),
    lanes integer not null,
    epoch integer not null check (epoch >= 1),
    unique (controller, lane, epoch)
);

create table ledger_head(
    ledger bigint not null primary key references ledger(ledger),
    size bigint not null check (size >= 0),
    last_at bigint not null,
    frontier bytea not null check (octet_length(frontier) % 32 = 0)
);

-- Primary data: append-only.

create table ledger_record(
    ledger bigint not null,
    seq bigint not null check (seq >= 0),
    leaf bytea not null check (octet_length(leaf) = 32),
    body bytea not null check (octet_length(body) between 1 and 8192),
    primary key (ledger, seq)
);

create table checkpoint(
    ledger bigint not null,
    size bigint not null check (size >= 0),
    root bytea not null check (octet_length(root) = 32),
    note bytea not null,
    primary key (ledger, size)
);

create table document(
    ledger bigint not null,
    digest bytea not null check (octet_length(digest) = 32),
    media text not null,
    bytes bytea not null,
    primary key (ledger, digest)
);

-- Primary data: may be changed or erased.

create table sealed(
    ledger bigint not null,
    seq bigint not null,
    grp smallint not null,
    nonce bytea not null check (octet_length(nonce) = 12),
    ciphertext bytea not null,
    primary key (ledger, seq, grp)
);

create table suppression(
    ledger bigint not null,
    id bytea not null check (octet_length(id) = 16),
    tag bytea not null check (octet_length(tag) = 32),
    chain smallint not null check (chain >= 1),
    salt bytea not null check (octet_length(salt) = 32),
    channels integer not null,
    purposes text,
    seq bigint,
    since bigint not null,
    said_by smallint not null,
    kind smallint not null,
    snapshot bigint,
    lifted_seq bigint,
    primary key (ledger, id)
);

create index suppression_tag on suppression(ledger, tag);
create index suppression_seq on suppression(ledger, seq) where seq is not null;

create table subject_lookup(
    ledger bigint not null,
    tag bytea not null check (octet_length(tag) = 32),
    sid bytea not null check (octet_length(sid) = 16),
    point bytea not null check (octet_length(point) = 16),
    primary key (ledger, tag)
);

create index subject_lookup_sid on subject_lookup(ledger, sid);

create table idempotency(
    ledger bigint not null,
    client text not null,
    client_key text not null,
    fingerprint bytea not null check (octet_length(fingerprint) = 32),
    response bytea not null,
    at bigint not null,
    primary key (ledger, client, client_key)
);

create index idempotency_at on idempotency(ledger, at);

create table import_batch(
    ledger bigint not null,
    batch bytea not null check (octet_length(batch) = 16),
    done bigint not null check (done >= 0),
    state smallint not null,
    facts bytea not null,
    primary key (ledger, batch)
);

-- Projections: can be made anew from the records.

create table ledger_tile(
    ledger bigint not null,
    level integer not null check (level >= 0),
    n bigint not null check (n >= 0),
    bytes bytea not null check (octet_length(bytes) = 8192),
    primary key (ledger, level, n)
);

create table subject(
    ledger bigint not null,
    sid bytea not null check (octet_length(sid) = 16),
    merged_into bytea check (octet_length(merged_into) = 16),
    status smallint not null,
    residence text,
    source text,
    batch bytea check (octet_length(batch) = 16),
    first_at bigint not null,
    last_at bigint not null,
    primary key (ledger, sid)
);

create index subject_merged_into on subject(ledger, merged_into) where merged_into is not null;
create index subject_batch on subject(ledger, batch) where batch is not null;

create table subject_record(
    ledger bigint not null,
    sid bytea not null check (octet_length(sid) = 16),
    seq bigint not null,
    primary key (ledger, sid, seq)
);

create table consent_state(
    ledger bigint not null,
    sid bytea not null check (octet_length(sid) = 16),
    point bytea not null check (octet_length(point) = 16),
    channel smallint not null,
    purpose text collate "C" not null,
    state smallint not null,
    seq bigint not null,
    at bigint not null,
    until_at bigint,
    primary key (ledger, sid, point, channel, purpose)
);

-- What is refused whoever asks. These guard against mistakes; checkpoints held elsewhere guard against people.

create function ringfence_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = 'RF001';
end $$;

create function ringfence_head_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if new.size >= old.size and new.ledger = old.ledger then
            return new;
        end if;
        raise exception 'ledger_head does not shrink' using errcode = 'RF001';
    end if;
    raise exception 'ledger_head is kept' using errcode = 'RF001';
end $$;

-- Tiles may go while they are made anew: in the one transaction that says of which ledger.
create function ringfence_tile_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if current_setting('ringfence.tiles_made_anew', true) = old.ledger::text then
            return old;
        end if;
    end if;
    raise exception 'ledger_tile is append-only' using errcode = 'RF001';
end $$;

create function ringfence_suppression_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.lifted_seq is not null then
            return old;
        end if;
    end if;
    raise exception 'a suppression that stands is kept' using errcode = 'RF001';
end $$;

create trigger ledger_no_update before update on ledger for each row execute function ringfence_append_only();
create trigger ledger_no_delete before delete on ledger for each row execute function ringfence_append_only();
create trigger ledger_no_truncate before truncate on ledger for each statement execute function ringfence_append_only();
create trigger ledger_record_no_update before update on ledger_record for each row execute function ringfence_append_only();
create trigger ledger_record_no_delete before delete on ledger_record for each row execute function ringfence_append_only();
create trigger ledger_record_no_truncate before truncate on ledger_record for each statement execute function ringfence_append_only();
create trigger checkpoint_no_update before update on checkpoint for each row execute function ringfence_append_only();
create trigger checkpoint_no_delete before delete on checkpoint for each row execute function ringfence_append_only();
create trigger checkpoint_no_truncate before truncate on checkpoint for each statement execute function ringfence_append_only();
create trigger document_no_update before update on document for each row execute function ringfence_append_only();
create trigger document_no_delete before delete on document for each row execute function ringfence_append_only();
create trigger document_no_truncate before truncate on document for each statement execute function ringfence_append_only();
create trigger ledger_head_no_delete before delete on ledger_head for each row execute function ringfence_head_kept();
create trigger ledger_head_no_truncate before truncate on ledger_head for each statement execute function ringfence_head_kept();
create trigger ledger_head_no_shrinking before update on ledger_head for each row execute function ringfence_head_kept();
create trigger ledger_tile_no_update before update on ledger_tile for each row execute function ringfence_tile_kept();
create trigger ledger_tile_no_delete before delete on ledger_tile for each row execute function ringfence_tile_kept();
create trigger ledger_tile_no_truncate before truncate on ledger_tile for each statement execute function ringfence_tile_kept();
create trigger suppression_kept before delete on suppression for each row execute function ringfence_suppression_kept();
create trigger suppression_no_truncate before truncate on suppression for each statement execute function ringfence_suppression_kept();
