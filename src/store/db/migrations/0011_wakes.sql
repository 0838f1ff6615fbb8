-- What a wake leaves behind, so that lost rings are found without piling up new ones, and so that work which ends the
-- process every time is not begun for ever.
alter table conversation
  -- When the bell was last rung for it with nobody having come since; null once somebody took the lease.
  add column rung_at timestamptz,
  -- Wakes in a row that took the lease and never gave it back, counted in the commit that takes it.
  add column unfinished_wakes integer not null default 0,
  -- Wakes in a row that ended with an error nobody expected.
  add column failed_wakes integer not null default 0,
  -- After such an error nobody works on it before this moment.
  add column hold_until timestamptz;
create index conversation_due on conversation (wake_at) where wake_at is not null;

-- Work that only one process does at a time, and who has it until when, by the database's clock.
create table duty (
  name text primary key,
  holder text not null,
  until timestamptz not null
);

-- How many wakes there were, by whose ring it was and what it came to.
create table wake_count (
  kind text primary key,
  count bigint not null
);

-- What was given up and waits for a person: hints, effects and messages by their ids and keys.
create table dead_letter (
  id text primary key,
  conversation_id text not null references conversation (id),
  kind text not null,
  reason text not null,
  hints jsonb not null,
  effects jsonb not null,
  messages jsonb not null,
  at timestamptz not null,
  redriven_at timestamptz
);
create index dead_letter_waiting on dead_letter (at) where redriven_at is null;
