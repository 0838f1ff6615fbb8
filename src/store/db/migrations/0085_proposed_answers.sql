-- works with: 0078
-- A note may be an answer to the customer that a teammate's assistant proposes; a process of an older version shows it as a note.
alter table case_note add column if not exists is_answer boolean not null default false;
