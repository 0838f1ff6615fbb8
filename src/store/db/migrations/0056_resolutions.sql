-- works with: 0028
-- How what customers asked ended, one row a matter. Older code neither writes nor reads it: what it worked on is decided
-- when a conversation is next marked, or by `deskhand resolutions recompute`.
create table resolution (
  conversation_id text not null,
  -- 0 for the first matter of a conversation.
  place integer not null default 0,
  kind text check (kind in ('confirmed', 'durable', 'assumed', 'handed_off', 'abandoned')),
  reason text not null default '',
  started_at timestamptz,
  ended_at timestamptz,
  -- When it counts as solved for feedback, people's answers included.
  solved_at timestamptz,
  -- When it was quiet for the policy's days, if nothing more comes.
  quiet_at timestamptz,
  continued_in text,
  cost_usd double precision not null default 0,
  unpriced integer not null default 0,
  human_minutes double precision,
  -- Of the row with place 0: when the conversation is decided next; null while time alone changes nothing.
  due_at timestamptz,
  -- Of the row with place 0: something was written since it was last decided, so other conversations may differ too.
  changed boolean not null default false,
  primary key (conversation_id, place)
);
create index resolution_due on resolution (due_at) where due_at is not null;
create index resolution_ended on resolution (ended_at) where kind is not null;
create index case_member_customer on case_member (customer_id);

-- From the claim of a card to its decision, a teammate worked on it.
alter table approval add column claimed_at timestamptz;

-- What a person decided about a candidate.
alter table candidate_case add column decision text;
alter table candidate_case add column decided_by text;
alter table candidate_case add column decided_at timestamptz;

insert into resolution (conversation_id, due_at, changed) select id, now(), true from conversation;
