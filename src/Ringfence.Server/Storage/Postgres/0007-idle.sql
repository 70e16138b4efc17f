-- Which records about a person tell nothing of whether they may be contacted: permits, decisions and looks, of which one person may have thousands. Whoever sums a person up leaves them unread.

alter table subject_record add column idle smallint not null default 0 check (idle in (0, 1));
alter table subject_record alter column idle drop default;

-- Ledger by ledger, so that where they are spread each machine marks its own.
do $do$
declare
    one bigint;
begin
    for one in select ledger from ledger loop
        execute $sql$
            update subject_record s set idle = 1 from ledger_record r
            where s.ledger = $1 and r.ledger = $1 and r.seq = s.seq and convert_from(r.body, 'UTF8')::json ->> 'type' in (
                'contact.outcome', 'decision.allowed', 'decision.denied', 'permit.issued', 'permit.redeemed', 'permit.revoked', 'staff.export', 'staff.revealed')
            $sql$ using one;
    end loop;
end
$do$;
