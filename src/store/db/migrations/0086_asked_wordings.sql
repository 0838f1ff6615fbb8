-- works with: 0078
-- How customers ask for what a section says, by its heading, and what they ask that no page says: searched, and never shown.
alter table help_page add column if not exists asked jsonb not null default '{}';
alter table help_page add column if not exists unanswered jsonb not null default '[]';
