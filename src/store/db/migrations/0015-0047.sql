-- Migrations after 0.3.0, the first part, each below its name. They ran on databases as they stand here: no character of one is changed.
-- migration: 0015_token_vault.sql
-- Tokens that are exchanged for new ones, sealed by whoever may use them. The generation is the fence: a new token is
-- put only over the one it was exchanged for. A claim runs out by the database's clock.
create table token_vault (
  name text primary key,
  generation integer not null default 0,
  value text,
  claimed_until timestamptz
);
-- migration: 0018_terms.sql
-- works with: 0014
-- Between whom a conversation is where it lives: whose it is now, a digest of customer, brand and readers as last seen,
-- how often that changed (part of the revision), and why nothing may be written there at present.
alter table conversation add column customer text not null default '';
alter table conversation add column terms text not null default '';
alter table conversation add column moves integer not null default 0;
alter table conversation add column barred text;
-- migration: 0019_attachments.sql
-- works with: 0014
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
  unique (message_key, place)
);
create index attachment_conversation on attachment (conversation_id);
create index attachment_waiting on attachment (next_at) where state = 'waiting';
create index attachment_blob on attachment (blob_ref) where blob_ref is not null;
create index attachment_uncleared on attachment (received_at) where cleared_at is null;
-- migration: 0021_ratings.sql
-- works with: 0014
-- How a customer was asked for the rating, what they chose on a scale of five, whether a rule solved the conversation,
-- and why it may not become an eval case.
alter table conversation
  add column rating_source text,
  add column rating_stars integer,
  add column solved_by_rule boolean not null default false,
  add column kept_out text;

-- Whose words the customer read last: the bot's draft as it was, edited, sent by hand, or a person's own.
alter table candidate_case add column answered_by text;
-- migration: 0022_sources.sql
-- works with: 0019
-- Help pages come from more than one place. Older code removes those it has no file for; the next reading brings them back.
alter table help_page add column source text not null default 'file';
-- migration: 0023_chat_streams.sql
-- works with: 0022
-- The place of a line in its chat, in the order in which lines could first be read, so that a visitor who comes back can
-- name the last one seen. Lines from before, and those of older code, have none and come first.
alter table transcript add column position integer not null default 0;

-- What is asked for every open window, several times a minute: where its conversation stands.
create index hint_conversation on hint (conversation_id, id);
create index effect_conversation on effect (conversation_id);
create index approval_conversation on approval (conversation_id);
-- migration: 0024_refunds.sql
-- works with: 0023
-- A card with a refund is compared with those of the last 90 days, and says how many its customer had; without an index
-- each such card would read the whole ledger.
create index effect_refunded on effect (finished_at) where operation = 'refund' and state = 'done';
-- migration: 0026_card_claims.sql
-- works with: 0023
-- What teammates do to a card beside deciding it. Code that does not know these columns leaves them alone: a claim
-- decides nothing and lapses by itself, and a card that is to be drafted anew can be decided as it stands.
alter table approval
  -- Who said that they look at it, and until when that is shown.
  add column claim jsonb,
  add column claim_until timestamptz,
  -- What the next draft is asked for with, until that draft stands; and how many were asked for.
  add column redo jsonb,
  add column redos integer not null default 0;
create index approval_claim on approval (claim_until) where claim_until is not null;
-- migration: 0027_digests.sql
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
-- migration: 0028_asides.sql
-- works with: 0023
-- What a card on the desk says beside its row: that a pause holds it, or that it is tried again. Kept so that a card is
-- shown anew when that changes, and only then. Older code leaves it alone.
alter table approval add column aside_shown text not null default '';
create index approval_aside on approval (id) where aside_shown <> '';
-- migration: 0030_networks_and_erasures.sql
-- works with: 0028
-- Keyed digest of the network a code was asked for from, to count how often it asked; null where a channel does not tell.
alter table challenge add column network_hash text;
create index challenge_network on challenge (network_hash, created_at);

