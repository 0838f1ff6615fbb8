/** Changes of the policy that are not made in its file: what the figures speak for, and what a lead sets in the console. */

import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import { changedLines, readablePolicy } from "#policy/edit-policy.ts";
import {
  openPolicyFile,
  openPolicyInForce,
  type LoadedPolicy,
  type PolicyFile,
} from "#policy/load-policy.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import {
  activePolicy,
  lockPolicy,
  newestChange,
  type PolicyChange,
} from "#store/policy/policy-changes.ts";
import {
  activate,
  close,
  describeChange,
  propose,
  tighten,
  type Considering,
  type PolicyCheck,
  type PolicySource,
  wasRefused,
} from "./change.ts";

/** A change that Deskhand itself proposes to leads, with the lines of the file it consists of. */
export interface OwnProposal {
  readonly text: string;
  /** The lines that differ, as a person would write them into the file. */
  readonly lines: readonly string[];
  /** Why it is proposed, in one sentence. */
  readonly why: string;
}

/**
 * Puts a change of the policy in force before the leads, like one of the file that permits more: nothing changes until
 * they agree, also where it is stricter. The caller holds the policy's lock and knows that no other change waits.
 */
export async function proposeOwn(
  context: Considering,
  transaction: Transaction,
  active: PolicyChange,
  { text, lines, why }: OwnProposal,
): Promise<PolicyChange> {
  const [before, next] = [openPolicyInForce(active.text), openPolicyInForce(text)];
  const { change } = await propose(context, transaction, {
    source: { kind: active.source, name: next.name },
    next,
    text,
    told: toldWith(why, lines, before, next),
    active,
    before,
    madeFrom: active.madeFrom ?? active.version,
  });
  return change;
}

/** Where the console's changes of the policy are made. */
export interface PolicyPlace {
  readonly source: PolicySource;
  /** The text of the file as this process sees it; null where it cannot be read, or is left to other processes. */
  readonly text: () => string | null;
  /** Whether agreed changes are written into the file. */
  readonly isWritten: () => boolean;
  /** Throws `policy.invalid` when a policy lacks rules for something this installation does. */
  readonly requireRules: (policy: LoadedPolicy) => void;
}

/** The policy that a form shows and changes, with a change that waits as if it was agreed to. */
export type PolicyDraft = NonNullable<Awaited<ReturnType<typeof policyDraft>>>;

/** What the next change from here begins with; null before the first start. */
export async function policyDraft(
  transaction: Transaction,
  { source, text: fileText }: PolicyPlace,
) {
  const active = await activePolicy(transaction, source.kind);
  if (active === null) return null;
  const proposed = await newestChange(transaction, { source: source.kind, state: "proposed" });
  const written = fileText();
  const version = written === null ? undefined : readablePolicy(written)?.policy.version;
  const ofFile =
    version === undefined
      ? null
      : await newestChange(transaction, { source: source.kind, version });
  // A file that says what is in force may have other comments than the stored text.
  const inForce = version === openPolicyInForce(active.text).policy.version ? written : null;
  const text = proposed?.text ?? inForce ?? active.text;
  return {
    text,
    file: openPolicyInForce(text),
    /** Tells whether it is still the same when a form is sent. */
    basis: digest(text),
    /** The version of the file as it is; what is made from it outlasts it. */
    madeFrom: version ?? active.madeFrom ?? active.version,
    /** True where leads did not agree to what the file says: nothing is written over it. */
    isFileRefused: ofFile !== null && wasRefused(ofFile),
    active,
    proposed,
  };
}

/** What a lead sets. */
export interface PolicyWish {
  /** The `basis` of the draft that the form showed. */
  readonly basis: string;
  /** What is set, in one sentence for those who agree, and the changed text: null where nothing would change. */
  readonly edit: (draft: PolicyDraft) => { readonly why: string; readonly text: string | null };
  /** How the audit names the lead. */
  readonly by: (transaction: Transaction) => Promise<string>;
}

/**
 * Makes a change that a lead set in the console: what is stricter is in force at once, and what permits more waits for
 * the leads, together with what waits already. Throws `input.invalid` with the reason where it cannot be made.
 */
export function changePolicy(
  context: Considering,
  place: PolicyPlace,
  wish: PolicyWish,
): Promise<PolicyCheck> {
  const { source } = place;
  return context.store.run(async (transaction) => {
    await lockPolicy(transaction);
    const draft = await policyDraft(transaction, place);
    if (draft === null || draft.basis !== wish.basis)
      throw invalidInput("the policy was changed meanwhile; look at this page again");
    const { active, proposed, madeFrom } = draft;
    if (proposed?.madeFrom === null)
      throw invalidInput("a change of the policy file waits for the leads; decide on it first");
    const { why, text, next } = editedBy(wish, draft, place);
    const user = await wish.by(transaction);
    const data = { why, version: next.policy.version, user };
    await appendAudit(transaction, { kind: "policy_form", data }, context.clock.now());
    const before = openPolicyInForce(active.text);
    await close(context, transaction, proposed, "Closed: a lead changed the policy again.");
    if (next.policy.version === before.policy.version)
      return { inForce: active, outcome: "same", change: active };
    const lines = changedLines(place.text() ?? active.text, text);
    const writing = { source, next, text };
    // Leads agree to all that waits, so the line they read first names what waited before as well.
    const whole = [proposed?.differences[0], why].filter((one) => one !== undefined).join("; ");
    const told = toldWith(whole, lines, before, next);
    if (told.relaxations.length === 0)
      return activate(context, transaction, { ...writing, told, madeFrom });
    const base = await tighten(context, transaction, { source, next, active, before, madeFrom });
    const left = toldWith(whole, lines, base.before, next);
    return propose(context, transaction, { ...writing, told: left, ...base });
  });
}

function toldWith(
  why: string,
  lines: readonly string[],
  before: PolicyFile,
  next: PolicyFile,
): ReturnType<typeof describeChange> {
  const { relaxations, differences } = describeChange(before, next);
  return { relaxations, differences: [why, ...differences, ...lines] };
}

function editedBy(
  { edit }: PolicyWish,
  draft: PolicyDraft,
  { requireRules }: PolicyPlace,
): { readonly why: string; readonly text: string; readonly next: PolicyFile } {
  try {
    const { why, text } = edit(draft);
    if (text === null) throw invalidInput("nothing would change");
    const next = openPolicyFile(text, "policy");
    requireRules(next.policy);
    return { why, text, next };
  } catch (error) {
    if (error instanceof DeskhandError && error.code === "policy.invalid")
      throw invalidInput(`the policy would have a mistake: ${error.message}`);
    throw error;
  }
}
