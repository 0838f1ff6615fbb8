-- works with: 0078
-- Outgoing webhooks: who is told of which events, and what was, is and could not be sent to them.
create table if not exists webhook (
  id text primary key,
  url text not null,
  -- The names of its events, separated by spaces.
  events text not null,
  with_text boolean not null default false,
  secret text not null,
  -- The secret before a rotation, which signs beside the new one until this moment.
  old_secret text,
  old_until timestamptz,
  -- Why nothing is sent to it; null while it is on.
  off_reason text,
  created_at timestamptz not null
);
create table if not exists webhook_delivery (
  id text primary key,
  webhook_id text not null,
  event text not null,
  -- Empty for a test.
  conversation_id text not null,
  body text not null,
  -- waiting, delivered or dead
  state text not null default 'waiting',
  attempts integer not null default 0,
  next_at timestamptz not null,
  status integer,
  answer text not null default '',
  created_at timestamptz not null
);
create index if not exists webhook_delivery_due on webhook_delivery (next_at) where state = 'waiting';
create index if not exists webhook_delivery_newest on webhook_delivery (webhook_id, created_at, id);
create index if not exists webhook_delivery_dead on webhook_delivery (created_at, id) where state = 'dead';
create index if not exists webhook_delivery_conversation on webhook_delivery (conversation_id);
create index if not exists webhook_delivery_age on webhook_delivery (created_at);
