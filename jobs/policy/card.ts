/** The cards about the team's own rules, a change of the policy file or a version of a procedure, and their display. */

import { BARE_CARD, plainFlag, type Card } from "#core/contracts/approval-desk.ts";
import { CONFIRM_MAX } from "#core/contracts/card-sections.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import {
  activePolicy,
  POLICY_CARDS,
  takeStalePolicyCards,
  type PolicyChange,
} from "#store/policy/policy-changes.ts";
import { waitingDrafts } from "#store/approvals/approvals.ts";
import { changedPlaces } from "#text/diff.ts";
import type { CardRows } from "#store/approvals/card-posting.ts";
import {
  PROCEDURE_CARDS,
  takeStaleProcedureCards,
  procedureVersions,
  type ProcedureVersion,
} from "#store/procedures/versions.ts";
import { postCard, postRetryMs } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** Each change of the file is a new card, so a card of this kind never has a second version. */
export const POLICY_CARD_VERSION = 1;

/**
 * A change of the policy file as people see it. Pure, so that the console and Slack show the same. Each line's `rule`
 * is the heading it is listed under; `warnings` are those of `draftsUnder`.
 */
export function policyCard(change: PolicyChange, warnings: readonly string[] = []): Card {
  const { relaxations, differences } = change;
  const waits = change.state === "proposed";
  const card = rulesCard({
    ...change,
    waits,
    headline: changeHeadline(change),
    label: waits
      ? "Until enough people agree, the policy in force stays"
      : `${isOwn(change) ? "It was proposed" : "The file was read"} ${dayAndTime(change.proposedAt)}`,
    actions: [
      ...relaxations.map((label) => ({ label, rule: "Would permit more" })),
      ...differences.map((label) => ({ label, rule: "What is different in the file" })),
    ],
    confirm: isOwn(change)
      ? `Agree? ${differences[0] ?? ""}`.slice(0, CONFIRM_MAX)
      : agreementQuestion(relaxations),
  });
  return waits ? { ...card, flags: warnings.map(plainFlag) } : card;
}

/** What becomes of waiting drafts that this change would let go out by themselves; empty when there are none. */
export async function draftsUnder(
  store: JobContext["store"],
  change: PolicyChange,
): Promise<readonly string[]> {
  if (change.state !== "proposed") return [];
  const [drafts, active] = await store.run(async (transaction) => [
    await waitingDrafts(transaction),
    await activePolicy(transaction, change.source),
  ]);
  const [before, next] = [active, change].map((one) => one && openPolicyInForce(one.text).policy);
  const count = drafts
    .filter(({ channel, topic }) => next?.replyAutonomy(channel, topic) === "auto")
    .filter(({ channel, topic }) => before?.replyAutonomy(channel, topic) !== "auto")
    .reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return [];
  return [
    count === 1
      ? "1 draft waits that would go out by itself from now on; it stays with people"
      : `${count} drafts wait that would go out by themselves from now on; they stay with people`,
  ];
}

/** A change that Deskhand proposes; its first difference says what and why. */
function isOwn({ madeFrom }: Pick<PolicyChange, "madeFrom">): boolean {
  return madeFrom !== null;
}

/** A decision of leads about the team's own rules, of whatever kind. */
interface RulesDecision extends Pick<
  PolicyChange,
  "id" | "needs" | "votes" | "expiresAt" | "closing"
> {
  readonly waits: boolean;
  readonly headline: string;
  /** What holds until it is decided, or when it began. */
  readonly label: string;
  readonly actions: Card["actions"];
  /** What a person is asked before the click counts. */
  readonly confirm: string;
}

/** The card of a decision about the team's own rules: nothing of a customer is on it, and leads approve or reject. */
function rulesCard(decision: RulesDecision): Card {
  const { id, waits, headline, label, actions, confirm } = decision;
  return {
    ...BARE_CARD,
    approvalId: id,
    version: POLICY_CARD_VERSION,
    kind: "policy",
    deskChannel: null,
    state: waits ? "pending" : "closed",
    headline,
    zone: "UTC",
    closing: decision.closing,
    requester: { name: "", address: "", verification: "", level: 0 },
    channel: "policy",
    conversationLabel: label,
    actions,
    ...(waits && {
      progress: agreementProgress(decision),
      expiresAt: decision.expiresAt.toISOString(),
      buttons: ["approve", "reject"],
      confirm,
    }),
    approveLabel: "Approve",
    model: "",
    traceId: id,
  };
}

/** The line a phone shows: how many changes there are, and the place of the first in the file. */
function changeHeadline(change: PolicyChange): string {
  const { relaxations, differences, state, activeSince } = change;
  if (isOwn(change)) {
    const wasInForce = state !== "proposed" && activeSince !== null;
    const agreed = change.votes.length === 0 ? "Set" : "Agreed";
    return `${wasInForce ? agreed : PROPOSED[state]}: ${differences[0] ?? ""}`.slice(0, 280);
  }
  const places = (lines: readonly string[]): string => {
    const [first = ""] = lines;
    const place = first.split(": ")[0] ?? "";
    return lines.length > 1 ? `${place} and ${lines.length - 1} more` : place;
  };
  const permits = PERMITS[state === "superseded" && activeSince !== null ? "replaced" : state];
  if (relaxations.length === 0 && differences.length === 0) return "The policy was set";
  const what =
    relaxations.length === 0
      ? `The policy was changed: ${places(differences)}`
      : `The policy file ${permits} more: ${places(relaxations)}`;
  return what.slice(0, 280);
}

/** What became of a change that Deskhand proposed. */
const PROPOSED = {
  proposed: "Proposed",
  active: "Agreed",
  rejected: "Rejected",
  expired: "Expired",
  superseded: "Was proposed",
} as const satisfies Record<PolicyChange["state"], string>;

