/** The policy files that these tests switch between. */
import { openPolicyFile, type LoadedPolicy } from "#policy/load-policy.ts";
import { changedPolicy, type PolicyChange } from "#test/support/sandbox-policy.ts";

/** One lead is listed under two names, as happens where a desk does not provide addresses. */
const ONE_LEAD_TWICE = ["lead: [lea@ourshop.test,", "lead: [lea@ourshop.test, U0LEA,"] as const;

const fileWith = (changes: readonly PolicyChange[]): string =>
  changedPolicy([ONE_LEAD_TWICE, ...changes]);

/** Policy files that require and allow different things, as an operator would edit them. */
export const POLICY_FILES = {
  sandbox: fileWith([]),
  /** Requires approval for what the sandbox allows, and two people from 50.00 on. */
  stricter: fileWith([
    ["up_to: 10.00", "up_to: 1.00"],
    ["up_to: 200.00", "up_to: 50.00"],
    ["chat: { default: auto }", "chat: { default: draft }"],
  ]),
  /** Requires one person up to 500.00, and sends mails without approval. */
  laxer: fileWith([
    ["up_to: 200.00", "up_to: 500.00"],
    ["email: { default: draft }", "email: { default: auto }"],
  ]),
  /** Refuses refunds above 20.00. */
  closed: fileWith([["above: 1000.00", "above: 20.00"]]),
} as const;
export type PolicyName = keyof typeof POLICY_FILES;

const read = new Map<string, LoadedPolicy>();

/** The parsed policy of a file; each text is parsed once, because stories change it often. */
export function policyIn(text: string): LoadedPolicy {
  const known = read.get(text) ?? openPolicyFile(text, "stand.yaml").policy;
  read.set(text, known);
  return known;
}

/** True for the policy that requires only one person for 500.00. */
export function isLax(policy: Pick<LoadedPolicy, "version">): boolean {
  return policy.version === policyIn(POLICY_FILES.laxer).version;
}
