-- works with: 0028
-- Entries of the audit that wait for their place in the chain, which one process gives them within a second. Older code
-- appends to the chain at once, under the same lock.
create table audit_pending (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  data jsonb not null
);
