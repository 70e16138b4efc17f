-- Other systems that are told of what happens: who they are, by the records; and what they are still to be told, which follows the records.

create table webhook(
    ledger integer not null,
    id text not null,
    name text not null,
    url text not null,
    events text not null,
    deadline integer,
    secret blob not null,
    hash blob not null check (length(hash) = 32),
    secret_before blob,
    hash_before blob check (length(hash_before) = 32),
    before_until integer,
    off integer not null check (off in (0, 1)),
    seq integer not null,
    changed_seq integer not null,
    removed_seq integer,
    primary key (ledger, id)
) strict, without rowid;

-- Up to which record was looked at.
create table webhook_feed(
    ledger integer not null,
    seq integer not null,
    primary key (ledger)
) strict, without rowid;

create table webhook_delivery(
    ledger integer not null,
    webhook text not null,
    seq integer not null,
    id blob not null check (length(id) = 16),
    contact blob check (length(contact) = 16),
    at integer not null,
    deadline integer,
    next_at integer,
    attempts integer not null,
    lease blob check (length(lease) = 16),
    status integer,
    fault text,
    delivered integer,
    confirmed integer,
    confirmed_by text,
    primary key (ledger, webhook, seq),
    check ((delivered is null) = (next_at is not null)),
    check ((delivered is null) = (contact is not null))
) strict, without rowid;

create unique index webhook_delivery_id on webhook_delivery(ledger, id);
create index webhook_delivery_due on webhook_delivery(ledger, webhook, next_at, seq) where delivered is null;
create index webhook_delivery_contact on webhook_delivery(ledger, webhook, contact, seq) where delivered is null;
create index webhook_delivery_unconfirmed on webhook_delivery(ledger, deadline) where confirmed is null and deadline is not null;
