-- works with: 0028
-- What the last tests of a version came to, also when they did not pass, so that the console can play them beside the
-- page and show what was missed. Older code records passed tests alone, in `tested_at`.
alter table procedure_version add column test_began_at timestamptz;
alter table procedure_version add column test_ended_at timestamptz;
alter table procedure_version add column test_lines jsonb not null default '[]';
