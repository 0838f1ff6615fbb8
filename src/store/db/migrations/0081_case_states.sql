-- works with: 0078
-- By which address the teammate who has a case is known, and until when it sleeps.
alter table conversation add column if not exists owner_voter text;
alter table conversation add column if not exists snoozed_until timestamptz;
create index if not exists conversation_held on conversation (id)
  where owner = 'human' and owner_holder is not null and solved_at is null;
create index if not exists conversation_snoozed on conversation (snoozed_until) where snoozed_until is not null;
-- A process of an older version knows of neither column. Where it gives a case to another teammate, no address is known;
-- where it changes the owner, the case is awake. Triggers run in the order of their names: what the first one doubts, the
-- second one takes back where the statement names an address itself.
create or replace function conversation_holder() returns trigger language plpgsql as $$ begin
  new.owner_voter := case tg_argv[0] when 'doubted' then '' when 'named' then old.owner_voter end; return new; end $$;
create or replace trigger conversation_holder_1 before update of owner_holder on conversation for each row
  when (new.owner_holder is distinct from old.owner_holder and new.owner_voter = old.owner_voter)
  execute function conversation_holder('doubted');
create or replace trigger conversation_holder_2 before update of owner_voter on conversation for each row
  when (new.owner_voter = '') execute function conversation_holder('named');
create or replace trigger conversation_holder_3 before update of owner_holder on conversation for each row
  when (new.owner_voter = '') execute function conversation_holder('unknown');
create or replace function conversation_awake() returns trigger language plpgsql as $$ begin
  new.snoozed_until := null; return new; end $$;
create or replace trigger conversation_awake before update of owner on conversation for each row
  when (new.owner is distinct from old.owner and new.snoozed_until = old.snoozed_until) execute function conversation_awake();
-- The ended ones, newest first.
create index if not exists conversation_solved on conversation (solved_at, id) where solved_at is not null;
-- Nor does it know that what the customer writes wakes a case and, where no helpdesk says what is solved, opens it again.
create or replace function message_wakes() returns trigger language plpgsql as $$ begin
  update conversation set snoozed_until = null,
      solved_at = case when channel = 'zendesk' then solved_at end, solved_by_rule = channel = 'zendesk' and solved_by_rule
    where id = new.conversation_id and (snoozed_until is not null or solved_at is not null); return null; end $$;
create or replace trigger message_wakes after insert on message for each row
  when (new.author_kind = 'requester' and new.visibility = 'public' and new.outcome is distinct from 'ignored')
  execute function message_wakes();
