-- Coming back from the past: who was at work when, and what was looked up before anything is tried.
create table heartbeat (
  worker text primary key,
  -- By the clock business times come from.
  at timestamptz not null,
  -- By the database's clock: whether that process lives is compared with nothing else.
  seen_at timestamptz not null,
  stopped boolean not null default false
);

-- Ids of conversations are made from their names with this, so that a restored database gives the same ones again.
insert into setting (name, value)
values ('naming', to_jsonb(gen_random_uuid()::text || gen_random_uuid()::text));

alter table effect
  -- When its target said last that it had not happened; asked before the first try after a return.
  add column looked_up_at timestamptz;
