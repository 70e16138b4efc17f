-- How many answered a form in which of its layouts, and what they said on the whole; nothing of anybody stands in it.

create table form_count(
    ledger bigint not null,
    form bytea not null check (octet_length(form) = 32),
    layout text collate "C" not null,
    answer text collate "C" not null check (answer in ('yes', 'no', 'nothing')),
    taken bigint not null,
    primary key (ledger, form, layout, answer)
);
