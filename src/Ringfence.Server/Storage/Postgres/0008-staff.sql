-- Who the staff are, and what they are in the middle of. None of it is of one ledger: somebody may work for several controllers.
-- Names, addresses and secrets are sealed; whoever steals the database finds no word of them.

create table staff_account(
    id text collate "C" not null primary key,
    mail bytea not null unique check (octet_length(mail) = 32),
    person bytea not null,
    language text,
    status smallint not null check (status in (0, 1, 2)),
    password text,
    totp bytea,
    totp_step bigint,
    letter_keys smallint not null check (letter_keys in (0, 1)),
    outside bytea unique check (octet_length(outside) = 32),
    created bigint not null
);

-- For a controller by its word; * stands for all of them, and for the installation.
create table staff_role(
    account text collate "C" not null references staff_account(id),
    controller text collate "C" not null,
    role text collate "C" not null,
    primary key (account, controller, role)
);

create table staff_passkey(
    id bytea not null primary key,
    account text collate "C" not null references staff_account(id),
    name text collate "C" not null,
    public_key bytea not null,
    sign_count bigint not null,
    transports text not null,
    backup smallint not null check (backup in (0, 1, 2)),
    created bigint not null
);

create index staff_passkey_account on staff_passkey(account);

-- Each opens once in place of a second factor, and is gone then.
create table staff_recovery(
    account text collate "C" not null references staff_account(id),
    hash bytea not null check (octet_length(hash) = 32),
    primary key (account, hash)
);

-- Who is signed in. What a browser holds is not here, only its hash.
create table staff_session(
    hash bytea not null primary key check (octet_length(hash) = 32),
    account text collate "C" not null references staff_account(id),
    created bigint not null,
    seen bigint not null,
    stepped_up bigint not null,
    way text not null,
    device text not null
);

create index staff_session_account on staff_session(account);

-- What is begun and not ended: a second factor is waited for, a passkey is asked for, somebody went to sign in elsewhere.
create table staff_challenge(
    hash bytea not null primary key check (octet_length(hash) = 32),
    kind text not null,
    account text collate "C" references staff_account(id),
    state bytea not null,
    tries bigint not null,
    ends bigint not null
);

-- Links that open once: invitations, and ways back in.
create table staff_link(
    hash bytea not null primary key check (octet_length(hash) = 32),
    kind text not null,
    account text collate "C" not null references staff_account(id),
    ends bigint not null
);

create index staff_link_account on staff_link(account);

-- One row, once: whether the first account was made.
create table staff_setup(
    one smallint not null primary key check (one = 1),
    hash bytea check (octet_length(hash) = 32),
    claimed bigint,
    done bigint
);

create function ringfence_setup_once() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.done is not null then
        raise exception 'set-up is done once' using errcode = 'RF001';
    end if;
    return new;
end $$;

create trigger staff_setup_once before update or delete on staff_setup for each row execute function ringfence_setup_once();

create table staff_view(
    account text collate "C" not null references staff_account(id),
    controller text collate "C" not null,
    room text collate "C" not null,
    name text collate "C" not null,
    query text not null,
    primary key (account, controller, room, name)
);

-- What takes two: asked by one, answered by another.
create table approval(
    ledger bigint not null,
    id bytea not null check (octet_length(id) = 16),
    kind text not null,
    what bytea not null,
    asked_by text not null,
    asked bigint not null,
    answered_by text,
    answered bigint,
    agreed smallint check (agreed in (0, 1)),
    primary key (ledger, id),
    check ((answered is null) = (answered_by is null)),
    check ((answered is null) = (agreed is null)),
    check (answered_by is null or agreed = 0 or answered_by <> asked_by)
);
