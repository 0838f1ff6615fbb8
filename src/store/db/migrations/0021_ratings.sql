-- works with: 0014
-- How a customer was asked for the rating, what they chose on a scale of five, whether a rule solved the conversation,
-- and why it may not become an eval case.
alter table conversation
  add column rating_source text,
  add column rating_stars integer,
  add column solved_by_rule boolean not null default false,
  add column kept_out text;

-- Whose words the customer read last: the bot's draft as it was, edited, sent by hand, or a person's own.
alter table candidate_case add column answered_by text;
