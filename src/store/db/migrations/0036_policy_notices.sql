-- works with: 0028
-- Tells every process, in the moment of the commit, that the policy in force or a proposed one changed, whichever version
-- of the code wrote it. Processes that hear it need not ask every second. Older code hears nothing and asks.
create function tell_policy_changed() returns trigger language plpgsql as
  $$ begin perform pg_notify('deskhand', 'policy '); return null; end $$;
create trigger policy_change_told after insert or delete or update of state on policy_change
  for each row execute function tell_policy_changed();