/** `replaced` was in force until another one came; `superseded` without having been in force was never agreed to. */
const PERMITS = {
  proposed: "would permit",
  active: "permits",
  replaced: "permitted",
  superseded: "would have permitted",
  rejected: "would have permitted",
  expired: "would have permitted",
} as const satisfies Record<PolicyChange["state"] | "replaced", string>;

/** The card has every line; here the first one says what the click is about. */
function agreementQuestion([first = "", ...others]: readonly string[]): string {
  const places = others.length === 0 ? "this" : `all ${others.length + 1} of them, such as`;
  return `Agree that more is permitted? It is about ${places}: ${first}`.slice(0, CONFIRM_MAX);
}

/** "1 of 2 leads agreed (Lea)". Before the first vote it says who has to agree. */
function agreementProgress({ needs, votes }: Pick<PolicyChange, "needs" | "votes">): string {
  const who =
    needs.leads >= needs.count
      ? `${needs.count === 1 ? "lead" : "leads"}`
      : `people, ${needs.leads === 1 ? "one of them" : needs.leads} a lead,`;
  const names = votes.map(({ name }) => name).join(", ");
  return `${votes.length} of ${needs.count} ${who} agreed${names === "" ? "" : ` (${names})`}`;
}

/** With the date, because a proposal may wait for more than a day. */
function dayAndTime(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A version as people see it, next to the text in use. Pure, so that the console and Slack show the same. */
export function procedureCard(version: ProcedureVersion, inUse: ProcedureVersion | null): Card {
  const { name, state, testedAt, testedWith } = version;
  const waits = state === "proposed";
  const what = `procedure ${name}, version ${version.version}`;
  return rulesCard({
    ...version,
    waits,
    headline: waits ? `Publish the ${what}?` : `The ${what}: ${state}`,
    label: waits
      ? "Until enough people agree, what is in use stays"
      : `Written ${dayAndTime(version.createdAt)}`,
    actions: [
      ...procedureChanges(version, inUse).map((label) => ({
        label,
        rule: inUse === null ? "The whole text" : `Different from version ${inUse.version}`,
      })),
      ...(testedAt === null
        ? []
        : [{ label: `All passed ${dayAndTime(testedAt)}, with ${testedWith}`, rule: "Tests" }]),
    ],
    confirm: `Agree that answers follow the ${what}? It permits nothing that the policy does not.`,
  });
}

/** The differences from the text in use; the text itself where nothing is in use. All of it: who approves decides on it. */
function procedureChanges(
  { text }: ProcedureVersion,
  inUse: ProcedureVersion | null,
): readonly string[] {
  return inUse === null
    ? text.split("\n").filter((line) => line.trim() !== "")
    : changedPlaces(inUse.text, text);
}

/** The version that turns follow while this one waits; null where there is none, or it is this one. */
async function inUseBeside(
  { store }: Pick<JobContext, "store">,
  { id, name }: Pick<ProcedureVersion, "id" | "name">,
): Promise<ProcedureVersion | null> {
  const versions = await store.run(procedureVersions, name);
  return versions.find((one) => one.state === "published" && one.id !== id) ?? null;
}

/** Brings every policy card on the desk in line with its row. A proposal also alerts the current leads. */
export async function showPolicyCards(context: JobContext): Promise<void> {
  const stale = await context.store.run(takeStalePolicyCards, context.clock.now());
  for (const change of stale) {
    const card = policyCard(change, await draftsUnder(context.store, change));
    const alert = { text: `${card.headline}.`, key: `policy:${change.id}`, source: change.source };
    await showRulesCard(context, POLICY_CARDS, change, { card, alert });
  }
}

/** Brings the card of every version on the desk in line with its row. A proposal also alerts the leads. */
export async function showProcedureCards(
  context: JobContext,
  source: PolicyChange["source"],
): Promise<void> {
  const stale = await context.store.run(takeStaleProcedureCards, context.clock.now());
  for (const version of stale) {
    const card = procedureCard(version, await inUseBeside(context, version));
    const alert = { text: card.headline, key: `procedure:${version.id}`, source };
    await showRulesCard(context, PROCEDURE_CARDS, version, { card, alert });
  }
}

/** While the desk is down it is tried again later, and the key keeps the alert from being sent twice. */
async function showRulesCard(
  context: JobContext,
  rows: CardRows,
  row: Pick<PolicyChange, "id" | "deskRef" | "revision" | "postAttempts"> & {
    readonly state: string;
  },
  {
    card,
    alert,
  }: {
    readonly card: Card;
    readonly alert: {
      readonly text: string;
      readonly key: string;
      readonly source: PolicyChange["source"];
    };
  },
): Promise<void> {
  const undecided = row.state === "proposed";
  const alertLeads = async (signal: AbortSignal): Promise<void> => {
    const text = `${alert.text} It waits for you: ${context.cardLink(row.id)}`;
    await context.desk.notify(text, await leadsInForce(context, alert.source), alert.key, signal);
  };
  await postCard(context, rows, {
    row,
    card,
    shown: { shownRevision: row.revision },
    undecided,
    waitMs: () => postRetryMs(row.postAttempts),
    ...(undecided ? { afterPost: alertLeads } : {}),
  });
}

/** Addresses of those who have to agree. A lead listed only by a desk id still sees the card. */
async function leadsInForce(
  { store }: Pick<JobContext, "store">,
  source: PolicyChange["source"],
): Promise<readonly string[]> {
  const active = await store.run(activePolicy, source);
  if (active === null) return [];
  const { roles } = openPolicyInForce(active.text).document;
  return roles.lead.filter((name) => name.includes("@"));
}
