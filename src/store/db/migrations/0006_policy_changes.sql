-- The policy in force is a row, so that a file somebody edited changes nothing before the right people have said yes.
create table policy_change (
  id text primary key,
  -- The sandbox's own file and an operator's have histories apart, so that a look at the sandbox changes neither.
  source text not null check (source in ('built-in', 'file')),
  version text not null,
  -- The whole file as it was read.
  text text not null,
  state text not null check (state in ('proposed', 'active', 'rejected', 'expired', 'superseded')),
  relaxations jsonb not null,
  differences jsonb not null,
  needs jsonb not null,
  votes jsonb not null default '[]',
  proposed_at timestamptz not null,
  active_since timestamptz,
  expires_at timestamptz not null,
  closing text not null default '',
  -- Counts every change of this row; the card on the desk is out of date while it shows another number.
  revision integer not null default 1,
  shown_revision integer,
  desk_ref text,
  post_attempts integer not null default 0,
  post_after timestamptz,
  claimed_until timestamptz
);
create unique index policy_change_one_active on policy_change (source) where state = 'active';
create unique index policy_change_one_proposed on policy_change (source) where state = 'proposed';
create index policy_change_newest on policy_change (source, proposed_at);
