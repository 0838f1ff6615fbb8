-- works with: 0022
-- The lines of a chat in the order in which they could first be read, so that a visitor who comes back can name the last
-- one seen. Older code gives none of these numbers itself; the database does.
alter table transcript add column position bigint generated always as identity;

-- What is asked for every open window, several times a minute: where its conversation stands.
create index hint_conversation on hint (conversation_id, id);
create index effect_conversation on effect (conversation_id);
create index approval_conversation on approval (conversation_id);
