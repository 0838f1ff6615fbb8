/** The card about a version of a procedure, and its display on the desk. */

import type { Card } from "#core/contracts/approval-desk.ts";
import { differenceOf } from "#text/diff.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import { activePolicy, type PolicyChange } from "#store/policy/policy-changes.ts";
import {
  PROCEDURE_CARDS,
  takeStaleProcedureCards,
  versionsOf,
  type ProcedureVersion,
} from "#store/procedures/versions.ts";
import { postCard, postRetryMs } from "#jobs/approval/sync-cards.ts";
import { rulesCard } from "#jobs/policy/card.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

const LINES_MAX = 15;

/** A version as people see it, next to the text in use. Pure, so that the console and Slack show the same. */
export function procedureCard(version: ProcedureVersion, inUse: ProcedureVersion | null): Card {
  const { name, state } = version;
  const waits = state === "proposed";
  const what = `procedure ${name}, version ${version.version}`;
  return rulesCard({
    ...version,
    waits,
    headline: waits ? `Publish the ${what}?` : `The ${what}: ${state}`,
    label: waits
      ? "Until enough people agree, what is in use stays"
      : `Written ${version.createdAt.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    actions: [
      ...changesOf(version, inUse).map((label) => ({
        label,
        rule: inUse === null ? "The whole text" : `Different from version ${inUse.version}`,
      })),
      ...testLines(version).map((label) => ({ label, rule: "Tests" })),
    ],
    confirm: `Agree that answers follow the ${what}? It permits nothing that the policy does not.`,
  });
}

/** The differences from the text in use; the text itself where nothing is in use. */
function changesOf({ text }: ProcedureVersion, inUse: ProcedureVersion | null): readonly string[] {
  const lines =
    inUse === null
      ? text.split("\n").filter((line) => line.trim() !== "")
      : differenceOf(inUse.text, text).lines;
  const left = lines.length - LINES_MAX;
  return [
    ...lines.slice(0, LINES_MAX).map((line) => line.slice(0, 280)),
    ...(left > 0 ? [`… and ${left} more lines: deskhand procedures diff`] : []),
  ];
}

function testLines({ testedAt, testedWith }: ProcedureVersion): readonly string[] {
  return testedAt === null
    ? []
    : [
        `All passed ${testedAt.toISOString().slice(0, 16).replace("T", " ")} UTC, with ${testedWith}`,
      ];
}

/** Brings the card of every version on the desk in line with its row. A proposal also alerts the leads. */
export async function showProcedureCards(
  context: JobContext,
  source: PolicyChange["source"],
): Promise<void> {
  const stale = await context.store.run((transaction) =>
    takeStaleProcedureCards(transaction, context.clock.now()),
  );
  for (const version of stale) await showCard(context, version, source);
}

async function showCard(
  context: JobContext,
  version: ProcedureVersion,
  source: PolicyChange["source"],
): Promise<void> {
  const inUse = await inUseBeside(context, version);
  const card = procedureCard(version, inUse);
  const undecided = version.state === "proposed";
  const alertLeads = async (signal: AbortSignal): Promise<void> =>
    context.desk.notify(
      `${card.headline} It waits for you: ${context.cardLink(version.id)}`,
      await leadsInForce(context, source),
      `procedure:${version.id}`,
      signal,
    );
  await postCard(context, PROCEDURE_CARDS, {
    row: version,
    card,
    shown: { shownRevision: version.revision },
    undecided,
    waitMs: () => postRetryMs(version.postAttempts),
    ...(undecided ? { afterPost: alertLeads } : {}),
  });
}

/** The version that turns follow while this one waits; null where there is none, or it is this one. */
async function inUseBeside(
  { store }: Pick<JobContext, "store">,
  { id, name }: Pick<ProcedureVersion, "id" | "name">,
): Promise<ProcedureVersion | null> {
  const versions = await store.run((transaction) => versionsOf(transaction, name));
  return versions.find((one) => one.state === "published" && one.id !== id) ?? null;
}

/** Addresses of those who have to agree. A lead listed only by a desk id still sees the card. */
async function leadsInForce(
  { store }: Pick<JobContext, "store">,
  source: PolicyChange["source"],
): Promise<readonly string[]> {
  const active = await store.run((transaction) => activePolicy(transaction, source));
  if (active === null) return [];
  return openPolicyInForce(active.text).document.roles.lead.filter((one) => one.includes("@"));
}
