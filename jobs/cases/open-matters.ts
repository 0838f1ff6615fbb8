/** What a turn may be told of its customer's orders beside what the shop knows. */
import type { TurnInput } from "#core/contracts/agent.ts";
import type { FindOpenMatters } from "#core/cases/open-matter.ts";
import { openMatters } from "#store/cases/open-matters.ts";
import type { WholeCase } from "./whole-case.ts";
import { mayHaveCase } from "./whole-case.ts";

/**
 * Finds what is open about orders of the turn's proven customer, with one statement for each look-up; left out where
 * nothing is open anywhere, and where others than the customer read the answer. What this turn answers itself is not
 * told: its cards end with the turn.
 */
export function openMattersOf({
  known,
  requester,
}: Pick<WholeCase, "known" | "requester">): Pick<TurnInput, "openMatters"> {
  const { context, snapshot, covers } = known;
  const { customerId } = requester;
  if (!snapshot.mayBeOpen || customerId === null || !mayHaveCase(known, requester)) return {};
  const except = [
    snapshot.state.conversation.id,
    ...covers.map(({ conversation }) => conversation.id),
  ];
  const find: FindOpenMatters = (orderIds) =>
    openMatters(context.store, { customerId, orderIds, except });
  return { openMatters: find };
}
