-- How many answered a form in which of its layouts, and what they said on the whole; nothing of anybody stands in it.

create table form_count(
    ledger integer not null,
    form blob not null check (length(form) = 32),
    layout text not null,
    answer text not null check (answer in ('yes', 'no', 'nothing')),
    taken integer not null,
    primary key (ledger, form, layout, answer)
) strict, without rowid;
