-- works with: 0028
-- What is known of a conversation to tell whether it belongs to a case with others of the same customer. Only
-- conversations whose customer is proven, and whose answer reaches nobody else, have a row. Older code neither reads nor
-- writes these: what it works on is decided by itself, as before.
create table case_member (
  conversation_id text primary key references conversation (id) on delete cascade,
  customer_id text not null,
  -- Whose messages in it were bound to that customer.
  author_id text not null,
  brand text not null,
  -- The customer's own orders that it names.
  orders jsonb not null default '[]',
  topic text not null default '',
  written_at timestamptz not null,
  -- The case it belongs to, named by the first conversation of it; null when it belongs to none.
  case_id text,
  -- Why, in words for the team.
  reasons jsonb not null default '[]',
  -- The conversation that its card asks about: the same case or not.
  asked_about text,
  -- A teammate, or a change of its readers, took it out of every case: it joins none by itself again.
  kept_apart boolean not null default false
);
create index case_member_case on case_member (case_id) where case_id is not null;
create index case_member_written on case_member (written_at);

-- One row for each customer, which every turn for them writes: turns of the same customer that end at the same time do so
-- one after the other, and the later one sees the earlier.
create table case_customer (
  customer_id text primary key,
  -- Conversations that were not answered by the policy alone when last looked at, oldest first.
  waiting jsonb not null default '[]',
  updated_at timestamptz not null
);
create index case_customer_updated on case_customer (updated_at);
