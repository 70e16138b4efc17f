-- Which records about a person tell nothing of whether they may be contacted: permits, decisions and looks, of which one person may have thousands. Whoever sums a person up leaves them unread.

alter table subject_record add column idle integer not null default 0 check (idle in (0, 1));

update subject_record set idle = 1 where exists (
    select 1 from ledger_record r where r.ledger = subject_record.ledger and r.seq = subject_record.seq and json_extract(cast(r.body as text), '$.type') in (
        'contact.outcome', 'decision.allowed', 'decision.denied', 'permit.issued', 'permit.redeemed', 'permit.revoked', 'staff.export', 'staff.revealed'));
