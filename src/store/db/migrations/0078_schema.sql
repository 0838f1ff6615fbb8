-- The tables, whole. Each is created once; a change of one is a file of its own after this one.

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
  updated_at timestamptz not null,
  -- Set by a hand-over of ours, cleared when the bot has the conversation back.
  handed_over_at timestamptz,
  -- When those on duty are reminded of it; null once they were, or somebody took it.
  handover_remind_at timestamptz,
  -- Which closed time the customer was told about last, by the moment a card from it expires.
  closed_notice_until timestamptz,
  -- When the bell was last rung for it with nobody having come since; null once somebody took the lease.
  rung_at timestamptz,
  -- Wakes in a row that took the lease and never gave it back, counted in the commit that takes it.
  unfinished_wakes integer not null default 0,
  -- Wakes in a row that ended with an error nobody expected.
  failed_wakes integer not null default 0,
  -- After such an error nobody works on it before this moment.
  hold_until timestamptz,
  -- Between whom it is where it lives: whose it is now, a digest of customer, brand and readers as last seen, how often
  -- that changed (part of the revision), and why nothing may be written there at present.
  customer text not null default '',
  participants_digest text not null default '',
  participant_changes integer not null default 0,
  barred text,
  -- How a customer was asked for the rating, what they chose on a scale of five, whether a rule solved the conversation,
  -- and why it may not become an eval case.
  rating_source text,
  rating_stars integer,
  solved_by_rule boolean not null default false,
  kept_out text,
  -- How often the bot has asked back since its last answer; `clarified` says that its last turn did.
  questions bigint not null default 0,
  -- Who has it by name, and for which delicate topic people have it.
  owner_holder text,
  owner_delicate text
);
create index conversation_linked on conversation (linked_id) where linked_id is not null;
create index conversation_remind on conversation (handover_remind_at) where handover_remind_at is not null;
create index conversation_due on conversation (wake_at) where wake_at is not null;
-- With people and not solved yet.
create index conversation_with_people on conversation (handed_over_at, id)
  where owner = 'human' and handed_over_at is not null and solved_at is null;
-- By the number a source prints, such as a ticket's.
create index conversation_external on conversation (external_id);

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
  -- When the personal text of a row was removed; null while it is there. Indexes name what still has some, oldest first,
  -- so that looking for what is too old costs nothing when there is nothing.
  cleared_at timestamptz,
  unique (channel, event_id)
);
create index hint_unread on hint (conversation_id, id) where state = 'unread';
create index hint_uncleared on hint (received_at) where cleared_at is null and state <> 'unread';
-- Which file of the blob folder belongs to a row.
create index hint_body on hint (body_ref) where body_ref is not null;
-- What is asked for every open window, several times a minute: where its conversation stands.
create index hint_conversation on hint (conversation_id, id);

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
  turn_id text,
  cleared_at timestamptz,
  -- Why an ignored message was passed over, where something hangs on it.
  passed_over text
);
create index message_conversation on message (conversation_id, id);
create index message_open on message (conversation_id) where outcome is null and author_kind = 'requester';
create index message_uncleared on message (received_at) where cleared_at is null;
-- What is counted for those who operate an installation: messages by the moment they ended, and effects whose end is not
-- known. Without these, each look would read two tables that only grow.
create index message_ended on message (outcome_at) where outcome is not null;
-- Which other conversations an author wrote in is read from the index alone, for every conversation that is decided.
create index message_author on message (author_id, conversation_id) where author_kind = 'requester';

-- Personal text, apart from the ids so that it can be erased.
create table message_content (
  message_id bigint primary key references message (id),
  content jsonb not null
);
-- Words of messages, with sender and subject. Long numbers are left out, so that no card number can be searched for, and
-- the length is bounded, so that no mail is too long for it.
create index message_words on message_content using gin (to_tsvector('simple', regexp_replace(
  coalesce(content -> 'author' ->> 'name', '') || ' ' || coalesce(content -> 'author' ->> 'id', '') || ' '
    || coalesce(content ->> 'subject', '') || ' ' || left(coalesce(content ->> 'text', ''), 20000),
  '[0-9](?:[ -]?[0-9]){11,}', ' ', 'g')));

