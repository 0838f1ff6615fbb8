-- works with: 0028
-- Sources of help pages that a lead added: where their pages come from and how the last reading went. Older code does
-- not read them; it removes their pages at its start, and the next reading brings them back.
create table knowledge_source (
  name text primary key,
  kind text not null check (kind in ('folder', 'site', 'zendesk-guide')),
  location text not null,
  -- A site of the operator's own network may be read only where they said so.
  is_local boolean not null default false,
  added_by text not null default '',
  added_at timestamptz not null,
  -- When it is read next; a process that reads it takes it until then, so that it is read by one process.
  read_at timestamptz,
  next_read_at timestamptz not null,
  pages integer not null default 0,
  left_out integer not null default 0,
  -- Why the last reading was not taken over; empty when it was.
  problem text not null default ''
);
create table knowledge_left_out (
  source text not null references knowledge_source (name) on delete cascade,
  id text not null,
  reason text not null,
  primary key (source, id)
);
-- Pages of sites as they were last read, so that a site is asked for changes alone.
create table knowledge_copy (
  source text not null references knowledge_source (name) on delete cascade,
  id text not null,
  etag text not null,
  last_modified text not null,
  title text not null,
  updated text not null,
  url text not null,
  body text not null,
  primary key (source, id)
);
