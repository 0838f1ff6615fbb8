-- works with: 0023
-- Since when an effect is known to stand still because of a pause. Nothing wakes its conversation for it meanwhile;
-- taking the pause back empties this. Older code leaves it alone.
alter table effect add column held_at timestamptz;
