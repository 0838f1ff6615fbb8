-- works with: 0014
-- Between whom a conversation is where it lives: whose it is now, a digest of customer, brand and readers as last seen,
-- how often that changed (part of the revision), and why nothing may be written there at present.
alter table conversation add column customer text not null default '';
alter table conversation add column terms text not null default '';
alter table conversation add column moves integer not null default 0;
alter table conversation add column barred text;
