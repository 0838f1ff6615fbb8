-- From the last of the steps that 0078_schema put together: columns get the names that code has for them.
alter table conversation rename column told_closed to closed_notice_until;
alter table conversation rename column terms to participants_digest;
alter table conversation rename column moves to participant_changes;
alter table approval rename column claimed_until to post_locked_until;
alter table approval rename column aside_shown to status_line;
alter table approval rename column redo to redraft;
alter table approval rename column redos to redraft_count;
alter index approval_aside rename to approval_status_line;
alter table policy_change rename column claimed_until to post_locked_until;
alter table procedure_version rename column claimed_until to post_locked_until;
alter table harmless_text rename column masked to masked_text;
alter table rehearsed_ticket rename column document to played;
