-- works with: 0028
-- Rehearsals: past tickets played again beside what people did. Older code neither reads nor writes them; a person whom
-- it erases may stay in a rehearsed ticket until that is old.
create table rehearsal (
  id text primary key,
  -- "zendesk", "mailbox FILE" or "file FILE", as it was asked for.
  source text not null,
  model text not null,
  -- True for rehearsal rules, which are no AI.
  is_rehearsal_model boolean not null,
  policy_version text not null,
  state text not null check (state in ('running', 'stopped', 'done')),
  -- Why it stopped before its end; empty otherwise.
  reason text not null default '',
  tickets integer not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  -- Figures without any text of a customer; null until the first end.
  summary jsonb
);
create index rehearsal_started on rehearsal (started_at);
create table rehearsed_ticket (
  rehearsal_id text not null references rehearsal (id) on delete cascade,
  ticket_id text not null,
  -- The customer's address in lower case, by which an erasure finds the row; empty where the source has none.
  customer text not null default '',
  -- The shop's customer, where the turn was bound to one; empty otherwise.
  customer_id text not null default '',
  document jsonb not null,
  -- Who was right, as a teammate said.
  verdict jsonb,
  -- The name of the case it was kept as; empty where it was not kept.
  kept_as text not null default '',
  played_at timestamptz not null,
  primary key (rehearsal_id, ticket_id)
);
create index rehearsed_ticket_customer on rehearsed_ticket (customer);
create index rehearsed_ticket_played on rehearsed_ticket (played_at);
