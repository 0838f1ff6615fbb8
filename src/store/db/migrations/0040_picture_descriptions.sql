-- works with: 0028
-- What a model said a picture shows, once a teammate asked for it; empty for every other file. Older code neither shows
-- nor writes it, and leaves it where it erases a file: newer code removes it with its next retention.
alter table attachment add column description text not null default '';
create index attachment_described on attachment (id) where description <> '';
