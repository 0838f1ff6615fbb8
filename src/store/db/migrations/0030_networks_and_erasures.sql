-- works with: 0028
-- Keyed digest of the network a code was asked for from, to count how often it asked; null where a channel does not tell.
alter table challenge add column network_hash text;
create index challenge_network on challenge (network_hash, created_at);

-- The list of erasures: keyed digests of the names somebody was found under, and when they were erased last. Nobody can
-- be read from it; it is there to do the erasures again after an older backup was put back. Older code keeps a file.
create table erasure (
  name text primary key,
  at timestamptz not null
);
