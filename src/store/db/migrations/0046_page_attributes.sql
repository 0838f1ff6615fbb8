-- works with: 0028
-- For whom a help page is, and how long it holds. Released code knows no source of a lead, so it never answers from a
-- page that is the team's alone.
alter table help_page
  -- A language tag in small letters, such as de or pt-br; empty where it is not known.
  add column language text not null default '',
  -- Our names of the brands it is about; all of them when empty.
  add column brands jsonb not null default '[]',
  add column audience text not null default 'customers' check (audience in ('customers', 'team')),
  -- Counts the times its text or its attributes changed.
  add column version integer not null default 1,
  -- The first and the last day it holds; always, where they are null.
  add column valid_from date,
  add column valid_until date,
  -- Who keeps it right; empty where nobody is named.
  add column owner text not null default '';

-- What a page says of itself besides its text: its language, its audience and the like.
alter table knowledge_copy add column attributes jsonb not null default '{}';
