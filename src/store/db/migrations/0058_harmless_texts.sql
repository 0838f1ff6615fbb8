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
