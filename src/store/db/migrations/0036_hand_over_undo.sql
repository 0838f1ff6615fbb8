-- works with: 0028
-- A hand-over by a click can be taken back for some seconds. What is past its time is found by this index; older code
-- shows such a card as decided, which it is.
create index approval_hand_over_undo on approval (undo_until) where state = 'rejected' and undo_until is not null;
