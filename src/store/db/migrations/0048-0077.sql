-- Migrations after 0.3.0, the second part, each below its name. They ran on databases as they stand here: no character of one is changed.
-- migration: 0048_written_pages.sql
-- works with: 0028
-- Help pages that a lead wrote in the console, and pages that were switched off. Older code does not read them: it
-- removes written pages at its start, which newer code brings back, and it finds pages that were switched off.
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
-- migration: 0049_knowledge_gaps.sql
-- works with: 0028
-- Questions the help pages did not answer: nothing was found, a teammate replaced what a page had said, or the customer
-- came back after the answer. The words are masked; a row goes with its conversation's erasure and with its age. Older
-- code neither reads nor writes them; a person whom it erases may leave a masked question until that is old.
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
-- migration: 0050_page_doubts.sql
-- works with: 0028
-- Why a help page or a passage is no good source: a contradiction, a source that is gone, or instructions to the bot on
-- the page. Older code does not read it and uses such pages as all others; its guard still reads every passage.
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
-- migration: 0051_embedding_models.sql
-- works with: 0028
-- What computed a passage's embedding: those of different models cannot be compared. Older code computes built-in ones.
alter table help_passage add column embedding_model text not null default 'builtin';
-- migration: 0052_page_labels.sql
-- works with: 0028
-- Words customers use for what a page is about, in any language. Older code does not read them.
alter table help_page add column labels jsonb not null default '[]';
alter table written_page add column labels jsonb not null default '[]';
-- migration: 0053_rehearsals.sql
-- works with: 0028
-- Rehearsals: past tickets played again beside what people did. Older code neither reads nor writes them; a person whom
-- it erases may stay in a rehearsed ticket until that is old.
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
  document jsonb not null,
  -- Who was right, as a teammate said.
  verdict jsonb,
  -- The name of the case it was kept as; empty where it was not kept.
  kept_as text not null default '',
  played_at timestamptz not null,
  primary key (rehearsal_id, ticket_id)
);
create index rehearsed_ticket_customer on rehearsed_ticket (customer);
create index rehearsed_ticket_played on rehearsed_ticket (played_at);
-- migration: 0054_draft_scores.sql
-- works with: 0028
-- What people did instead of a draft that was only shown, and changes of the policy that these figures speak for. Older
-- code neither writes nor reads them, and brings a policy into force as before.
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

