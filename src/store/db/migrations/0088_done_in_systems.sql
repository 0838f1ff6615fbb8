-- works with: 0078
-- What systems of one's own have done: beside the refunds of the shop, a card is compared with what they gave back in 90 days.
create index if not exists effect_in_system on effect (finished_at) where target = 'system' and state = 'done';