-- The list of erasures: keyed digests of the names somebody was found under, and when they were erased last. Nobody can
-- be read from it; it is there to do the erasures again after an older backup was put back. Older code keeps a file.
create table erasure (
  name text primary key,
  at timestamptz not null
);
-- migration: 0032_opinions.sql
-- works with: 0028
-- What teammates think of a draft that is only shown, and what they would have written. It decides nothing, so code that
-- does not know it leaves it alone.
alter table approval add column opinions jsonb not null default '[]';
-- migration: 0033_held.sql
-- works with: 0023
-- Since when an effect is known to stand still because of a pause. Nothing wakes its conversation for it meanwhile;
-- taking the pause back empties this. Older code leaves it alone.
alter table effect add column held_at timestamptz;
-- migration: 0034_audit_pending.sql
-- works with: 0028
-- Entries of the audit that wait for their place in the chain, which one process gives them within a second. Older code
-- appends to the chain at once, under the same lock.
create table audit_pending (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  data jsonb not null
);
-- migration: 0035_turn_usage.sql
-- works with: 0028
-- What the turns of all conversations used up, by ten minutes: the day's cap is read before every turn, and summing
-- every turn of a day takes longer the more there are. Each turn adds a row, and one process adds up the rows of each
-- ten minutes now and then. Older code does not add to it: what its turns use while both versions run is missing from
-- the day's sum.
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
insert into turn_usage (slot, turns, steps, output_tokens, cost_usd, latency_ms)
select to_timestamp(floor(extract(epoch from started_at) / 600) * 600), count(*), coalesce(sum(steps), 0),
  coalesce(sum(output_tokens), 0), coalesce(sum(cost_usd), 0), coalesce(sum(latency_ms), 0)
from turn where started_at > now() - interval '2 days' group by 1;
-- migration: 0036_hand_over_undo.sql
-- works with: 0028
-- A hand-over by a click can be taken back for some seconds. What is past its time is found by this index; older code
-- shows such a card as decided, which it is.
create index approval_hand_over_undo on approval (undo_until) where state = 'rejected' and undo_until is not null;
-- migration: 0037_junk.sql
-- works with: 0028
-- Mail that was set aside as junk: told to the team once a day, and put back to work by one click. Older code neither
-- sets mail aside nor reads this; a mail it works on meanwhile is answered or handed over as before.
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
-- Whether anything else of the same writer was worked on.
create index message_requester on message (author_id) where author_kind = 'requester';
-- migration: 0038_cases.sql
-- works with: 0028
-- What is known of a conversation to tell whether it belongs to a case with others of the same customer. Only
-- conversations whose customer is proven, and whose answer reaches nobody else, have a row. Older code neither reads nor
-- writes these: what it works on is decided by itself, as before.
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

-- One row for each customer, which every turn for them writes: turns of the same customer that end at the same time do so
-- one after the other, and the later one sees the earlier.
create table case_customer (
  customer_id text primary key,
  -- Conversations that were not answered by the policy alone when last looked at, oldest first.
  waiting jsonb not null default '[]',
  updated_at timestamptz not null
);
create index case_customer_updated on case_customer (updated_at);
-- migration: 0039_console.sql
-- works with: 0028
-- What the console lists and searches, so that each page is read by an index however much is stored.
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
-- What waits, oldest first, and what one click can still undo.
create index approval_waiting on approval (asked_at, id) where state = 'pending';
create index approval_undo on approval (undo_until) where undo_until is not null;
-- What was decided, and what was only shown, newest first.
create index approval_decided on approval (updated_at, id)
  where state <> 'pending' and kind <> 'notice' and cleared_at is null;
create index approval_shadow on approval (updated_at, id)
  where kind = 'notice' and closing = '' and cleared_at is null;
-- With people and not solved yet.
create index conversation_with_people on conversation (handed_over_at, id)
  where owner = 'human' and handed_over_at is not null and solved_at is null;
-- By the number a source prints, such as a ticket's.
create index conversation_external on conversation (external_id);
create index signal_conversation on signal (conversation_id, at);
-- Words of messages, with sender and subject. Long numbers are left out, so that no card number can be searched for;
-- the length is bounded, so that no mail is too long for it.
create index message_words on message_content using gin (to_tsvector('simple', regexp_replace(
  coalesce(content -> 'author' ->> 'name', '') || ' ' || coalesce(content -> 'author' ->> 'id', '') || ' '
    || coalesce(content ->> 'subject', '') || ' ' || left(coalesce(content ->> 'text', ''), 20000),
  '[0-9](?:[ -]?[0-9]){11,}', ' ', 'g')));
