-- A random key for each person the audit has an entry about. Deleting the row is what erases them from the audit: without
-- the key nothing leads from their pseudonyms to them, while every entry and its hash stay as they are.
create table person_key (
  -- Digest of the person with a secret of the installation, so that this table names nobody.
  person text primary key,
  key text not null
);
