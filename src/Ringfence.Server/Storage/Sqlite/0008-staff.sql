-- Who the staff are, and what they are in the middle of. None of it is of one ledger: somebody may work for several controllers.
-- Names, addresses and secrets are sealed; whoever steals the file finds no word of them.

create table staff_account(
    id text not null primary key,
    mail blob not null unique check (length(mail) = 32),
    person blob not null,
    language text,
    status integer not null check (status in (0, 1, 2)),
    password text,
    totp blob,
    totp_step integer,
    letter_keys integer not null check (letter_keys in (0, 1)),
    outside blob unique check (length(outside) = 32),
    created integer not null
) strict, without rowid;

-- For a controller by its word; * stands for all of them, and for the installation.
create table staff_role(
    account text not null references staff_account(id),
    controller text not null,
    role text not null,
    primary key (account, controller, role)
) strict, without rowid;

create table staff_passkey(
    id blob not null primary key,
    account text not null references staff_account(id),
    name text not null,
    public_key blob not null,
    sign_count integer not null,
    transports text not null,
    backup integer not null check (backup in (0, 1, 2)),
    created integer not null
) strict, without rowid;

create index staff_passkey_account on staff_passkey(account);

-- Each opens once in place of a second factor, and is gone then.
create table staff_recovery(
    account text not null references staff_account(id),
    hash blob not null check (length(hash) = 32),
    primary key (account, hash)
) strict, without rowid;

-- Who is signed in. What a browser holds is not here, only its hash.
create table staff_session(
    hash blob not null primary key check (length(hash) = 32),
    account text not null references staff_account(id),
    created integer not null,
    seen integer not null,
    stepped_up integer not null,
    way text not null,
    device text not null
) strict, without rowid;

create index staff_session_account on staff_session(account);

-- What is begun and not ended: a second factor is waited for, a passkey is asked for, somebody went to sign in elsewhere.
create table staff_challenge(
    hash blob not null primary key check (length(hash) = 32),
    kind text not null,
    account text references staff_account(id),
    state blob not null,
    tries integer not null,
    ends integer not null
) strict, without rowid;

-- Links that open once: invitations, and ways back in.
create table staff_link(
    hash blob not null primary key check (length(hash) = 32),
    kind text not null,
    account text not null references staff_account(id),
    ends integer not null
) strict, without rowid;

create index staff_link_account on staff_link(account);

-- One row, once: whether the first account was made.
create table staff_setup(
    one integer not null primary key check (one = 1),
    hash blob check (length(hash) = 32),
    claimed integer,
    done integer
) strict;

create trigger staff_setup_once before update on staff_setup when old.done is not null begin select raise(abort, 'set-up is done once'); end;
create trigger staff_setup_kept before delete on staff_setup begin select raise(abort, 'set-up is done once'); end;

create table staff_view(
    account text not null references staff_account(id),
    controller text not null,
    room text not null,
    name text not null,
    query text not null,
    primary key (account, controller, room, name)
) strict, without rowid;

-- What takes two: asked by one, answered by another.
create table approval(
    ledger integer not null,
    id blob not null check (length(id) = 16),
    kind text not null,
    what blob not null,
    asked_by text not null,
    asked integer not null,
    answered_by text,
    answered integer,
    agreed integer check (agreed in (0, 1)),
    primary key (ledger, id),
    check ((answered is null) = (answered_by is null)),
    check ((answered is null) = (agreed is null)),
    check (answered_by is null or agreed = 0 or answered_by <> asked_by)
) strict, without rowid;
