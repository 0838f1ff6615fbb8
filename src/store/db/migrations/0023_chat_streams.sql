-- works with: 0022
-- The place of a line in its chat, in the order in which lines could first be read, so that a visitor who comes back can
-- name the last one seen. Lines from before, and those of older code, have none and come first.
alter table transcript add column position integer not null default 0;

-- What is asked for every open window, several times a minute: where its conversation stands.
create index hint_conversation on hint (conversation_id, id);
create index effect_conversation on effect (conversation_id);
create index approval_conversation on approval (conversation_id);
