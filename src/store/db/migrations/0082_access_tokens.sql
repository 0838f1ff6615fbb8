-- works with: 0078
-- Tokens by which programs use the API, each in the name of one teammate or, for a machine, in none.
create table access_token (
  id text primary key,
  -- SHA-256 of the token: a copy of the database opens nothing.
  hash text not null unique,
  -- The teammate's address and name; null for a machine.
  email text,
  name text,
  -- What it is for, in its maker's words; a machine is called by it.
  label text not null,
  -- Separated by spaces, as OAuth writes them.
  scopes text not null,
  -- The address of whom it was made by.
  made_by text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index access_token_made on access_token (made_at desc, id desc);

-- What was answered to a request with an Idempotency-Key, so that the same request sent again is the same one.
create table api_answer (
  token_id text not null references access_token (id) on delete cascade,
  key text not null,
  -- SHA-256 of the request: the same key with other content is refused.
  content text not null,
  -- Names what the request makes, so that it is made once by whichever process goes on with it.
  seed text not null,
  -- Null while the first one is under way.
  status integer,
  body text,
  at timestamptz not null,
  primary key (token_id, key)
);
create index api_answer_age on api_answer (at);
