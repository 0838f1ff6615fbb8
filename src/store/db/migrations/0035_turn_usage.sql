-- works with: 0028
-- What the turns of all conversations used up, by ten minutes: the day's cap is read before every turn, and summing
-- every turn of a day takes longer the more there are. Each turn adds a row, and one process adds up the rows of each
-- ten minutes now and then. Older code does not add to it: what its turns use while both versions run is missing from
-- the day's sum.
create table turn_usage (
  id bigint generated always as identity primary key,
  slot timestamptz not null,
  -- How many turns a row stands for.
  turns bigint not null,
  steps bigint not null,
  output_tokens bigint not null,
  cost_usd double precision not null,
  latency_ms double precision not null
);
create index turn_usage_slot on turn_usage (slot);
insert into turn_usage (slot, turns, steps, output_tokens, cost_usd, latency_ms)
select to_timestamp(floor(extract(epoch from started_at) / 600) * 600), count(*), coalesce(sum(steps), 0),
  coalesce(sum(output_tokens), 0), coalesce(sum(cost_usd), 0), coalesce(sum(latency_ms), 0)
from turn where started_at > now() - interval '2 days' group by 1;