create table signal (
  key text primary key,
  conversation_id text not null references conversation (id),
  payload jsonb not null,
  at timestamptz not null,
  cleared_at timestamptz
);
create index signal_uncleared on signal (at) where cleared_at is null;
create index signal_conversation on signal (conversation_id, at);

create table turn (
  id text primary key,
  conversation_id text not null references conversation (id),
  started_at timestamptz not null,
  outcome text not null,
  trace jsonb not null,
  -- What a turn used up, beside its trace: the caps of a day are summed before every turn, and unpacking each trace of
  -- that day for four numbers takes longer than everything else in that transaction.
  steps bigint generated always as ((trace ->> 'steps')::bigint) stored,
  output_tokens bigint generated always as ((trace ->> 'output_tokens')::bigint) stored,
  -- Null for a model without a known price.
  cost_usd double precision generated always as ((trace ->> 'cost_usd')::double precision) stored,
  latency_ms double precision generated always as ((trace ->> 'latency_ms')::double precision) stored,
  cleared_at timestamptz
);
create index turn_conversation on turn (conversation_id, started_at);
create index turn_started on turn (started_at) include (steps, output_tokens, cost_usd, latency_ms);
create index turn_uncleared on turn (started_at) where cleared_at is null;

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
  post_locked_until timestamptz,
  answers jsonb not null default '[]',
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- Since when it waits in this form: a new version with a time of its own is a new thing to decide.
  asked_at timestamptz not null,
  -- When those on duty are reminded; null until the clockwork has asked the calendar.
  remind_at timestamptz,
  reminded_at timestamptz,
  cleared_at timestamptz,
  -- Who said that they look at it, and until when that is shown.
  claim jsonb,
  claim_until timestamptz,
  -- What the next draft is asked for with, until that draft stands; and how many were asked for.
  redraft jsonb,
  redraft_count integer not null default 0,
  -- What became of the card.
  decided_at timestamptz,
  edited boolean not null default false,
  -- What a card on the desk says beside its row: that a pause holds it, or that it is tried again. Kept so that a card is
  -- shown anew when that changes, and only then.
  status_line text not null default '',
  -- What teammates think of a draft that is only shown, and what they would have written. It decides nothing.
  opinions jsonb not null default '[]',
  -- From the claim of a card to its decision, a teammate worked on it.
  claimed_at timestamptz
);
-- Two live cards for one conversation cannot exist.
create unique index approval_one_live on approval (conversation_id) where state = 'pending';
create index approval_stale on approval (id) where card_stale;
create index approval_due on approval (expires_at) where state = 'pending';
create index approval_remind on approval (remind_at) where state = 'pending' and reminded_at is null;
create index approval_uncleared on approval (updated_at) where cleared_at is null and state <> 'pending';
create index approval_conversation on approval (conversation_id);
create index approval_claim on approval (claim_until) where claim_until is not null;
create index approval_status_line on approval (id) where status_line <> '';
-- A hand-over by a click can be taken back for some seconds. What is past its time is found by this index.
create index approval_hand_over_undo on approval (undo_until) where state = 'rejected' and undo_until is not null;
-- What waits, oldest first, and what one click can still undo.
create index approval_waiting on approval (asked_at, id) where state = 'pending';
create index approval_undo on approval (undo_until) where undo_until is not null;
-- What was decided, and what was only shown, newest first.
create index approval_decided on approval (updated_at, id)
  where state <> 'pending' and kind <> 'notice' and cleared_at is null;
