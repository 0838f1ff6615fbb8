-- Proposals that wait for people, the ledger of effects, limits and the audit.
create table approval (
  id text primary key,
  conversation_id text not null references conversation (id),
  turn_id text not null,
  kind text not null check (kind in ('proposal', 'blocked', 'notice')),
  version integer not null default 1,
  state text not null default 'pending' check (state in ('pending', 'approved', 'rejected', 'expired', 'void')),
  proposal jsonb,
  seal text not null,
  revision text not null,
  rules jsonb not null,
  needs jsonb not null,
  votes jsonb not null default '[]',
  expires_at timestamptz not null,
  undo_until timestamptz,
  card jsonb not null,
  closing text not null default '',
  -- Where the card stands on the desk, and whether what stands there is out of date.
  desk_ref text,
  card_stale boolean not null default true,
  post_attempts integer not null default 0,
  post_after timestamptz,
  -- Whoever is bringing the card to the desk right now has it until then.
  claimed_until timestamptz,
  answers jsonb not null default '[]',
  created_at timestamptz not null,
  updated_at timestamptz not null
);
-- Two live cards for one conversation cannot exist.
create unique index approval_one_live on approval (conversation_id) where state = 'pending';
create index approval_stale on approval (id) where card_stale;
create index approval_due on approval (expires_at) where state = 'pending';

create table effect (
  key text primary key,
  conversation_id text not null references conversation (id),
  approval_id text,
  turn_id text,
  -- Actions decided together run in this order and stop at the first that is not done.
  bundle text not null,
  position integer not null,
  target text not null,
  operation text not null,
  action jsonb,
  request_digest text not null,
  facts jsonb not null,
  revision text,
  approved_by text not null check (approved_by in ('policy', 'person', 'teammate')),
  state text not null check (state in ('intended', 'executing', 'done', 'unknown', 'failed', 'withdrawn')),
  ref text,
  error text,
  fence bigint not null default 0,
  attempts integer not null default 0,
  not_before timestamptz not null,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index effect_open on effect (conversation_id) where state in ('intended', 'executing');
create index effect_bundle on effect (bundle, position);

create table reservation (
  effect_key text not null,
  limit_name text not null,
  subject text not null,
  minor bigint not null,
  at timestamptz not null,
  primary key (effect_key, limit_name)
);
create index reservation_limit on reservation (limit_name, subject, at);

create table desk_decision (
  id text primary key,
  approval_id text not null,
  answer jsonb not null,
  at timestamptz not null
);

create table audit (
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  data jsonb not null,
  previous text not null,
  hash text not null
);

create table setting (
  name text primary key,
  value jsonb not null
);

create table position (
  name text primary key,
  value text not null
);

-- What chat visitors read; the channel has no server of its own that would keep it.
create table transcript (
  key text primary key,
  conversation_id text not null,
  text text not null,
  at timestamptz not null
);
create index transcript_conversation on transcript (conversation_id, at);

create table candidate_case (
  conversation_id text primary key references conversation (id),
  reason text not null,
  at timestamptz not null
);
