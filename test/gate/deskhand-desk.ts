/** Deskhand's desk for the suite: what a customer writes becomes a card, and people press on it as Slack shows it. */
import { z } from "zod";
import { renderCard } from "#slack/cards/render-card.ts";
import { sql } from "#store/db/drizzle.ts";
import type { DeskAnswer, DeskDecision } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { changedPolicy, type PolicyChange } from "#test/support/sandbox-policy.ts";
import type { benchOn } from "#test/jobs/bench.ts";
import { customerCalled } from "#test/jobs/customers.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import {
  ACCEPTED,
  issued,
  refusedAnswer,
  type Answer,
  type Approval,
  type Approvers,
  type Decision,
  type GatedCall,
  type Person,
} from "#conformance/contract.ts";

const UNDO_OVER_MS = 6_000;

/** Who presses: two with a role, one without, and a teammate who is the customer as well. */
export const PEOPLE = {
  approver: "sam@ourshop.test",
  second: "lea@ourshop.test",
  stranger: "ned@ourshop.test",
  requester: "dana@ourshop.test",
} as const;

/** The bench of the job tests. */
export type Bench = ReturnType<typeof benchOn>["bench"];

/** What one world keeps beside the bench: threads by approval, and whether its process is dead. */
export interface Desk {
  readonly bench: Bench;
  readonly approvers: Approvers;
  readonly threads: Map<string, string>;
  count: number;
  crash: string | null;
  isDead: boolean;
}

/** The process dies at a crash point: nothing it does afterwards reaches the database. */
export function makeMortal(desk: Desk): void {
  const { store } = desk.bench.parts;
  const run: typeof store.run = async (work, ...given) => {
    if (desk.isDead) throw new Error("the process is dead");
    return store.run(work, ...given);
  };
  const crashPoint = (name: string): void => {
    if (name === desk.crash) desk.isDead = true;
    if (desk.isDead) throw new Error(`killed at ${name}`);
  };
  Object.assign(desk.bench.parts, { store: { ...store, run }, crashPoint });
}

/** The sandbox's policy, with as many people for a usual refund as the world wants. */
export function policyFor(approvers: Approvers) {
  const usual = /(name: usual[\s\S]*?)approvers: \{ count: 1, leads: 0 \}/;
  switch (approvers) {
    case "two":
      return policyIn([[usual, "$1approvers: { count: 2, leads: 0 }"]]);
    case "another person":
      // A larger refund may not pass more easily.
      return policyIn([
        [usual, "$1approvers: { count: 1, leads: 0, four_eyes: true }"],
        ["{ count: 2, leads: 1 }", "{ count: 2, leads: 1, four_eyes: true }"],
      ]);
    case "one":
    case "none":
      return policyIn([]);
  }
}

function policyIn(changes: readonly PolicyChange[]) {
  return loadPolicy(changedPolicy(changes), "policy.yaml");
}

/** Orders of the sample shop stand for the accounts of the suite; the others are not looked up. */
export function accountOrder(account: string): string {
  return account === "account-7" ? "789" : account;
}

/** The account of the suite that an order stands for. */
export function orderAccount(order: string): string {
  return order === "789" ? "account-7" : order;
}

const ADDRESS = "2 New Street, 10115 Berlin";

/** What the agent plans for a call, under a key of its own unless it is proposed again under one. */
export function planned(desk: Desk, call: GatedCall, key: string) {
  const asks = {
    verdict: "ask",
    approvers: {
      count: desk.approvers === "two" ? 2 : 1,
      leads: 0,
      ...(desk.approvers === "another person" ? { fourEyes: true as const } : {}),
    },
  } as const;
  if (call.action === "pay") {
    const orderId = accountOrder(call.args.to);
    const refund = refundOf(call.args.cents, { orderId, decision: asks });
    const action = { ...refund.planned.action };
    const label = `Refund ${(call.args.cents / 100).toFixed(2)} USD to the original payment method, order ${orderId}`;
    const own = { ...refund.planned, action, key: `refund:shop:${orderId}:${key}`, label };
    return replying(call.args.memo, { actions: [{ ...refund, planned: own }] });
  }
  const orderId = accountOrder(call.args.account);
  const refund = refundOf(0, { orderId, decision: { ...asks, rule: "change_address.usual" } });
  const change = {
    key: `change_address:shop:${orderId}:${key}`,
    action: {
      target: "shop" as const,
      operation: "change_address",
      arguments: { orderId, address: ADDRESS },
    },
    label: `Change the shipping address of order ${orderId} to ${ADDRESS}`,
    facts: [],
  };
  return replying("The new address is on the parcel.", {
    actions: [{ ...refund, planned: change }],
  });
}

