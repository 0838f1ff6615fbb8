-- works with: 0028
-- Which trace a row belongs to, as W3C's Trace Context writes it, so that one trace leads from an accepted message over
-- processes to what was done about it. Null for older rows, for what older code writes, and where nothing is traced.
alter table hint add column trace_context text;
alter table turn add column trace_context text;
alter table effect add column trace_context text;
