-- works with: 0019
-- Help pages come from more than one place. Older code removes those it has no file for; the next reading brings them back.
alter table help_page add column source text not null default 'file';
