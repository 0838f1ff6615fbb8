-- works with: 0023
-- A card with a refund is compared with those of the last 90 days, and says how many its customer had; without an index
-- each such card would read the whole ledger.
create index effect_refunded on effect (finished_at) where operation = 'refund' and state = 'done';
