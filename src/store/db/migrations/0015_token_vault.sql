-- Tokens that are exchanged for new ones, sealed by whoever may use them. The generation is the fence: a new token is
-- put only over the one it was exchanged for. A claim runs out by the database's clock.
create table token_vault (
  name text primary key,
  generation integer not null default 0,
  value text,
  claimed_until timestamptz
);
