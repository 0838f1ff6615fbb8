-- works with: 0023
-- What a card on the desk says beside its row: that a pause holds it, or that it is tried again. Kept so that a card is
-- shown anew when that changes, and only then. Older code leaves it alone.
alter table approval add column aside_shown text not null default '';
create index approval_aside on approval (id) where aside_shown <> '';
