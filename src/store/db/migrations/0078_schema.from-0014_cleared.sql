-- From release 0.3.0. What its tables lack comes first, then the schema creates whatever is not there.
alter table conversation rename column told_closed to closed_notice_until;
alter table conversation
  add column customer text not null default '',
  add column participants_digest text not null default '',
  add column participant_changes integer not null default 0,
  add column barred text,
  add column rating_source text,
  add column rating_stars integer,
  add column solved_by_rule boolean not null default false,
  add column kept_out text,
  add column questions bigint not null default 0,
  add column owner_holder text,
  add column owner_delicate text;
alter table message add column passed_over text;
alter table approval rename column claimed_until to post_locked_until;
alter table approval
  add column claim jsonb,
  add column claim_until timestamptz,
  add column claimed_at timestamptz,
  add column redraft jsonb,
  add column redraft_count integer not null default 0,
  add column decided_at timestamptz,
  add column edited boolean not null default false,
  add column status_line text not null default '',
  add column opinions jsonb not null default '[]';
alter table policy_change rename column claimed_until to post_locked_until;
alter table policy_change add column made_from text;
alter table effect add column held_at timestamptz;
alter table transcript add column position integer not null default 0;
alter table candidate_case
  add column answered_by text,
  add column decision text,
  add column decided_by text,
  add column decided_at timestamptz;
alter table challenge add column network_hash text;
alter table duty add column generation integer not null default 0;
alter table heartbeat add column knows text;
-- Help pages are read anew from their files at the next start.
drop table help_passage;
drop table help_page;

-- then the schema

-- The day's cap counts what was used up before the upgrade.
insert into turn_usage (slot, turns, steps, output_tokens, cost_usd, latency_ms)
select to_timestamp(floor(extract(epoch from started_at) / 600) * 600), count(*), coalesce(sum(steps), 0),
  coalesce(sum(output_tokens), 0), coalesce(sum(cost_usd), 0), coalesce(sum(latency_ms), 0)
from turn where started_at > now() - interval '2 days' group by 1;
-- How every conversation ended is decided soon.
insert into resolution (conversation_id, due_at, changed) select id, now(), true from conversation;
-- What 0.3.0 said in sentences alone: why a message was passed over, who has a conversation, and about what.
update message set passed_over = case outcome_reason when 'only thanks, nothing to answer' then 'thanks' else 'unproven' end
  where outcome = 'ignored' and outcome_reason in ('only thanks, nothing to answer',
    'put aside: its sender is not proven, and what waits here rests on proof');
update conversation set
  owner_holder = coalesce(substring(owner_reason from '^Taken over by (.+)$'),
    substring(owner_reason from '^Rejected, (.+?) answers(?::.*)?$')),
  owner_delicate = (select topic from unnest(array['self_harm', 'threat', 'injury', 'legal', 'press', 'chargeback',
    'hacked_account', 'data_request', 'abuse', 'vip']) topic
    where owner_reason ~ ('\mdelicate: ' || replace(topic, '_', ' ') || '( \(|;|$)') limit 1)
  where owner = 'human' and solved_at is null and owner_reason ~ '^Taken over by |^Rejected, |\mdelicate: ';