create index approval_shadow on approval (updated_at, id)
  where kind = 'notice' and closing = '' and cleared_at is null;

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
  finished_at timestamptz,
  -- How often its target could not be asked in a row, and since when.
  away_count integer not null default 0,
  away_since timestamptz,
  -- When its target said last that it had not happened; asked before the first try after a return.
  looked_up_at timestamptz,
  cleared_at timestamptz,
  -- Since when an effect is known to stand still because of a pause. Nothing wakes its conversation for it meanwhile, and
  -- taking the pause back empties this.
  held_at timestamptz
);
create index effect_open on effect (conversation_id) where state in ('intended', 'executing');
create index effect_bundle on effect (bundle, position);
create index effect_uncleared on effect (created_at) where cleared_at is null;
create index effect_conversation on effect (conversation_id);
-- A card with a refund is compared with those of the last 90 days, and says how many its customer had; without an index
-- each such card would read the whole ledger.
create index effect_refunded on effect (finished_at) where operation = 'refund' and state = 'done';
create index effect_order on effect ((action -> 'arguments' ->> 'orderId'))
  where action -> 'arguments' ->> 'orderId' is not null;
-- Changes of an order that are decided and have no known end: few at any moment, and looked for whenever an order is.
create index effect_order_open on effect ((action -> 'arguments' ->> 'orderId'))
  where action -> 'arguments' ->> 'orderId' is not null and state in ('intended', 'executing', 'unknown');
create index effect_unknown on effect (finished_at) where state = 'unknown';

create table reservation (
  effect_key text not null,
  limit_name text not null,
  subject text not null,
  minor bigint not null,
  at timestamptz not null,
  primary key (effect_key, limit_name)
);
create index reservation_limit on reservation (limit_name, subject, at);
create index reservation_age on reservation (at);

create table desk_decision (
  id text primary key,
  approval_id text not null,
  answer jsonb not null,
  at timestamptz not null
);
create index desk_decision_age on desk_decision (at);

create table audit (
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  data jsonb not null,
  previous text not null,
  hash text not null
);
-- The votes of a card are read again right before what it approved begins.
create index audit_vote on audit ((data ->> 'approval')) where kind = 'vote';

create table setting (
  name text primary key,
  value jsonb not null
);
-- Ids of conversations are made from their names with this, so that a restored database gives the same ones again.
insert into setting (name, value)
values ('naming', to_jsonb(gen_random_uuid()::text || gen_random_uuid()::text))
on conflict do nothing;

create table position (
  name text primary key,
  value text not null
);

-- What chat visitors read; the channel has no server of its own that would keep it.
create table transcript (
  key text primary key,
  conversation_id text not null,
  text text not null,
  at timestamptz not null,
  -- The place of a line in its chat, in the order in which lines could first be read, so that a visitor who comes back can
  -- name the last one seen. Lines of versions up to 0.3.0 have none and come first.
  position integer not null default 0
);
create index transcript_conversation on transcript (conversation_id, at);
create index transcript_age on transcript (at);

create table candidate_case (
  conversation_id text primary key references conversation (id),
  reason text not null,
  at timestamptz not null,
  -- Whose words the customer read last: the bot's draft as it was, edited, sent by hand, or a person's own.
  answered_by text,
  -- What a person decided about a candidate.
  decision text,
  decided_by text,
  decided_at timestamptz
);
create index candidate_case_age on candidate_case (at);

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

-- Help pages and the passages answers cite. Embeddings are bytes, so that no extension is needed.
create table help_page (
  slug text primary key,
  title text not null,
  url text not null,
  updated date not null,
  -- Of everything the passages are made from; the same means there is nothing to do.
  hash text not null,
  -- The place its pages come from.
  source text not null default 'file',
  -- A language tag in small letters, such as de or pt-br; empty where it is not known.
  language text not null default '',
  -- Our names of the brands it is about; all of them when empty.
  brands jsonb not null default '[]',
  audience text not null default 'customers' check (audience in ('customers', 'team')),
  -- Counts the times its text or its attributes changed.
  version integer not null default 1,
  -- The first and the last day it holds; always, where they are null.
  valid_from date,
  valid_until date,
  -- Who keeps it right; empty where nobody is named.
  owner text not null default '',
  -- Words customers use for what a page is about, in any language.
  labels jsonb not null default '[]'
);