-- The version of the file that a change was made from by Deskhand itself, until the file says the same; null for a change
-- that people wrote into the file.
alter table policy_change add column made_from text;
-- migration: 0055_turn_recordings.sql
-- works with: 0028
-- What a turn was given from outside, compressed, so that it can be run again without any of it. Older code neither reads
-- nor writes it; a person whom it erases may stay in it until it is old.
create table turn_recording (
  turn_id text primary key,
  conversation_id text not null,
  recorded_at timestamptz not null,
  -- JSON, compressed by Zstandard.
  body bytea not null
);
create index turn_recording_conversation on turn_recording (conversation_id);
create index turn_recording_recorded on turn_recording (recorded_at);
-- migration: 0056_resolutions.sql
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
-- migration: 0057_draft_differences.sql
-- works with: 0028
-- What teammates did otherwise than drafts: edits, rejections, instructions, ratings, answers of their own. All words
-- are masked; a row goes with its conversation's erasure and with its age. Older code neither reads nor writes them; a
-- person whom it erases may leave masked words until those are old.
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
-- migration: 0058_harmless_texts.sql
-- works with: 0028
-- What a teammate said to be harmless although the guard held it back: one row for each text of a message, masked. A
-- message counts as harmless only as long as it reads as it did, by a digest of all that the guard judges. A row goes
-- with its conversation's erasure and with its age. Older code neither reads nor writes it; a message that was said to be
-- harmless is held back there again.
create table harmless_text (
  id bigint generated always as identity primary key,
  conversation_id text not null references conversation (id) on delete cascade,
  message_key text not null,
  judged text not null,
  -- Where in the message it stands, as the guard's own texts say it.
  segment text not null,
  -- ISO 639-1; empty where it cannot be told.
  lang text not null,
  masked text not null,
  -- The card that was clicked, and the teammate's pseudonym, as in the audit.
  approval_id text not null,
  who text not null,
  at timestamptz not null,
  unique (message_key, judged, segment, masked)
);
create index harmless_text_conversation on harmless_text (conversation_id);
create index harmless_text_at on harmless_text (at);
-- migration: 0059_operating_figures.sql
-- works with: 0028
-- What is counted for those who operate an installation: messages by the moment they ended, and effects whose end is not
-- known. Without these, each look would read two tables that only grow.
create index message_ended on message (outcome_at) where outcome is not null;
create index effect_unknown on effect (finished_at) where state = 'unknown';
-- migration: 0060_duty_generation.sql
-- works with: 0028
-- Which holder of a duty writes: each time it is taken the number grows, and what an earlier holder read is refused. Older
-- code takes no duty but the lead, whose number it leaves alone.
alter table duty add column generation integer not null default 0;
-- migration: 0061_heartbeat_code.sql
-- works with: 0028
-- The newest migration a process knows, so that an upgrade sees which code still runs. Older code writes no such thing.
alter table heartbeat add column knows text;
-- migration: 0063_trace_context.sql
-- works with: 0028
-- Which trace a row belongs to, as W3C's Trace Context writes it, so that one trace leads from an accepted message over
-- processes to what was done about it. Null for older rows, for what older code writes, and where nothing is traced.
alter table hint add column trace_context text;
alter table turn add column trace_context text;
alter table effect add column trace_context text;
-- migration: 0064_partitions.sql
-- works with: 0028
-- Changes no table. Once recordings are partitioned by month, this file's row says that it works with 0064 alone: the
-- retention of older code deletes rows by their place, which is another row's place in another month.
-- migration: 0074_conversations_of_author.sql
-- works with: 0028
-- Which other conversations an author wrote in is read from the index alone, for every conversation that is decided.
create index message_author on message (author_id, conversation_id) where author_kind = 'requester';
drop index message_requester;
-- migration: 0075_plain_recordings.sql
-- works with: 0028
-- contract: since 0.3.0
-- No release read or wrote these columns.
alter table hint drop column trace_context;
alter table turn drop column trace_context;
alter table effect drop column trace_context;
-- No release divided the recordings by month; where a clone between two releases did, they are one table again. A line
-- that ends with a semicolon ends a statement of this file.
do $$ begin
  if (select relkind from pg_class where oid = 'turn_recording'::regclass) = 'p' then
    alter table turn_recording rename to turn_recording_divided
    ; create table turn_recording (
        turn_id text primary key,
        conversation_id text not null,
        recorded_at timestamptz not null,
        body bytea not null
      )
    ; insert into turn_recording
        select turn_id, conversation_id, recorded_at, body from turn_recording_divided
        on conflict do nothing
    ; drop table turn_recording_divided
    ; create index turn_recording_conversation on turn_recording (conversation_id)
    ; create index turn_recording_recorded on turn_recording (recorded_at)
    ; end if
; end $$;
-- migration: 0076_passed_over.sql
-- works with: 0028
-- Why an ignored message was passed over, where something hangs on it, stands in a column: until now its sentence was
-- read back. What a worker of the version before ends during the upgrade has none.
alter table message add column passed_over text;
update message set passed_over = case
    when outcome_reason = 'only thanks, nothing to answer' then 'thanks'
    when outcome_reason = 'put aside: its sender is not proven, and what waits here rests on proof' then 'unproven'
    when outcome_reason like 'set aside as junk: %' then 'junk'
    else 'barred' end
  where outcome = 'ignored' and (outcome_reason in ('only thanks, nothing to answer',
      'put aside: its sender is not proven, and what waits here rests on proof')
    or outcome_reason like 'set aside as junk: %'
    or outcome_reason = (select c.barred from conversation c where c.id = conversation_id));
-- migration: 0077_owner_facts.sql
-- works with: 0028
-- Who has a conversation by name, and for which delicate topic people have it, stand in columns: until now the sentence of
-- the reason was read back. Filled for what people have and is not solved. A worker of the version before, during the
-- upgrade or one version back, leaves them as they are.
alter table conversation add column owner_holder text;
alter table conversation add column owner_delicate text;
update conversation set
  owner_holder = coalesce(substring(owner_reason from '^Taken over by (.+)$'),
    substring(owner_reason from '^Rejected, (.+?) answers(?::.*)?$')),
  owner_delicate = (select topic from unnest(array['self_harm', 'threat', 'injury', 'legal', 'press', 'chargeback',
    'hacked_account', 'data_request', 'abuse', 'vip']) topic
    where owner_reason ~ ('\mdelicate: ' || replace(topic, '_', ' ') || '( \(|;|$)') limit 1)
  where owner = 'human' and solved_at is null and owner_reason ~ '^Taken over by |^Rejected, |\mdelicate: ';
