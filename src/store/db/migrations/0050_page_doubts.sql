-- works with: 0028
-- Why a help page or a passage is no good source: a contradiction, a source that is gone, or instructions to the bot on
-- the page. Older code does not read it and uses such pages as all others; its guard still reads every passage.
create table page_doubt (
  slug text not null,
  -- The passage it is about; empty for the whole page.
  passage text not null default '',
  kind text not null check (kind in ('contradiction', 'source gone', 'instructions')),
  reason text not null,
  -- Of the text that was read; a lead's leave counts for this text alone. Empty where no text was read.
  digest text not null default '',
  allowed_by text not null default '',
  at timestamptz not null,
  primary key (slug, passage, kind)
);
