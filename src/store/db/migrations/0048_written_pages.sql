-- works with: 0028
-- Help pages that a lead wrote in the console, and pages that were switched off. Older code does not read them: it
-- removes written pages at its start, which newer code brings back, and it finds pages that were switched off.
create table written_page (
  name text not null,
  version integer not null,
  title text not null,
  url text not null default '',
  body text not null,
  -- As of help_page.
  language text not null default '',
  brands jsonb not null default '[]',
  audience text not null default 'customers' check (audience in ('customers', 'team')),
  valid_from date,
  valid_until date,
  owner text not null default '',
  -- What changed, in the writer's words.
  note text not null default '',
  author text not null default '',
  at timestamptz not null,
  primary key (name, version)
);
-- One row for each time a page was off; it is off now while nobody switched it on again.
create table page_off (
  id bigint generated always as identity primary key,
  slug text not null,
  reason text not null,
  off_by text not null default '',
  off_at timestamptz not null,
  on_by text not null default '',
  on_at timestamptz
);
create unique index page_off_now on page_off (slug) where on_at is null;
create index page_off_slug on page_off (slug);
