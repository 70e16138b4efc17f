-- Other systems that are told of what happens: who they are, by the records; and what they are still to be told, which follows the records.

create table webhook(
    ledger bigint not null,
    id text collate "C" not null,
    name text not null,
    url text not null,
    events text not null,
    deadline bigint,
    secret bytea not null,
    hash bytea not null check (octet_length(hash) = 32),
    secret_before bytea,
    hash_before bytea check (octet_length(hash_before) = 32),
    before_until bigint,
    off smallint not null check (off in (0, 1)),
    seq bigint not null,
    changed_seq bigint not null,
    removed_seq bigint,
    primary key (ledger, id)
);

-- Up to which record was looked at.
create table webhook_feed(
    ledger bigint not null,
    seq bigint not null,
    primary key (ledger)
);

create table webhook_delivery(
    ledger bigint not null,
    webhook text collate "C" not null,
    seq bigint not null,
    id bytea not null check (octet_length(id) = 16),
    contact bytea check (octet_length(contact) = 16),
    at bigint not null,
    deadline bigint,
    next_at bigint,
    attempts integer not null,
    lease bytea check (octet_length(lease) = 16),
    status smallint,
    fault text,
    delivered bigint,
    confirmed bigint,
    confirmed_by text,
    primary key (ledger, webhook, seq),
    check ((delivered is null) = (next_at is not null)),
    check ((delivered is null) = (contact is not null))
);

create unique index webhook_delivery_id on webhook_delivery(ledger, id);
create index webhook_delivery_due on webhook_delivery(ledger, webhook, next_at, seq) where delivered is null;
create index webhook_delivery_contact on webhook_delivery(ledger, webhook, contact, seq) where delivered is null;
create index webhook_delivery_unconfirmed on webhook_delivery(ledger, deadline) where confirmed is null and deadline is not null;
