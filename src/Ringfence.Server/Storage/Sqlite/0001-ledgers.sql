-- Everything kept per ledger. The ledger comes first in every key. Times are microseconds since 1970 in UTC.

create table ledger(
    ledger integer not null primary key,
    controller text not null,
    origin text not null unique,
    lane integer not null check (lane >= 0 and lane < lanes),
    lanes integer not null,
    epoch integer not null check (epoch >= 1),
    unique (controller, lane, epoch)
) strict;

create table ledger_head(
    ledger integer not null primary key references ledger(ledger),
    size integer not null check (size >= 0),
    last_at integer not null,
    frontier blob not null check (length(frontier) % 32 = 0)
) strict;

-- Primary data: append-only.

create table ledger_record(
    ledger integer not null,
    seq integer not null check (seq >= 0),
    leaf blob not null check (length(leaf) = 32),
    body blob not null check (length(body) between 1 and 8192),
    primary key (ledger, seq)
) strict, without rowid;

create table checkpoint(
    ledger integer not null,
    size integer not null check (size >= 0),
    root blob not null check (length(root) = 32),
    note blob not null,
    primary key (ledger, size)
) strict, without rowid;

create table document(
    ledger integer not null,
    digest blob not null check (length(digest) = 32),
    media text not null,
    bytes blob not null,
    primary key (ledger, digest)
) strict;

-- Primary data: may be changed or erased.

create table sealed(
    ledger integer not null,
    seq integer not null,
    grp integer not null,
    nonce blob not null check (length(nonce) = 12),
    ciphertext blob not null,
    primary key (ledger, seq, grp)
) strict, without rowid;

create table suppression(
    ledger integer not null,
    id blob not null check (length(id) = 16),
    tag blob not null check (length(tag) = 32),
    chain integer not null check (chain >= 1),
    salt blob not null check (length(salt) = 32),
    channels integer not null,
    purposes text,
    seq integer,
    since integer not null,
    said_by integer not null,
    kind integer not null,
    snapshot integer,
    lifted_seq integer,
    primary key (ledger, id)
) strict, without rowid;

create index suppression_tag on suppression(ledger, tag);
create index suppression_seq on suppression(ledger, seq) where seq is not null;

create table subject_lookup(
    ledger integer not null,
    tag blob not null check (length(tag) = 32),
    sid blob not null check (length(sid) = 16),
    point blob not null check (length(point) = 16),
    primary key (ledger, tag)
) strict, without rowid;

create index subject_lookup_sid on subject_lookup(ledger, sid);

create table idempotency(
    ledger integer not null,
    client text not null,
    client_key text not null,
    fingerprint blob not null check (length(fingerprint) = 32),
    response blob not null,
    at integer not null,
    primary key (ledger, client, client_key)
) strict, without rowid;

create index idempotency_at on idempotency(ledger, at);

create table import_batch(
    ledger integer not null,
    batch blob not null check (length(batch) = 16),
    done integer not null check (done >= 0),
    state integer not null,
    facts blob not null,
    primary key (ledger, batch)
) strict, without rowid;

-- Projections: can be made anew from the records.

create table ledger_tile(
    ledger integer not null,
    level integer not null check (level >= 0),
    n integer not null check (n >= 0),
    bytes blob not null check (length(bytes) = 8192),
    primary key (ledger, level, n)
) strict;

create table subject(
    ledger integer not null,
    sid blob not null check (length(sid) = 16),
    merged_into blob check (length(merged_into) = 16),
    status integer not null,
    residence text,
    source text,
    batch blob check (length(batch) = 16),
    first_at integer not null,
    last_at integer not null,
    primary key (ledger, sid)
) strict, without rowid;

create index subject_merged_into on subject(ledger, merged_into) where merged_into is not null;
create index subject_batch on subject(ledger, batch) where batch is not null;

create table subject_record(
    ledger integer not null,
    sid blob not null check (length(sid) = 16),
    seq integer not null,
    primary key (ledger, sid, seq)
) strict, without rowid;

create table consent_state(
    ledger integer not null,
    sid blob not null check (length(sid) = 16),
    point blob not null check (length(point) = 16),
    channel integer not null,
    purpose text not null,
    state integer not null,
    seq integer not null,
    at integer not null,
    until_at integer,
    primary key (ledger, sid, point, channel, purpose)
) strict, without rowid;

-- Ledgers whose tiles are being made anew: a row stands here inside that one transaction only.
create table tile_rebuild(ledger integer not null primary key) strict;

-- What is refused whoever asks. These guard against mistakes; checkpoints held elsewhere guard against people.

create trigger ledger_no_update before update on ledger begin select raise(abort, 'ledger is append-only'); end;
create trigger ledger_no_delete before delete on ledger begin select raise(abort, 'ledger is append-only'); end;
create trigger ledger_head_no_delete before delete on ledger_head begin select raise(abort, 'ledger_head is kept'); end;
create trigger ledger_head_no_shrinking before update on ledger_head when new.size < old.size or new.ledger <> old.ledger
    begin select raise(abort, 'ledger_head does not shrink'); end;
create trigger ledger_record_no_update before update on ledger_record begin select raise(abort, 'ledger_record is append-only'); end;
create trigger ledger_record_no_delete before delete on ledger_record begin select raise(abort, 'ledger_record is append-only'); end;
create trigger checkpoint_no_update before update on checkpoint begin select raise(abort, 'checkpoint is append-only'); end;
create trigger checkpoint_no_delete before delete on checkpoint begin select raise(abort, 'checkpoint is append-only'); end;
create trigger document_no_update before update on document begin select raise(abort, 'document is append-only'); end;
create trigger document_no_delete before delete on document begin select raise(abort, 'document is append-only'); end;
create trigger ledger_tile_no_update before update on ledger_tile begin select raise(abort, 'ledger_tile is append-only'); end;
create trigger ledger_tile_no_delete before delete on ledger_tile when not exists (select 1 from tile_rebuild where ledger = old.ledger)
    begin select raise(abort, 'ledger_tile is append-only'); end;
create trigger suppression_kept before delete on suppression when old.lifted_seq is null
    begin select raise(abort, 'a suppression that stands is kept'); end;
