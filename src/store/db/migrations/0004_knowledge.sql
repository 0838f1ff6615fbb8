-- Help pages and the passages answers cite. Embeddings are bytes, so that no extension is needed.
create table help_page (
  slug text primary key,
  title text not null,
  url text not null,
  updated date not null,
  -- Of everything the passages are made from; the same means there is nothing to do.
  hash text not null
);

create table help_passage (
  id text primary key,
  slug text not null references help_page (slug) on delete cascade,
  position integer not null,
  title text not null,
  url text not null,
  heading text not null,
  body text not null,
  words tsvector not null generated always as (
    setweight(to_tsvector('english', title || '. ' || heading), 'C') ||
    to_tsvector('english', body)
  ) stored,
  -- 512 numbers of 4 bytes, little endian; null until they are computed.
  embedding bytea
);
create index help_passage_slug on help_passage (slug);
create index help_passage_words on help_passage using gin (words);
