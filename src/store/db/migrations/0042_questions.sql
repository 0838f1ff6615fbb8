-- works with: 0028
-- How often the bot has asked back since its last answer in a conversation; `clarified` says that its last turn did.
-- Older code neither counts nor resets it: newer code takes a conversation whose last turn asked back for one question
-- at least, and none where it did not.
alter table conversation add column questions bigint not null default 0;