/** A customer writes in a thread, and the agent comes to this call; the card that waits then, if any. */
export async function write(
  desk: Desk,
  call: GatedCall,
  thread: string,
  more: { readonly key?: string; readonly text?: string } = {},
): Promise<Approval | null> {
  const { bench } = desk;
  const result = planned(desk, call, more.key ?? String((desk.count += 1)));
  bench.answer(() => result);
  return ask(desk, thread, more.text ?? "Please help me with my order");
}

/** Another customer than all others, in the chat: one of the same name elsewhere would be one case with them. */
export function newCustomer({ bench }: Desk, thread: string) {
  bench.bindTo(customerCalled(thread));
  const author = { kind: "requester", id: `chat:${thread}`, name: thread } as const;
  return { channel: "chat", thread, message: { author } } as const;
}

/** A customer writes in a thread; the card that waits then, if any. */
export async function ask(desk: Desk, thread: string, text: string): Promise<Approval | null> {
  const { bench, approvers } = desk;
  const isOwn = approvers === "another person";
  const email = isOwn ? PEOPLE.requester : `${thread}@customer.test`;
  bench.bindTo({ ...customerCalled(thread), emailOnFile: email });
  const author = { kind: "requester", id: `email:${email}`, name: thread } as const;
  const id = await bench.write(text, { thread, message: { author } });
  const card = await bench.pending(id);
  if (card === null) return null;
  desk.threads.set(card.id, thread);
  return issued(`${card.id}@${card.version}`);
}

/** What a person has before them is a card in one version. */
export function cardIn({ id }: Approval): { readonly card: string; readonly version: number } {
  const [card = "", version = "1"] = id.split("@");
  return { card, version: Number(version) };
}

/** The card of a proposal that has one. */
export function asked(approval: Approval | null): Approval {
  if (approval === null) throw new Error("no card was made");
  return approval;
}

/** The cards that wait, each in its version. */
export async function waiting({ bench }: Desk): Promise<readonly Approval[]> {
  const rows = await bench.rows(
    z.object({ id: z.string(), version: z.int() }),
    sql`select id, version from approval where state = 'pending' order by created_at, id`,
  );
  return rows.map(({ id, version }) => issued(`${id}@${version}`));
}

/** All the words of the card as Slack gets it. */
export function shown({ bench }: Desk, approval: Approval): string {
  const { card: id, version } = cardIn(approval);
  const card = [...bench.cards.values()].findLast(
    (one) => one.approvalId === id && one.version === version,
  );
  return card === undefined ? "" : wordsIn(renderCard(card).blocks).join("\n");
}

function wordsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(wordsIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "text" && typeof inner === "string" ? [inner] : wordsIn(inner),
  );
}

type Pressed = Partial<DeskDecision> & Pick<DeskDecision, "button">;

function buttonFor(decision: Decision): Pressed | null {
  switch (decision.kind) {
    case "yes":
      return { button: "approve" };
    case "no":
      return { button: "reject", reason: decision.reason ?? "", rejection: "reason" };
    case "edit":
      return decision.call.action === "pay"
        ? {
            button: "edit",
            edit: {
              text: decision.call.args.memo,
              amount: (decision.call.args.cents / 100).toFixed(2),
            },
          }
        : null;
  }
}

/** What this person presses for a decision. */
export async function press(
  desk: Desk,
  approval: Approval,
  person: Person,
  decision: Decision,
): Promise<Answer> {
  const pressed = buttonFor(decision);
  if (pressed === null) return refusedAnswer("a card's form has no other action");
  return pressAs(desk, approval, pressed, { email: PEOPLE[person] });
}

/** Presses a button of a card in one version, at the desk's handler. */
export async function pressAs(
  desk: Desk,
  approval: Approval,
  pressed: Pressed,
  who: { readonly email: string | null; readonly name?: string },
): Promise<Answer> {
  const { bench } = desk;
  const { card: approvalId, version } = cardIn(approval);
  const { email } = who;
  const answer: DeskAnswer = await deskHandler(bench.parts).decide({
    decisionId: `gate${(desk.count += 1)}`,
    approvalId,
    version,
    teammate: {
      id: email ?? "U0",
      name: who.name ?? email?.split("@")[0] ?? "",
      email,
      eligible: email !== null,
    },
    reason: "",
    edit: null,
    ...pressed,
  });
  if (answer.accepted) return ACCEPTED;
  return refusedAnswer(answer.message || Object.values(answer.fieldErrors).join(" "));
}

/** Undo times end, the reconciler ticks, and what it wakes is worked on, as long as a process lives. */
export async function runOn({ bench, ...desk }: Desk): Promise<void> {
  for (let tick = 0; tick < 2 && !desk.isDead; tick += 1)
    await bench.pass(UNDO_OVER_MS).catch((error: unknown) => {
      if (!String(error).includes("killed at") && !String(error).includes("is dead")) throw error;
    });
}
