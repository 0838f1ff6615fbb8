/** The two shipped policies, questions about the sample orders, and what a change of a policy permits. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { OrderFacts } from "#core/values/action.ts";
import type { PolicyQuestion } from "#core/contracts/policy.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { loadPolicy, openPolicyFile, type PolicyFile } from "#policy/load-policy.ts";
import { comparePolicies, relaxationLines } from "#policy/compare/compare-policies.ts";

const FILES = new URL("../../src/policy/files/", import.meta.url);

export const sandboxText = readFileSync(new URL("sandbox.yaml", FILES), "utf8");
export const initText = readFileSync(new URL("init.yaml", FILES), "utf8");

/** A shop with opening hours, duty groups, routes and two brands; the one docs/policy.md speaks of. */
export const berlinText = readFileSync(new URL("berlin.yaml", import.meta.url), "utf8");

/** The day every question is asked on. */
export const NOON = new Date("2026-11-20T12:00:00Z");

function dollars(amount: number) {
  return { minor: Math.round(amount * 100), currency: "USD" };
}

export function order(
  orderId: string,
  customerId: string,
  paid: number,
  {
    deliveredDaysAgo = null,
    status = "delivered",
    refunded = 0,
  }: {
    deliveredDaysAgo?: number | null;
    status?: string;
    refunded?: number;
  } = {},
): OrderFacts {
  return {
    orderId,
    customerId,
    status,
    paid: dollars(paid),
    refunded: dollars(refunded),
    refundCount: refunded > 0 ? 1 : 0,
    deliveredOn:
      deliveredDaysAgo === null
        ? null
        : new Date(NOON.getTime() - deliveredDaysAgo * 86_400_000).toISOString().slice(0, 10),
  };
}

export const ORDERS = {
  kettle: order("123", "u123", 25, { status: "shipped" }),
  lamp: order("456", "u123", 60, { status: "processing" }),
  headphones: order("789", "u123", 120, { deliveredDaysAgo: 12 }),
  backpack: order("790", "u123", 80, { deliveredDaysAgo: 45 }),
  laptop: order("1001", "u456", 900, { deliveredDaysAgo: 5 }),
  cable: order("1002", "u456", 9, { deliveredDaysAgo: 3 }),
  phoneCase: order("1003", "u456", 8, { deliveredDaysAgo: 4 }),
  phone: order("2001", "u789", 640, { status: "shipped" }),
};

/** A verified owner asking about their order by mail, unless something else is said. */
export function question(
  operation: string,
  about: OrderFacts | null,
  amount: number | null,
  changes: Partial<PolicyQuestion> = {},
): PolicyQuestion {
  return {
    operation,
    channel: "email",
    brand: "OurShop",
    topic: operation,
    level: 2,
    actingLevel: undefined,
    customerId: about?.customerId ?? "u123",
    amount: amount === null ? null : dollars(amount),
    order: about,
    origin: { asked: true, unproven: [] },
    at: NOON,
    usage: {},
    ...changes,
  };
}

/** What the second of two files permits beyond the first, as `path: words`. */
export function relaxations(before: PolicyFile, after: PolicyFile): readonly string[] {
  return relaxationLines(comparePolicies(before, after));
}

/** A file with other words in the place of some that have to be there. */
export function withEdits(
  edits: readonly (readonly [words: string, instead: string])[],
  text = sandboxText,
): string {
  return edits.reduce((before, [words, instead]) => {
    assert.ok(before.includes(words), words);
    return before.replace(words, () => instead);
  }, text);
}

/** The lines a broken file is refused with. */
export function problems(text: string): readonly string[] {
  try {
    loadPolicy(text, "policy.yaml");
    return [];
  } catch (error) {
    assert.ok(error instanceof DeskhandError, String(error));
    assert.equal(error.code, "policy.invalid");
    return error.message.split("\n");
  }
}

/** The number of the first line that holds these words. */
export function lineWith(text: string, words: string): number {
  return text.split("\n").findIndex((line) => line.includes(words)) + 1;
}

/** What a change of a shipped file permits. */
export function permitted(words: string, instead: string, text = sandboxText): readonly string[] {
  const changed = withEdits([[words, instead]], text);
  return relaxations(openPolicyFile(text, "before.yaml"), openPolicyFile(changed, "after.yaml"));
}

/** Questions to the sandbox's policy and what it answers: the verdict, by which rule, and how many approve. */
export type DecisionRows = Readonly<
  Record<
    string,
    readonly [
      asked: PolicyQuestion,
      expected: readonly [verdict: string, rule: string, approvers: object],
    ]
  >
>;

/** One teammate, two people of whom one is a lead, or no person. */
export const ONE = { count: 1, leads: 0 };
export const TWO = { count: 2, leads: 1 };
export const NO_APPROVERS = { count: 0, leads: 0 };

/** Registers a test for each row. */
export function decidesAsShown(rows: DecisionRows): void {
  const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");
  for (const [sentence, [asked, expected]] of Object.entries(rows))
    test(sentence, () => {
      const { verdict, rule, approvers } = policy.decide(asked);
      assert.deepEqual([verdict, rule, approvers], expected);
    });
}
