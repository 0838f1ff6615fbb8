/** What Deskhand itself has open about an order: proposals that wait for people, changes under way, unanswered cases. */
import { amountMoved, type Action } from "#core/values/action.ts";
import { formatMoney, type Money, parseAmount } from "#core/values/money.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";

/**
 * A change of the order, by how far it is, or a conversation about it. It is read from our own records of the customer
 * whose order it is, and holds nothing that a person wrote.
 */
export type OpenMatter = { readonly orderId: string; readonly since: Date } & (
  | { readonly kind: "change"; readonly state: ChangeState; readonly action: Action }
  | {
      readonly kind: "conversation";
      readonly channel: ChannelName;
      readonly isWithPeople: boolean;
    }
);

/** `proposed`: people decide. `decided`: about to begin. `begun`: not confirmed yet. `in_doubt`: a person finds out. */
type ChangeState = "proposed" | "decided" | "begun" | "in_doubt";

/** Reads what is open about these orders of the customer a turn is bound to; safe to run twice. */
export type FindOpenMatters = (orderIds: readonly string[]) => Promise<readonly OpenMatter[]>;

const STATES: Readonly<Record<ChangeState, string>> = {
  proposed: "waiting for a teammate",
  decided: "decided, not done yet",
  begun: "under way, not confirmed yet",
  in_doubt: "not known whether it was done, a teammate finds out",
};

/** One line with an ISO date: "waiting for a teammate: refund, 19.90 USD, since 2026-11-20". Throws for no known amount. */
export function openMatterText(matter: OpenMatter): string {
  const since = `since ${matter.since.toISOString().slice(0, DAY_CHARACTERS)}`;
  if (matter.kind === "conversation")
    return `open case: written by ${WRITTEN_BY[matter.channel]}, ${matter.isWithPeople ? "with a teammate" : "not answered yet"}, ${since}`;
  const amount = amountMoved(matter.action);
  const what = matter.action.operation.replaceAll("_", " ");
  return `${STATES[matter.state]}: ${what}${amount === null ? "" : `, ${formatMoney(amount)}`}, ${since}`;
}

const DAY_CHARACTERS = "2026-11-20".length;

const WRITTEN_BY: Readonly<Record<ChannelName, string>> = {
  email: "mail",
  zendesk: "ticket",
  slack: "Slack",
  chat: "chat",
};

/** What such a line tells: a change that people decide on, and whether they have a case. */
export interface ToldMatter {
  readonly proposed: { readonly operation: string; readonly amount: Money | null } | null;
  readonly isWithPeople: boolean;
}

/** Reads a line of `openMatterText`. Any other text tells nothing. */
export function readOpenMatter(text: string): ToldMatter {
  const told = LINE.exec(text)?.groups ?? {};
  return {
    proposed: told["state"] === STATES.proposed ? proposedIn(told["about"] ?? "") : null,
    isWithPeople: WITH_PEOPLE.has(told["state"] ?? "") || told["taken"] !== undefined,
  };
}

/** "refund, 19.90 USD". */
function proposedIn(about: string): ToldMatter["proposed"] {
  const [what = "", amount = ""] = about.split(", ");
  const [digits = "", currency = ""] = amount.split(" ");
  const money = parseAmount(digits, currency);
  return {
    operation: what.replaceAll(" ", "_"),
    amount: "reason" in money ? null : money,
  };
}

const WITH_PEOPLE = new Set([STATES.proposed, STATES.in_doubt]);

const LINE =
  /^(?:(?<taken>open case): .{1,60}, with a teammate|(?<state>[^:]{1,60}): (?<about>.{1,80})), since \d{4}-\d{2}-\d{2}$/;
