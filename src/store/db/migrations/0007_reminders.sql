-- What the calendar drives: reminders that come once, what customers are told while nobody is there, and looking up
-- the fate of an effect less and less often while its target stays away.
alter table approval
  -- Since when it waits in this form: a new version with a time of its own is a new thing to decide.
  add column asked_at timestamptz,
  -- When those on duty are reminded; null until the clockwork has asked the calendar.
  add column remind_at timestamptz,
  add column reminded_at timestamptz;
update approval set asked_at = created_at;
alter table approval alter column asked_at set not null;
create index approval_remind on approval (remind_at) where state = 'pending' and reminded_at is null;

alter table conversation
  -- Set by a hand-over of ours, cleared when the bot has the conversation back.
  add column handed_over_at timestamptz,
  -- When those on duty are reminded of it; null once they were, or somebody took it.
  add column handover_remind_at timestamptz,
  -- Which closed time the customer was told about last, by the moment a card from it expires.
  add column told_closed timestamptz;
create index conversation_remind on conversation (handover_remind_at) where handover_remind_at is not null;

alter table effect
  -- How often its target could not be asked in a row, and since when.
  add column away_count integer not null default 0,
  add column away_since timestamptz;
