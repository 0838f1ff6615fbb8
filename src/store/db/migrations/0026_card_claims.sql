-- works with: 0023
-- What teammates do to a card beside deciding it. Code that does not know these columns leaves them alone: a claim
-- decides nothing and lapses by itself, and a card that is to be drafted anew can be decided as it stands.
alter table approval
  -- Who said that they look at it, and until when that is shown.
  add column claim jsonb,
  add column claim_until timestamptz,
  -- What the next draft is asked for with, until that draft stands; and how many were asked for.
  add column redo jsonb,
  add column redos integer not null default 0;
create index approval_claim on approval (claim_until) where claim_until is not null;