-- Words of help pages are read by the dictionary of the page's language. A restored backup drops tables alone, so the
-- function may be there.
create or replace function help_dictionary(language text) returns regconfig
  language sql immutable parallel safe
  return case split_part(language, '-', 1)
    when '' then 'english'::regconfig
    when 'ar' then 'arabic'::regconfig
    when 'ca' then 'catalan'::regconfig
    when 'da' then 'danish'::regconfig
    when 'de' then 'german'::regconfig
    when 'el' then 'greek'::regconfig
    when 'en' then 'english'::regconfig
    when 'es' then 'spanish'::regconfig
    when 'eu' then 'basque'::regconfig
    when 'fi' then 'finnish'::regconfig
    when 'fr' then 'french'::regconfig
    when 'ga' then 'irish'::regconfig
    when 'hi' then 'hindi'::regconfig
    when 'hu' then 'hungarian'::regconfig
    when 'hy' then 'armenian'::regconfig
    when 'id' then 'indonesian'::regconfig
    when 'it' then 'italian'::regconfig
    when 'lt' then 'lithuanian'::regconfig
    when 'nb' then 'norwegian'::regconfig
    when 'ne' then 'nepali'::regconfig
    when 'nl' then 'dutch'::regconfig
    when 'nn' then 'norwegian'::regconfig
    when 'no' then 'norwegian'::regconfig
    when 'pt' then 'portuguese'::regconfig
    when 'ro' then 'romanian'::regconfig
    when 'ru' then 'russian'::regconfig
    when 'sr' then 'serbian'::regconfig
    when 'sv' then 'swedish'::regconfig
    when 'ta' then 'tamil'::regconfig
    when 'tr' then 'turkish'::regconfig
    when 'yi' then 'yiddish'::regconfig
    else 'simple'::regconfig
  end;

create table help_passage (
  id text primary key,
  slug text not null references help_page (slug) on delete cascade,
  position integer not null,
  title text not null,
  url text not null,
  heading text not null,
  body text not null,
  -- 512 numbers of 4 bytes, little endian; null until they are computed.
  embedding bytea,
  -- The page's language, as in help_page.
  language text not null default '',
  words tsvector not null generated always as (
    setweight(to_tsvector(help_dictionary(language), title || '. ' || heading), 'C') ||
    to_tsvector(help_dictionary(language), body)
  ) stored,
  -- What computed a passage's embedding: those of different models cannot be compared.
  embedding_model text not null default 'builtin'
);
create index help_passage_slug on help_passage (slug);
create index help_passage_words on help_passage using gin (words);

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
  post_locked_until timestamptz,
  -- The version of the file that a change was made from by Deskhand itself, until the file says the same; null for a change
  -- that people wrote into the file.
  made_from text
);
create unique index policy_change_one_active on policy_change (source) where state = 'active';
create unique index policy_change_one_proposed on policy_change (source) where state = 'proposed';
create index policy_change_newest on policy_change (source, proposed_at);

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
  used_at timestamptz,
  -- Keyed digest of the network a code was asked for from, to count how often it asked; null where a channel does not tell.
  network_hash text
);
create index challenge_conversation on challenge (conversation_id, created_at);
create index challenge_address on challenge (address_hash, created_at);
create index challenge_age on challenge (created_at);
create index challenge_network on challenge (network_hash, created_at);

-- What a message that held a code came to, so that reading it again after a crash comes to the same and costs no try.
create table challenge_try (
  message_key text primary key,
  challenge_id text not null,
  accepted boolean not null,
  at timestamptz not null
);
create index challenge_try_challenge on challenge_try (challenge_id);

