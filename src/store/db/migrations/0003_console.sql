-- Who may open the console: one-time codes from a link, and the sessions they were exchanged for.
create table console_pass (
  -- SHA-256 of the code or of the session's cookie: a copy of the database opens nothing.
  hash text primary key,
  kind text not null check (kind in ('code', 'session')),
  email text not null,
  name text not null,
  expires_at timestamptz not null
);
create index console_pass_expiry on console_pass (expires_at);