create index effect_order on effect ((action -> 'arguments' ->> 'orderId'))
  where action -> 'arguments' ->> 'orderId' is not null;
-- migration: 0040_picture_descriptions.sql
-- works with: 0028
-- What a model said a picture shows, once a teammate asked for it; empty for every other file. Older code neither shows
-- nor writes it, and leaves it where it erases a file: newer code removes it with its next retention.
alter table attachment add column description text not null default '';
create index attachment_described on attachment (id) where description <> '';
-- migration: 0041_procedures.sql
-- works with: 0028
-- Versions of procedures: a text is used only once the right people have agreed to it, and an older one is one command
-- away. Older code neither reads nor writes them; its turns follow no procedure.
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
  claimed_until timestamptz
);
create unique index procedure_version_number on procedure_version (name, version);
create unique index procedure_version_one_draft on procedure_version (name) where state = 'draft';
create unique index procedure_version_one_proposed on procedure_version (name) where state = 'proposed';
create unique index procedure_version_one_published on procedure_version (name) where state = 'published';
-- migration: 0042_questions.sql
-- works with: 0028
-- How often the bot has asked back since its last answer in a conversation; `clarified` says that its last turn did.
-- Older code neither counts nor resets it: newer code takes a conversation whose last turn asked back for one question
-- at least, and none where it did not.
alter table conversation add column questions bigint not null default 0;
-- migration: 0043_procedure_tests.sql
-- works with: 0028
-- What the last tests of a version came to, also when they did not pass, so that the console can play them beside the
-- page and show what was missed. Older code records passed tests alone, in `tested_at`.
alter table procedure_version add column test_began_at timestamptz;
alter table procedure_version add column test_ended_at timestamptz;
alter table procedure_version add column test_lines jsonb not null default '[]';
-- migration: 0044_open_order_changes.sql
-- works with: 0028
-- Changes of an order that are decided and have no known end: few at any moment, and looked for whenever an order is.
create index effect_order_open on effect ((action -> 'arguments' ->> 'orderId'))
  where action -> 'arguments' ->> 'orderId' is not null and state in ('intended', 'executing', 'unknown');
-- migration: 0045_knowledge_sources.sql
-- works with: 0028
-- Sources of help pages that a lead added: where their pages come from and how the last reading went. Older code does
-- not read them; it removes their pages at its start, and the next reading brings them back.
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
  primary key (source, id)
);
-- migration: 0046_page_attributes.sql
-- works with: 0028
-- For whom a help page is, and how long it holds. Released code knows no source of a lead, so it never answers from a
-- page that is the team's alone.
alter table help_page
  -- A language tag in small letters, such as de or pt-br; empty where it is not known.
  add column language text not null default '',
  -- Our names of the brands it is about; all of them when empty.
  add column brands jsonb not null default '[]',
  add column audience text not null default 'customers' check (audience in ('customers', 'team')),
  -- Counts the times its text or its attributes changed.
  add column version integer not null default 1,
  -- The first and the last day it holds; always, where they are null.
  add column valid_from date,
  add column valid_until date,
  -- Who keeps it right; empty where nobody is named.
  add column owner text not null default '';

-- What a page says of itself besides its text: its language, its audience and the like.
alter table knowledge_copy add column attributes jsonb not null default '{}';
-- migration: 0047_passage_languages.sql
-- works with: 0028
-- Words of help pages are read by the dictionary of the page's language. Older code says no language, which is English as
-- before; it searches without the index on words, which no other code uses. A restored backup drops tables alone, so the
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

-- The page's language, as in help_page.
alter table help_passage add column language text not null default '';
update help_passage passage set language = page.language
  from help_page page where page.slug = passage.slug and page.language <> '';
alter table help_passage drop column words;
alter table help_passage add column words tsvector not null generated always as (
  setweight(to_tsvector(help_dictionary(language), title || '. ' || heading), 'C') ||
  to_tsvector(help_dictionary(language), body)
) stored;
