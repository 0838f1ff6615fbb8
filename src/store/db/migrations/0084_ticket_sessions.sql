-- works with: 0078
-- Sessions of agents beside a ticket of a helpdesk, and the signed opening each began with, which counts once.
create table if not exists ticket_session (
  -- SHA-256 of the page's secret, and of what names the opening: a copy of the database opens nothing.
  hash text primary key,
  opening text not null unique,
  user_id text not null,
  email text not null,
  name text not null,
  origin text not null,
  -- Null until the page has said which ticket it stands beside.
  ticket text,
  expires_at timestamptz not null,
  ends_at timestamptz not null
);
create index if not exists ticket_session_expiry on ticket_session (expires_at);
