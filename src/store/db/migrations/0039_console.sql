-- works with: 0028
-- What the console lists and searches, so that each page is read by an index however much is stored.
-- Notes of the team on a case: internal, written on the console, never sent.
create table case_note (
  id text primary key,
  conversation_id text not null references conversation (id),
  author text not null,
  name text not null,
  text text not null,
  at timestamptz not null
);
create index case_note_conversation on case_note (conversation_id, at);
create index case_note_age on case_note (at);
-- What waits, oldest first, and what one click can still undo.
create index approval_waiting on approval (asked_at, id) where state = 'pending';
create index approval_undo on approval (undo_until) where undo_until is not null;
-- What was decided, and what was only shown, newest first.
create index approval_decided on approval (updated_at, id)
  where state <> 'pending' and kind <> 'notice' and cleared_at is null;
create index approval_shadow on approval (updated_at, id)
  where kind = 'notice' and closing = '' and cleared_at is null;
-- With people and not solved yet.
create index conversation_with_people on conversation (handed_over_at, id)
  where owner = 'human' and handed_over_at is not null and solved_at is null;
-- By the number a source prints, such as a ticket's.
create index conversation_external on conversation (external_id);
create index signal_conversation on signal (conversation_id, at);
-- Words of messages, with sender and subject. Long numbers are left out, so that no card number can be searched for;
-- the length is bounded, so that no mail is too long for it.
create index message_words on message_content using gin (to_tsvector('simple', regexp_replace(
  coalesce(content -> 'author' ->> 'name', '') || ' ' || coalesce(content -> 'author' ->> 'id', '') || ' '
    || coalesce(content ->> 'subject', '') || ' ' || left(coalesce(content ->> 'text', ''), 20000),
  '[0-9](?:[ -]?[0-9]){11,}', ' ', 'g')));
create index effect_order on effect ((action -> 'arguments' ->> 'orderId'))
  where action -> 'arguments' ->> 'orderId' is not null;
