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
