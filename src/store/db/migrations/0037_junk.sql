-- works with: 0028
-- Mail that was set aside as junk: told to the team once a day, and put back to work by one click. Older code neither
-- sets mail aside nor reads this; a mail it works on meanwhile is answered or handed over as before.
create table junk (
  conversation_id text primary key references conversation (id),
  kind text not null check (kind in ('phishing', 'sales')),
  -- What says so, in our own words.
  why text not null,
  -- The key of the alert that lists it.
  list_key text not null,
  at timestamptz not null,
  restored_at timestamptz
);
create index junk_list on junk (list_key, at);
create index junk_newest on junk (at, conversation_id);
-- Whether anything else of the same writer was worked on.
create index message_requester on message (author_id) where author_kind = 'requester';
