-- works with: 0028
-- contract: since 0.3.0
-- No release read or wrote these columns.
alter table hint drop column trace_context;
alter table turn drop column trace_context;
alter table effect drop column trace_context;
-- No release divided the recordings by month; where a clone between two releases did, they are one table again. A line
-- that ends with a semicolon ends a statement of this file.
do $$ begin
  if (select relkind from pg_class where oid = 'turn_recording'::regclass) = 'p' then
    alter table turn_recording rename to turn_recording_divided
    ; create table turn_recording (
        turn_id text primary key,
        conversation_id text not null,
        recorded_at timestamptz not null,
        body bytea not null
      )
    ; insert into turn_recording
        select turn_id, conversation_id, recorded_at, body from turn_recording_divided
        on conflict do nothing
    ; drop table turn_recording_divided
    ; create index turn_recording_conversation on turn_recording (conversation_id)
    ; create index turn_recording_recorded on turn_recording (recorded_at)
    ; end if
; end $$;
