-- When the personal text of a row was removed; null while it is there. Indexes name what still has some, oldest first,
-- so that looking for what is too old costs nothing when there is nothing.
alter table hint add column cleared_at timestamptz;
create index hint_uncleared on hint (received_at) where cleared_at is null and state <> 'unread';
-- Which file of the blob folder belongs to a row.
create index hint_body on hint (body_ref) where body_ref is not null;

alter table message add column cleared_at timestamptz;
create index message_uncleared on message (received_at) where cleared_at is null;

alter table signal add column cleared_at timestamptz;
create index signal_uncleared on signal (at) where cleared_at is null;

alter table turn add column cleared_at timestamptz;
create index turn_uncleared on turn (started_at) where cleared_at is null;

alter table approval add column cleared_at timestamptz;
create index approval_uncleared on approval (updated_at) where cleared_at is null and state <> 'pending';

alter table effect add column cleared_at timestamptz;
create index effect_uncleared on effect (created_at) where cleared_at is null;

create index transcript_age on transcript (at);
create index desk_decision_age on desk_decision (at);
create index reservation_age on reservation (at);
create index candidate_case_age on candidate_case (at);
