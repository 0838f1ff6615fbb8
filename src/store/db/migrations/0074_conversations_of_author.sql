-- works with: 0028
-- Which other conversations an author wrote in is read from the index alone, for every conversation that is decided.
create index message_author on message (author_id, conversation_id) where author_kind = 'requester';
drop index message_requester;
