-- works with: 0078
-- What was answered without people, the newest first.
create index if not exists turn_answered_alone on turn (started_at, conversation_id)
  where outcome = 'answered' and trace ->> 'approval_required' = 'false' and cleared_at is null;
