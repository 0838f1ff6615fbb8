-- works with: 0028
-- Which holder of a duty writes: each time it is taken the number grows, and what an earlier holder read is refused. Older
-- code takes no duty but the lead, whose number it leaves alone.
alter table duty add column generation integer not null default 0;
