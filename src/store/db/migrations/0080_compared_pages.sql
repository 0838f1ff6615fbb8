-- works with: 0079
-- When a page is to be compared with the others by the reading model; null once it was. A changed page is inserted anew.
alter table help_page add column if not exists compare_at timestamptz default '1970-01-01T00:00:00Z';
-- Sentences of two passages that exclude each other, as the reading model found them; gone with either passage.
create table if not exists page_contradiction (
  one text not null references help_passage (id) on delete cascade,
  one_sentence text not null,
  other text not null references help_passage (id) on delete cascade,
  other_sentence text not null,
  primary key (one, other)
);
create index if not exists page_contradiction_other on page_contradiction (other);
