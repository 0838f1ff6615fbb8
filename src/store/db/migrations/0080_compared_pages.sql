-- works with: 0079
-- When the reading model is to compare a page with the others again: null for a new or changed page, which is inserted
-- anew, and infinity once it has.
alter table help_page add column if not exists compare_at timestamptz;
-- Sentences of two passages that exclude each other, as the reading model found them; gone with either passage.
create table if not exists page_contradiction (
  one text not null references help_passage (id) on delete cascade,
  one_sentence text not null,
  other text not null references help_passage (id) on delete cascade,
  other_sentence text not null,
  primary key (one, other)
);
create index if not exists page_contradiction_other on page_contradiction (other);
