-- works with: 0028
-- What the turns of all conversations used up, by ten minutes and in a few rows each: the day's cap is read before
-- every turn, and summing every turn of a day takes longer the more there are. Older code does not add to it: what its
-- turns use while both versions run is missing from the day's sum.
create table turn_usage (
  slot timestamptz not null,
  shard integer not null,
  steps bigint not null,
  output_tokens bigint not null,
  cost_usd double precision not null,
  latency_ms double precision not null,
  primary key (slot, shard)
);
insert into turn_usage (slot, shard, steps, output_tokens, cost_usd, latency_ms)
select to_timestamp(floor(extract(epoch from started_at) / 600) * 600), 0, coalesce(sum(steps), 0),
  coalesce(sum(output_tokens), 0), coalesce(sum(cost_usd), 0), coalesce(sum(latency_ms), 0)
from turn where started_at > now() - interval '2 days' group by 1;
