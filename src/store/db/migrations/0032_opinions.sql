-- works with: 0028
-- What teammates think of a draft that is only shown, and what they would have written. It decides nothing, so code that
-- does not know it leaves it alone.
alter table approval add column opinions jsonb not null default '[]';
