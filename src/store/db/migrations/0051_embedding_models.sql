-- works with: 0028
-- What computed a passage's embedding: those of different models cannot be compared. Older code computes built-in ones.
alter table help_passage add column embedding_model text not null default 'builtin';
