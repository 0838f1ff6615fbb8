-- works with: 0028
-- Versions of procedures: a text is used only once the right people have agreed to it, and an older one is one command
-- away. Older code neither reads nor writes them; its turns follow no procedure.
create table procedure_version (
  id text primary key,
  name text not null,
  version integer not null,
  text text not null,
  digest text not null,
  state text not null check (state in ('draft', 'proposed', 'published', 'retired', 'rejected', 'expired')),
  -- Part of the program, a file of the operator's, or written in the console.
  origin text not null check (origin in ('program', 'file', 'console')),
  author text not null default '',
  -- When its own tests passed on exactly this text, and with which model.
  tested_at timestamptz,
  tested_with text not null default '',
  needs jsonb not null,
  votes jsonb not null default '[]',
  created_at timestamptz not null,
  published_at timestamptz,
  expires_at timestamptz not null,
  closing text not null default '',
  -- Counts every change of this row; the card on the desk is out of date while it shows another number.
  revision integer not null default 1,
  shown_revision integer,
  desk_ref text,
  post_attempts integer not null default 0,
  post_after timestamptz,
  claimed_until timestamptz
);
create unique index procedure_version_number on procedure_version (name, version);
create unique index procedure_version_one_draft on procedure_version (name) where state = 'draft';
create unique index procedure_version_one_proposed on procedure_version (name) where state = 'proposed';
create unique index procedure_version_one_published on procedure_version (name) where state = 'published';
