-- works with: 0028
-- The newest migration a process knows, so that an upgrade sees which code still runs. Older code writes no such thing.
alter table heartbeat add column knows text;
