/** What Deskhand itself has open about an order: proposals that wait for people, changes under way, unanswered cases. */
import { z } from "zod";
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

const STATES = {
  proposed: "waiting for a teammate",
  decided: "decided, not done yet",
  begun: "under way, not confirmed yet",
  in_doubt: "not known whether it was done, a teammate finds out",
} as const satisfies Readonly<Record<ChangeState, string>>;

const WITH_TEAMMATE = "with a teammate";

/** An open matter as an order's look-up shows it: values of ours alone, amounts as "19.90 USD", an ISO date. */
export const ShownMatter = z.strictObject({
  state: z.enum([...Object.values(STATES), WITH_TEAMMATE, "not answered yet"]),
  /** The operation of a change, or `case` for a conversation about the order. */
  what: z.string(),
  amount: z.string().optional(),
  written_by: z.enum(["mail", "ticket", "Slack", "chat"]).optional(),
  since: z.iso.date(),
});
export type ShownMatter = z.infer<typeof ShownMatter>;

/** The matter as it is shown. Throws for no known amount. */
export function shownMatter(matter: OpenMatter): ShownMatter {
  const since = matter.since.toISOString().slice(0, DAY_CHARACTERS);
  if (matter.kind === "conversation")
    return {
      state: matter.isWithPeople ? WITH_TEAMMATE : "not answered yet",
      what: "case",
      written_by: WRITTEN_BY[matter.channel],
      since,
    };
  const { state, action } = matter;
  const amount = amountMoved(action);
  return {
    state: STATES[state],
    what: action.operation,
    ...(amount === null ? {} : { amount: formatMoney(amount) }),
    since,
  };
}

const DAY_CHARACTERS = "2026-11-20".length;

const WRITTEN_BY = {
  email: "mail",
  zendesk: "ticket",
  slack: "Slack",
  chat: "chat",
} as const satisfies Readonly<Record<ChannelName, string>>;

/** What a shown matter tells: a change that people decide on, and whether they have a case. */
export interface ToldMatter {
  readonly proposed: { readonly operation: string; readonly amount: Money | null } | null;
  readonly isWithPeople: boolean;
}

/** What a draft may say of it. */
export function toldMatter({ state, what, amount }: ShownMatter): ToldMatter {
  return {
    proposed: state === STATES.proposed ? { operation: what, amount: moneyIn(amount) } : null,
    isWithPeople: WITH_PEOPLE.has(state),
  };
}

/** "19.90 USD". */
function moneyIn(amount = ""): Money | null {
  const [digits = "", currency = ""] = amount.split(" ");
  const money = parseAmount(digits, currency);
  return "reason" in money ? null : money;
}

const WITH_PEOPLE: ReadonlySet<string> = new Set([STATES.proposed, STATES.in_doubt, WITH_TEAMMATE]);
