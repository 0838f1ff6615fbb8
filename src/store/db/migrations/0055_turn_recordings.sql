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
