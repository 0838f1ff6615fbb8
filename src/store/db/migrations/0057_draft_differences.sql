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
