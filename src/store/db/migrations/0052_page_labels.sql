-- works with: 0028
-- Words customers use for what a page is about, in any language. Older code does not read them.
alter table help_page add column labels jsonb not null default '[]';
alter table written_page add column labels jsonb not null default '[]';
