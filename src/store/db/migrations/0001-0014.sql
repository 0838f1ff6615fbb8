-- Migrations of releases up to 0.3.0, each below its name. They ran on databases as they stand here: no character of one is changed.
-- migration: 0001_mailbox.sql
-- Conversations, their mailbox and what was decided about each message.
create table conversation (
  id text primary key,
  channel text not null,
  external_id text not null default '',
  subject text not null default '',
  brand text not null default '',
  owner text not null default 'bot' check (owner in ('bot', 'human')),
  owner_reason text not null default '',
  -- Digest of owner and public messages that are not ours; what an approval was given for.
  revision text not null default '',
  -- The conversation people work in after a hand-over, or the origin of one.
  linked_id text references conversation (id),
  clarified boolean not null default false,
  solved_at timestamptz,
  rating text,
  -- One turn at a time: a lease by the database's clock, with a token that grows with each holder.
  lease_owner text,
  lease_until timestamptz,
  fence bigint not null default 0,
  -- Not before this business time: a burst gathering, or a retry while a part is down.
  wake_at timestamptz,
  retry_since timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index conversation_linked on conversation (linked_id) where linked_id is not null;

create table conversation_key (
  key text primary key,
  conversation_id text not null references conversation (id)
);

create table hint (
  id bigint generated always as identity primary key,
  channel text not null,
  event_id text not null,
  conversation_id text not null references conversation (id),
  kind text not null check (kind in ('message', 'signal')),
  payload jsonb not null,
  body_ref text,
  received_at timestamptz not null,
  state text not null default 'unread' check (state in ('unread', 'read', 'failed')),
  attempts integer not null default 0,
  error text,
  unique (channel, event_id)
);
create index hint_unread on hint (conversation_id, id) where state = 'unread';

create table message (
  id bigint generated always as identity primary key,
  key text not null unique,
  conversation_id text not null references conversation (id),
  author_kind text not null,
  author_id text not null,
  visibility text not null,
  text_digest text not null,
  sent_at timestamptz not null,
  received_at timestamptz not null,
  -- Set exactly once: how this message ended. Only messages of requesters get one.
  outcome text,
  outcome_reason text,
  outcome_at timestamptz,
  turn_id text
);
create index message_conversation on message (conversation_id, id);
create index message_open on message (conversation_id) where outcome is null and author_kind = 'requester';

-- Personal text, apart from the ids so that it can be erased.
create table message_content (
  message_id bigint primary key references message (id),
  content jsonb not null
);

create table signal (
  key text primary key,
  conversation_id text not null references conversation (id),
  payload jsonb not null,
  at timestamptz not null
);

create table turn (
  id text primary key,
  conversation_id text not null references conversation (id),
  started_at timestamptz not null,
  outcome text not null,
  trace jsonb not null
);
create index turn_conversation on turn (conversation_id, started_at);
-- migration: 0002_decisions.sql
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
-- migration: 0003_console.sql
-- Who may open the console: one-time codes from a link, and the sessions they were exchanged for.
create table console_pass (
  -- SHA-256 of the code or of the session's cookie: a copy of the database opens nothing.
  hash text primary key,
  kind text not null check (kind in ('code', 'session')),
  email text not null,
  name text not null,
  expires_at timestamptz not null
);
create index console_pass_expiry on console_pass (expires_at);
-- migration: 0004_knowledge.sql
-- Help pages and the passages answers cite. Embeddings are bytes, so that no extension is needed.
create table help_page (
  slug text primary key,
  title text not null,
  url text not null,
  updated date not null,
  -- Of everything the passages are made from; the same means there is nothing to do.
  hash text not null
);

create table help_passage (
  id text primary key,
  slug text not null references help_page (slug) on delete cascade,
  position integer not null,
  title text not null,
  url text not null,
  heading text not null,
  body text not null,
  words tsvector not null generated always as (
    setweight(to_tsvector('english', title || '. ' || heading), 'C') ||
    to_tsvector('english', body)
  ) stored,
  -- 512 numbers of 4 bytes, little endian; null until they are computed.
  embedding bytea
);
create index help_passage_slug on help_passage (slug);
create index help_passage_words on help_passage using gin (words);
-- migration: 0005_audit_head.sql
-- The end of the audit's chain, kept apart from it: without it the newest entries could be deleted unnoticed.
insert into setting (name, value)
select 'audit.head', to_jsonb(hash) from audit order by seq desc limit 1;
-- migration: 0006_policy_changes.sql
-- The policy in force is a row, so that a file somebody edited changes nothing before the right people have said yes.
create table policy_change (
  id text primary key,
  -- The sandbox's own file and an operator's have histories apart, so that a look at the sandbox changes neither.
  source text not null check (source in ('built-in', 'file')),
  version text not null,
  -- The whole file as it was read.
  text text not null,
  state text not null check (state in ('proposed', 'active', 'rejected', 'expired', 'superseded')),
  relaxations jsonb not null,
  differences jsonb not null,
  needs jsonb not null,
  votes jsonb not null default '[]',
  proposed_at timestamptz not null,
  active_since timestamptz,
  expires_at timestamptz not null,
  closing text not null default '',
  -- Counts every change of this row; the card on the desk is out of date while it shows another number.
  revision integer not null default 1,
  shown_revision integer,
  desk_ref text,
  post_attempts integer not null default 0,
  post_after timestamptz,
  claimed_until timestamptz
);
create unique index policy_change_one_active on policy_change (source) where state = 'active';
create unique index policy_change_one_proposed on policy_change (source) where state = 'proposed';
create index policy_change_newest on policy_change (source, proposed_at);
-- migration: 0007_reminders.sql
-- What the calendar drives: reminders that come once, what customers are told while nobody is there, and looking up
-- the fate of an effect less and less often while its target stays away.
alter table approval
  -- Since when it waits in this form: a new version with a time of its own is a new thing to decide.
  add column asked_at timestamptz,
  -- When those on duty are reminded; null until the clockwork has asked the calendar.
  add column remind_at timestamptz,
  add column reminded_at timestamptz;
update approval set asked_at = created_at;
alter table approval alter column asked_at set not null;
create index approval_remind on approval (remind_at) where state = 'pending' and reminded_at is null;

alter table conversation
  -- Set by a hand-over of ours, cleared when the bot has the conversation back.
  add column handed_over_at timestamptz,
  -- When those on duty are reminded of it; null once they were, or somebody took it.
  add column handover_remind_at timestamptz,
  -- Which closed time the customer was told about last, by the moment a card from it expires.
  add column told_closed timestamptz;
create index conversation_remind on conversation (handover_remind_at) where handover_remind_at is not null;

alter table effect
  -- How often its target could not be asked in a row, and since when.
  add column away_count integer not null default 0,
  add column away_since timestamptz;
-- migration: 0008_challenges.sql
-- One-time codes that were asked for, each for one writer of one conversation. No code stands here, only a keyed digest.
create table challenge (
  id text primary key,
  conversation_id text not null,
  -- Who asked: nobody else in the conversation can enter the code.
  author_id text not null,
  -- Keyed digest of the address that was claimed, to count how often it was asked for.
  address_hash text not null,
  -- Where the code went; null when the shop has no such address, and then no code is ever right.
  email_on_file text,
  code_hash text not null,
  -- open: can be entered · used: was entered · dead: too many tries, or a newer one · limited: asked for too often, never sent
  state text not null check (state in ('open', 'used', 'dead', 'limited')),
  tries integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index challenge_conversation on challenge (conversation_id, created_at);
create index challenge_address on challenge (address_hash, created_at);
create index challenge_age on challenge (created_at);

-- What a message that held a code came to, so that reading it again after a crash comes to the same and costs no try.
create table challenge_try (
  message_key text primary key,
  challenge_id text not null,
  accepted boolean not null,
  at timestamptz not null
);
create index challenge_try_challenge on challenge_try (challenge_id);
-- migration: 0009_person_keys.sql
-- A random key for each person the audit has an entry about. Deleting the row is what erases them from the audit: without
-- the key nothing leads from their pseudonyms to them, while every entry and its hash stay as they are.
create table person_key (
  -- Digest of the person with a secret of the installation, so that this table names nobody.
  person text primary key,
  key text not null
);
-- migration: 0010_turn_spent.sql
-- What a turn used up, beside its trace: the caps of a day are summed before every turn, and unpacking each trace of
-- that day for four numbers takes longer than everything else in that transaction.
alter table turn
  add column steps bigint generated always as ((trace ->> 'steps')::bigint) stored,
  add column output_tokens bigint generated always as ((trace ->> 'output_tokens')::bigint) stored,
  -- Null for a model without a known price.
  add column cost_usd double precision generated always as ((trace ->> 'cost_usd')::double precision) stored,
  add column latency_ms double precision generated always as ((trace ->> 'latency_ms')::double precision) stored;
create index turn_started on turn (started_at) include (steps, output_tokens, cost_usd, latency_ms);

-- The votes of a card are read again right before what it approved begins.
create index audit_vote on audit ((data ->> 'approval')) where kind = 'vote';
-- migration: 0011_wakes.sql
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
-- migration: 0013_return.sql
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
-- migration: 0014_cleared.sql
-- When the personal text of a row was removed; null while it is there. Indexes name what still has some, oldest first,
-- so that looking for what is too old costs nothing when there is nothing.
alter table hint add column cleared_at timestamptz;
create index hint_uncleared on hint (received_at) where cleared_at is null and state <> 'unread';
-- Which file of the blob folder belongs to a row.
create index hint_body on hint (body_ref) where body_ref is not null;

alter table message add column cleared_at timestamptz;
create index message_uncleared on message (received_at) where cleared_at is null;

alter table signal add column cleared_at timestamptz;
create index signal_uncleared on signal (at) where cleared_at is null;

alter table turn add column cleared_at timestamptz;
create index turn_uncleared on turn (started_at) where cleared_at is null;

alter table approval add column cleared_at timestamptz;
create index approval_uncleared on approval (updated_at) where cleared_at is null and state <> 'pending';

alter table effect add column cleared_at timestamptz;
create index effect_uncleared on effect (created_at) where cleared_at is null;

create index transcript_age on transcript (at);
create index desk_decision_age on desk_decision (at);
create index reservation_age on reservation (at);
create index candidate_case_age on candidate_case (at);
