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
