-- works with: 0078
-- Conversations that still have text of people, oldest first: what is too old is found without reading all of them. By
-- the time they began, which never changes, so that a change of any other column of theirs costs no index.
create index if not exists conversation_uncleared on conversation (created_at) where subject <> '' or owner_reason <> '';
-- Those given to people, by when, whatever became of them since: they are counted for each day.
create index if not exists conversation_handed_over on conversation (handed_over_at) where handed_over_at is not null;
-- Files of rows whose text is gone: a process died between the two, or one of an older version did not know of both.
create index if not exists hint_left on hint (received_at) where cleared_at is not null and body_ref is not null;
create index if not exists attachment_left on attachment (received_at)
  where cleared_at is not null and (blob_ref is not null or description <> '');
-- The newest turns of each topic, and replies in another conversation of a case, which have no turn: the scorecard.
create index if not exists turn_topic on turn ((coalesce(nullif(trace ->> 'topic', ''), 'other')), started_at);
create index if not exists effect_elsewhere on effect (finished_at)
  where turn_id is null and operation = 'reply' and state = 'done' and approved_by = 'policy';
