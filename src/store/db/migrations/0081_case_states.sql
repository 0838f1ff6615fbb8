-- works with: 0078
-- By which address the teammate who has a case is known, and until when it sleeps.
alter table conversation add column if not exists owner_voter text;
alter table conversation add column if not exists snoozed_until timestamptz;
create index if not exists conversation_held on conversation (owner_voter, handed_over_at) where owner_voter is not null;
create index if not exists conversation_snoozed on conversation (snoozed_until) where snoozed_until is not null;
-- The ended ones, newest first.
create index if not exists conversation_solved on conversation (solved_at, id) where solved_at is not null;
