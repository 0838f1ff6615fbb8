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
