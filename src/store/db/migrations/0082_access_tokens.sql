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
  scopes jsonb not null,
  -- The address of whom it was made by.
  made_by text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index access_token_made on access_token (made_at desc, id desc);
