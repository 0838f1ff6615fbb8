-- works with: 0028
-- What people did instead of a draft that was only shown, and changes of the policy that these figures speak for. Older
-- code neither writes nor reads them, and brings a policy into force as before.
create table draft_score (
  approval_id text primary key,
  conversation_id text not null,
  channel text not null,
  topic text not null,
  drafted_at timestamptz not null,
  answered_at timestamptz,
  -- when the draft is to be judged; null while no teammate has answered, and once it is judged
  judge_at timestamptz,
  judged_at timestamptz,
  -- null until it is judged, and for a draft that cannot be judged
  agreed boolean,
  wrong_actions bigint not null default 0,
  missing_facts bigint not null default 0,
  risk_minor bigint,
  risk_currency text,
  -- why it cannot be judged; empty for one that can
  unjudged text not null default ''
);
create index draft_score_due on draft_score (judge_at) where judge_at is not null;
create index draft_score_judged on draft_score (judged_at) where judged_at is not null;
create index draft_score_conversation on draft_score (conversation_id);

create table autonomy_proposal (
  change_id text primary key references policy_change (id),
  kind text not null,
  channel text not null,
  topic text not null,
  came_from text not null,
  goes_to text not null,
  judged bigint not null,
  proposed_at timestamptz not null
);

-- The version of the file that a change was made from by Deskhand itself, until the file says the same; null for a change
-- that people wrote into the file.
alter table policy_change add column made_from text;
