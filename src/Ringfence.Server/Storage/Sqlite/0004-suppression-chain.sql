-- Through how many keys the tags of suppressions went: the most and the least are asked for often.

create index suppression_chain on suppression(ledger, chain);
