import { readFileSync } from "node:fs";
import { openPolicyFile, type LoadedPolicy } from "#policy/load-policy.ts";

const POLICY_FILE = new URL("../../../src/policy/files/sandbox.yaml", import.meta.url);

/** One lead is listed under two names, as happens where a desk does not tell addresses. */
const ONE_LEAD_TWICE = ["lead: [lea@ourshop.test,", "lead: [lea@ourshop.test, U0LEA,"] as const;

/** The sandbox's file with some of its words replaced; each has to stand in it. */
function fileWith(replacements: readonly (readonly [string, string])[]): string {
  return [ONE_LEAD_TWICE, ...replacements].reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`the sandbox's policy does not say “${from}”`);
      return text.replace(from, to);
    },
    readFileSync(POLICY_FILE, "utf8"),
  );
}

/** Policy files that differ in what they ask for and allow, as an operator would edit them. */
export const POLICY_FILES = {
  sandbox: fileWith([]),
  /** Asks for what the sandbox allows, and two people from 50.00 on. */
  stricter: fileWith([
    ["up_to: 10.00", "up_to: 1.00"],
    ["up_to: 200.00", "up_to: 50.00"],
    ["chat: { default: auto }", "chat: { default: draft }"],
  ]),
  /** Asks one person up to 500.00, and lets mails go out by themselves. */
  laxer: fileWith([
    ["up_to: 200.00", "up_to: 500.00"],
    ["email: { default: draft }", "email: { default: auto }"],
  ]),
  /** Refunds nothing above 20.00 any more. */
  closed: fileWith([["above: 1000.00", "above: 20.00"]]),
} as const;
export type PolicyName = keyof typeof POLICY_FILES;

const read = new Map<string, LoadedPolicy>();

/** The policy a file means; each text is read once, because stories change it all the time. */
export function policyIn(text: string): LoadedPolicy {
  const known = read.get(text) ?? openPolicyFile(text, "stand.yaml").policy;
  read.set(text, known);
  return known;
}

/** True for the one under which 500.00 need one person only. */
export function isLax(policy: Pick<LoadedPolicy, "version">): boolean {
  return policy.version === policyIn(POLICY_FILES.laxer).version;
}
