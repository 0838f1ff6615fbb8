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
  used_at timestamptz
);
create index challenge_conversation on challenge (conversation_id, created_at);
create index challenge_address on challenge (address_hash, created_at);
create index challenge_age on challenge (created_at);

-- What a message that held a code came to, so that reading it again after a crash comes to the same and costs no try.
create table challenge_try (
  message_key text primary key,
  challenge_id text not null,
  accepted boolean not null,
  at timestamptz not null
);
create index challenge_try_challenge on challenge_try (challenge_id);
