-- works with: 0028
-- What is counted for those who operate an installation: messages by the moment they ended, and effects whose end is not
-- known. Without these, each look would read two tables that only grow.
create index message_ended on message (outcome_at) where outcome is not null;
create index effect_unknown on effect (finished_at) where state = 'unknown';
