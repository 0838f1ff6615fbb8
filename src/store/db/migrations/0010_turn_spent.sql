-- What a turn used up, beside its trace: the caps of a day are summed before every turn, and unpacking each trace of
-- that day for four numbers takes longer than everything else in that transaction.
alter table turn
  add column steps bigint generated always as ((trace ->> 'steps')::bigint) stored,
  add column output_tokens bigint generated always as ((trace ->> 'output_tokens')::bigint) stored,
  -- Null for a model without a known price.
  add column cost_usd double precision generated always as ((trace ->> 'cost_usd')::double precision) stored,
  add column latency_ms double precision generated always as ((trace ->> 'latency_ms')::double precision) stored;
create index turn_started on turn (started_at) include (steps, output_tokens, cost_usd, latency_ms);

-- The votes of a card are read again right before what it approved begins.
create index audit_vote on audit ((data ->> 'approval')) where kind = 'vote';
