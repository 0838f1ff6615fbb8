-- works with: 0023
-- When whom the figures are told: each time is a row, which is also the ledger of that telling. Nothing of what is told
-- stands here.
create table digest (
  key text primary key,
  kind text not null check (kind in ('day', 'week')),
  -- A lead as the policy names them; empty for the post of the week.
  person text not null default '',
  -- The day it is told on, in the policy's zone.
  day text not null,
  due_at timestamptz not null,
  state text not null default 'planned'
    check (state in ('planned', 'executing', 'done', 'unknown', 'failed', 'missed')),
  -- Whoever tells it has until then; found executing later, the desk is asked whether it stands there.
  claimed_until timestamptz,
  attempts integer not null default 0,
  ref text,
  finished_at timestamptz
);
create index digest_open on digest (due_at) where state in ('planned', 'executing');

-- What became of a card. Older code does not write them, so its cards are missing from the figures of its last days.
alter table approval add column decided_at timestamptz;
alter table approval add column edited boolean not null default false;
