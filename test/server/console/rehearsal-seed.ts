/** A rehearsal of the sandbox's past for the pages' tests: drafts that do as the shop's rules say, compared by hand. */
import type { Comparison, RehearsedAction, RehearsedTicket } from "#core/values/rehearsal.ts";
import { solvedTickets, type SolvedTicket } from "#sandbox/history/index.ts";
import { CUSTOMERS, ORDERS } from "#sandbox/world.ts";
import type { Store } from "#store/db/database.ts";
import { keepRehearsed, setRehearsal, startRehearsal } from "#store/rehearsal/rehearsals.ts";
import { rehearsedTicket, SAME } from "#test/store/rehearsal/examples.ts";
import { ticketsSummary } from "#jobs/rehearsal/figures.ts";

const SMALL_MINOR = 1_000;

/** Plays `count` tickets of the sandbox's past; gives what was played. */
export async function addRehearsal(
  store: Store,
  {
    id,
    until,
    count = 200,
  }: { readonly id: string; readonly until: Date; readonly count?: number },
): Promise<readonly RehearsedTicket[]> {
  const played = solvedTickets({ until, count }).map(playedOf);
  await store.run(async (transaction) => {
    await startRehearsal(transaction, {
      id,
      source: "zendesk",
      model: "rehearsal",
      isRehearsalModel: true,
      policyVersion: "0123456789abcdef",
      tickets: count,
      startedAt: until,
    });
    for (const one of played)
      await keepRehearsed(transaction, id, { played: one, customerId: null });
    await setRehearsal(transaction, id, {
      state: "done",
      endedAt: until,
      summary: ticketsSummary(played),
    });
  });
  return played;
}

/** One ticket of the past as it would have been played. */
function playedOf(solved: SolvedTicket): RehearsedTicket {
  const { ticket } = solved;
  const customer = CUSTOMERS.find(({ email }) => email === ticket.customer);
  const order = ORDERS.find(({ customerId }) => customerId === customer?.id);
  const minor = Math.min(order?.amountMinor ?? 0, 900);
  const action: RehearsedAction = {
    operation: "refund",
    orderId: order?.id ?? null,
    amount: { minor, currency: "USD" },
    label: `Refund ${(minor / 100).toFixed(2)} USD, order ${order?.id ?? "?"}`,
    verdict: "allow",
    rule: "refund.small",
    reason: "Refunds up to 10.00 USD within 30 days after delivery are made at once.",
  };
  const isWrong = solved.flaw === "declined" || solved.flaw === "nothing_done";
  const taken = (ticket.actions ?? []).map((one): RehearsedAction => ({
    ...action,
    operation: one.operation,
    orderId: one.orderId,
    amount: one.amount,
    label: one.operation,
    verdict: (one.amount?.minor ?? 0) > SMALL_MINOR ? "ask" : "allow",
  }));
  const actions = isWrong ? [action] : taken;
  const isLegal = solved.matter === "legal_threat";
  return rehearsedTicket({
    ticket,
    topic: solved.matter,
    language: ticket.language,
    draft: isLegal ? null : { text: draftText(solved), sources: [] },
    outcome: isLegal ? "handed_over" : "answered",
    route: isLegal
      ? "not_at_all"
      : actions.some(({ verdict }) => verdict === "ask")
        ? "with_person"
        : "alone",
    actions,
    comparison: comparisonOf(solved, action),
    moneyAtRisk: isWrong && action.amount !== null ? [action.amount] : [],
    answeredAfterMs: Date.parse(ticket.answer.at) - Date.parse(ticket.messages[0]?.at ?? ""),
  });
}

function draftText({ flaw, ticket }: SolvedTicket): string {
  if (flaw === null) return ticket.answer.text;
  return flaw === "wrong_fact"
    ? "You can ask for a refund within 30 days after delivery."
    : "I have refunded 9.00 USD. <b>Thank you</b> for your patience.";
}

function comparisonOf({ flaw, ticket }: SolvedTicket, action: RehearsedAction): Comparison {
  if (flaw === null) return SAME;
  if (flaw === "declined" || flaw === "nothing_done")
    return {
      ...SAME,
      sameAction: false,
      wrongActions: [{ ...action, why: "not_taken" as const, risk: action.amount }].map(
        ({ operation, orderId, amount, why, risk }) => ({ operation, orderId, amount, why, risk }),
      ),
    };
  const said = /\d+(?:\.\d\d USD| days| years)/.exec(ticket.answer.text)?.[0];
  if (said === undefined) return { ...SAME, sameOutcome: false };
  return {
    ...SAME,
    contradicts: [
      { person: { kind: "number", words: said }, draft: { kind: "number", words: "9.00 USD" } },
    ],
    lacks: [{ kind: "order", words: "order 789" }],
  };
}