-- A random key for each person the audit has an entry about. Deleting the row is what erases them from the audit: without
-- the key nothing leads from their pseudonyms to them, while every entry and its hash stay as they are.
create table person_key (
  -- Digest of the person with a secret of the installation, so that this table names nobody.
  person text primary key,
  key text not null
);

-- Work that only one process does at a time, and who has it until when, by the database's clock.
create table duty (
  name text primary key,
  holder text not null,
  until timestamptz not null,
  -- Which holder of a duty writes: each time it is taken the number grows, and what an earlier holder read is refused.
  generation integer not null default 0
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

-- Coming back from the past: who was at work when, and what was looked up before anything is tried.
create table heartbeat (
  worker text primary key,
  -- By the clock business times come from.
  at timestamptz not null,
  -- By the database's clock: whether that process lives is compared with nothing else.
  seen_at timestamptz not null,
  stopped boolean not null default false,
  -- The newest migration a process knows, so that an upgrade sees which code still runs.
  knows text
);

-- Tokens that are exchanged for new ones, sealed by whoever may use them. The generation is the fence: a new token is
-- put only over the one it was exchanged for. A claim runs out by the database's clock.
create table token_vault (
  name text primary key,
  generation integer not null default 0,
  value text,
  claimed_until timestamptz
);

-- Files that came with messages: which were opened and kept, which wait to be, and why others are not.
create table attachment (
  id text primary key,
  conversation_id text not null references conversation (id),
  -- The message may not be stored yet: files are opened before a turn is written.
  message_key text not null,
  -- Its place among the files of that message.
  place integer not null,
  channel text not null,
  -- By which the channel opens it.
  ref text not null,
  name text not null,
  media_type text not null,
  bytes bigint not null,
  state text not null check (state in ('waiting', 'kept', 'refused')),
  -- Why it waits or is refused, in words for people.
  reason text not null default '',
  blob_ref text,
  attempts integer not null default 0,
  -- When a waiting one is tried again.
  next_at timestamptz,
  received_at timestamptz not null,
  cleared_at timestamptz,
  -- What a model said a picture shows, once a teammate asked for it; empty for every other file.
  description text not null default '',
  unique (message_key, place)
);
create index attachment_conversation on attachment (conversation_id);
create index attachment_waiting on attachment (next_at) where state = 'waiting';
create index attachment_blob on attachment (blob_ref) where blob_ref is not null;
create index attachment_uncleared on attachment (received_at) where cleared_at is null;
create index attachment_described on attachment (id) where description <> '';

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

-- The list of erasures: keyed digests of the names somebody was found under, and when they were erased last. Nobody can
-- be read from it; it is there to do the erasures again after an older backup was put back.
create table erasure (
  name text primary key,
  at timestamptz not null
);

-- Entries of the audit that wait for their place in the chain, which one process gives them within a second.
create table audit_pending (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  data jsonb not null
);

-- What the turns of all conversations used up, by ten minutes: the day's cap is read before every turn, and summing
-- every turn of a day takes longer the more there are. Each turn adds a row, and one process adds up the rows of each
-- ten minutes now and then.
create table turn_usage (
  id bigint generated always as identity primary key,
  slot timestamptz not null,
  -- How many turns a row stands for.
  turns bigint not null,
  steps bigint not null,
  output_tokens bigint not null,
  cost_usd double precision not null,
  latency_ms double precision not null
);
create index turn_usage_slot on turn_usage (slot);

-- Mail that was set aside as junk: told to the team once a day, and put back to work by one click.
create table junk (
  conversation_id text primary key references conversation (id),
  kind text not null check (kind in ('phishing', 'sales')),
  -- What says so, in our own words.
  why text not null,
  -- The key of the alert that lists it.
  list_key text not null,
  at timestamptz not null,
  restored_at timestamptz
);
create index junk_list on junk (list_key, at);
create index junk_newest on junk (at, conversation_id);

-- What is known of a conversation to tell whether it belongs to a case with others of the same customer. Only
-- conversations whose customer is proven, and whose answer reaches nobody else, have a row.
create table case_member (
  conversation_id text primary key references conversation (id) on delete cascade,
  customer_id text not null,
  -- Whose messages in it were bound to that customer.
  author_id text not null,
  brand text not null,
  -- The customer's own orders that it names.
  orders jsonb not null default '[]',
  topic text not null default '',
  written_at timestamptz not null,
  -- The case it belongs to, named by the first conversation of it; null when it belongs to none.
  case_id text,
  -- Why, in words for the team.
  reasons jsonb not null default '[]',
  -- The conversation that its card asks about: the same case or not.
  asked_about text,
  -- A teammate, or a change of its readers, took it out of every case: it joins none by itself again.
  kept_apart boolean not null default false
);
create index case_member_case on case_member (case_id) where case_id is not null;
create index case_member_written on case_member (written_at);
create index case_member_customer on case_member (customer_id);

-- One row for each customer, which every turn for them writes: turns of the same customer that end at the same time do so
-- one after the other, and the later one sees the earlier.
create table case_customer (
  customer_id text primary key,
  -- Conversations that were not answered by the policy alone when last looked at, oldest first.
  waiting jsonb not null default '[]',
  updated_at timestamptz not null
);
create index case_customer_updated on case_customer (updated_at);

-- Notes of the team on a case: internal, written on the console, never sent.
create table case_note (
  id text primary key,
  conversation_id text not null references conversation (id),
  author text not null,
  name text not null,
  text text not null,
  at timestamptz not null
);
create index case_note_conversation on case_note (conversation_id, at);
create index case_note_age on case_note (at);

-- Versions of procedures: a text is used only once the right people have agreed to it, and an older one is one command
-- away.
create table procedure_version (
  id text primary key,
  name text not null,
  version integer not null,
  text text not null,
  digest text not null,
  state text not null check (state in ('draft', 'proposed', 'published', 'retired', 'rejected', 'expired')),
  -- Part of the program, a file of the operator's, or written in the console.
  origin text not null check (origin in ('program', 'file', 'console')),
  author text not null default '',
  -- When its own tests passed on exactly this text, and with which model.
  tested_at timestamptz,
  tested_with text not null default '',
  needs jsonb not null,
  votes jsonb not null default '[]',
  created_at timestamptz not null,
  published_at timestamptz,
  expires_at timestamptz not null,
  closing text not null default '',
  -- Counts every change of this row; the card on the desk is out of date while it shows another number.
  revision integer not null default 1,
  shown_revision integer,
  desk_ref text,
  post_attempts integer not null default 0,
  post_after timestamptz,
  post_locked_until timestamptz,
  -- What the last tests of a version came to, also when they did not pass, so that the console can play them beside the
  -- page and show what was missed.
  test_began_at timestamptz,
  test_ended_at timestamptz,
  test_lines jsonb not null default '[]'
);
create unique index procedure_version_number on procedure_version (name, version);
create unique index procedure_version_one_draft on procedure_version (name) where state = 'draft';
create unique index procedure_version_one_proposed on procedure_version (name) where state = 'proposed';
create unique index procedure_version_one_published on procedure_version (name) where state = 'published';

-- Sources of help pages that a lead added: where their pages come from and how the last reading went.
create table knowledge_source (
  name text primary key,
  kind text not null check (kind in ('folder', 'site', 'zendesk-guide')),
  location text not null,
  -- A site of the operator's own network may be read only where they said so.
  is_local boolean not null default false,
  added_by text not null default '',
  added_at timestamptz not null,
  -- When it is read next; a process that reads it takes it until then, so that it is read by one process.
  read_at timestamptz,
  next_read_at timestamptz not null,
  pages integer not null default 0,
  left_out integer not null default 0,
  -- Why the last reading was not taken over; empty when it was.
  problem text not null default ''
);

create table knowledge_left_out (
  source text not null references knowledge_source (name) on delete cascade,
  id text not null,
  reason text not null,
  primary key (source, id)
);

-- Pages of sites as they were last read, so that a site is asked for changes alone.
create table knowledge_copy (
  source text not null references knowledge_source (name) on delete cascade,
  id text not null,
  etag text not null,
  last_modified text not null,
  title text not null,
  updated text not null,
  url text not null,
  body text not null,
  -- What a page says of itself besides its text: its language, its audience and the like.
  attributes jsonb not null default '{}',
  primary key (source, id)
);

-- Help pages that a lead wrote in the console.
create table written_page (
  name text not null,
  version integer not null,
  title text not null,
  url text not null default '',
  body text not null,
  -- As of help_page.
  language text not null default '',
  brands jsonb not null default '[]',
  audience text not null default 'customers' check (audience in ('customers', 'team')),
  valid_from date,
  valid_until date,
  owner text not null default '',
  -- What changed, in the writer's words.
  note text not null default '',
  author text not null default '',
  at timestamptz not null,
  labels jsonb not null default '[]',
  primary key (name, version)
);

-- One row for each time a page was off; it is off now while nobody switched it on again.
create table page_off (
  id bigint generated always as identity primary key,
  slug text not null,
  reason text not null,
  off_by text not null default '',
  off_at timestamptz not null,
  on_by text not null default '',
  on_at timestamptz
);
create unique index page_off_now on page_off (slug) where on_at is null;
create index page_off_slug on page_off (slug);

-- Questions the help pages did not answer: nothing was found, a teammate replaced what a page had said, or the customer
-- came back after the answer. The words are masked; a row goes with its conversation's erasure and with its age.
create table knowledge_gap (
  id bigint generated always as identity primary key,
  conversation_id text not null references conversation (id) on delete cascade,
  -- The newest message of the question.
  message_key text not null,
  reason text not null check (reason in ('unanswered', 'corrected', 'reopened')),
  channel text not null,
  question text not null,
  -- The words the model searched with, without names and numbers; empty where it did not search.
  query text not null default '',
  -- Titles of the help pages that the replaced or insufficient answer cited.
  pages jsonb not null default '[]',
  at timestamptz not null,
  unique (conversation_id, message_key, reason)
);
create index knowledge_gap_at on knowledge_gap (at);

-- Why a help page or a passage is no good source: a contradiction, a source that is gone, or instructions to the bot on
-- the page.
create table page_doubt (
  slug text not null,
  -- The passage it is about; empty for the whole page.
  passage text not null default '',
  kind text not null check (kind in ('contradiction', 'source gone', 'instructions')),
  reason text not null,
  -- Of the text that was read; a lead's leave counts for this text alone. Empty where no text was read.
  digest text not null default '',
  allowed_by text not null default '',
  at timestamptz not null,
  primary key (slug, passage, kind)
);

-- Rehearsals: past tickets played again beside what people did.
create table rehearsal (
  id text primary key,
  -- "zendesk", "mailbox FILE" or "file FILE", as it was asked for.
  source text not null,
  model text not null,
  -- True for rehearsal rules, which are no AI.
  is_rehearsal_model boolean not null,
  policy_version text not null,
  state text not null check (state in ('running', 'stopped', 'done')),
  -- Why it stopped before its end; empty otherwise.
  reason text not null default '',
  tickets integer not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  -- Figures without any text of a customer; null until the first end.
  summary jsonb
);
create index rehearsal_started on rehearsal (started_at);

create table rehearsed_ticket (
  rehearsal_id text not null references rehearsal (id) on delete cascade,
  ticket_id text not null,
  -- The customer's address in lower case, by which an erasure finds the row; empty where the source has none.
  customer text not null default '',
  -- The shop's customer, where the turn was bound to one; empty otherwise.
  customer_id text not null default '',
  played jsonb not null,
  -- Who was right, as a teammate said.
  verdict jsonb,
  -- The name of the case it was kept as; empty where it was not kept.
  kept_as text not null default '',
  played_at timestamptz not null,
  primary key (rehearsal_id, ticket_id)
);
create index rehearsed_ticket_customer on rehearsed_ticket (customer);
create index rehearsed_ticket_played on rehearsed_ticket (played_at);

-- What people did instead of a draft that was only shown.
create table draft_score (
  approval_id text primary key,
  conversation_id text not null,
  channel text not null,
  topic text not null,
  drafted_at timestamptz not null,
  answered_at timestamptz,
  -- when the draft is to be judged; null while no teammate has answered, and once it is judged
  judge_at timestamptz,
  judged_at timestamptz,
  -- null until it is judged, and for a draft that cannot be judged
  agreed boolean,
  wrong_actions bigint not null default 0,
  missing_facts bigint not null default 0,
  risk_minor bigint,
  risk_currency text,
  -- why it cannot be judged; empty for one that can
  unjudged text not null default ''
);
create index draft_score_due on draft_score (judge_at) where judge_at is not null;
create index draft_score_judged on draft_score (judged_at) where judged_at is not null;
create index draft_score_conversation on draft_score (conversation_id);

-- Changes of the policy that these figures speak for.
create table autonomy_proposal (
  change_id text primary key references policy_change (id),
  kind text not null,
  channel text not null,
  topic text not null,
  came_from text not null,
  goes_to text not null,
  judged bigint not null,
  proposed_at timestamptz not null
);

-- What a turn was given from outside, compressed, so that it can be run again without any of it.
create table turn_recording (
  turn_id text primary key,
  conversation_id text not null,
  recorded_at timestamptz not null,
  -- JSON, compressed by Zstandard.
  body bytea not null
);
create index turn_recording_conversation on turn_recording (conversation_id);
create index turn_recording_recorded on turn_recording (recorded_at);

-- How what customers asked ended, one row a matter.
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

-- What teammates did otherwise than drafts: edits, rejections, instructions, ratings, answers of their own. All words
-- are masked; a row goes with its conversation's erasure and with its age.
create table draft_difference (
  id bigint generated always as identity primary key,
  conversation_id text not null references conversation (id) on delete cascade,
  -- What it happened to, such as the edits of one draft: the same once more replaces the row.
  event text not null unique,
  kind text not null check (kind in ('edit', 'sent_by_hand', 'rejection', 'instruction', 'rating', 'own_answer')),
  turn_id text not null,
  topic text not null,
  content jsonb not null,
  -- The teammate's pseudonym, as in the audit.
  who text not null,
  at timestamptz not null,
  -- Set once a lead decided on what it showed together with others: the number of that proposal, and how.
  lesson bigint,
  decision text check (decision in ('accepted', 'declined')),
  decision_reason text not null default '',
  decided_by text not null default '',
  decided_at timestamptz
);
create index draft_difference_at on draft_difference (at);
create index draft_difference_conversation on draft_difference (conversation_id);

-- What a teammate said to be harmless although the guard held it back: one row for each text of a message, masked. A
-- message counts as harmless only as long as it reads as it did, by a digest of all that the guard judges. A row goes
-- with its conversation's erasure and with its age.
create table harmless_text (
  id bigint generated always as identity primary key,
  conversation_id text not null references conversation (id) on delete cascade,
  message_key text not null,
  judged text not null,
  -- Where in the message it stands, as the guard's own texts say it.
  segment text not null,
  -- ISO 639-1; empty where it cannot be told.
  lang text not null,
  masked_text text not null,
  -- The card that was clicked, and the teammate's pseudonym, as in the audit.
  approval_id text not null,
  who text not null,
  at timestamptz not null,
  unique (message_key, judged, segment, masked_text)
);
create index harmless_text_conversation on harmless_text (conversation_id);
create index harmless_text_at on harmless_text (at);
