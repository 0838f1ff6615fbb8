/** The four-eyes rule: the requester and the authors of a card may not approve it. */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { appendAudit, draftAuthors } from "#store/audit/audit-log.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { teammateAddress, type Refusal } from "./ballot.ts";
import { LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { bundleApprovers } from "./seal.ts";
import type { DeskTeammate } from "#core/values/desk-overview.ts";

/**
 * How a teammate took part in the text of a card. `edited`: this version is theirs. `hinted`: the version after this
 * one was redrafted on their instruction.
 */
type Authorship = "edited" | "hinted";

/**
 * Records whose text a version holds, under two pseudonyms, of the address and of the desk id, so that a later click
 * under either is recognized.
 */
export async function recordAuthor(
  context: Pick<JobContext, "pseudonym">,
  transaction: Transaction,
  made: {
    readonly part: Authorship;
    readonly approval: string;
    readonly version: number;
    readonly teammate: DeskTeammate;
    readonly at: Date;
  },
): Promise<void> {
  const { part, approval, version, teammate, at } = made;
  const address = teammateAddress(teammate);
  const names = await teammatePseudonyms(context, transaction, teammate);
  const data = { approval, version, by: [...names], hasAddress: address !== null };
  await appendAudit(transaction, { kind: part, data }, at);
}

async function teammatePseudonyms(
  { pseudonym }: Pick<JobContext, "pseudonym">,
  transaction: Transaction,
  teammate: DeskTeammate,
): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const name of [teammateAddress(teammate), teammate.id])
    if (name !== null) names.add(await pseudonym(transaction, name));
  return names;
}

/**
 * Why this person may not approve under a four-eyes rule, or null. The requester may not, nor the author of the text or
 * of a redraft instruction; a person who cannot be told apart from them does not count either.
 */
export async function barredByFourEyes(
  context: Pick<JobContext, "store" | "pseudonym" | "bind">,
  approval: Approval,
  teammate: DeskTeammate,
): Promise<Refusal | null> {
  if (bundleApprovers(approval.rules, 1).fourEyes !== true) return null;
  if (teammateAddress(teammate) === null) return { why: "unclear", from: "requester" };
  return (
    (await barredAsAuthor(context, approval, teammate)) ??
    barredAsRequester(context, approval, teammate)
  );
}

async function barredAsAuthor(
  context: Pick<JobContext, "store" | "pseudonym">,
  approval: Approval,
  teammate: DeskTeammate,
): Promise<Refusal | null> {
  const { authors, mine } = await context.store.run(async (transaction) => ({
    authors: await draftAuthors(transaction, approval.id),
    mine: await teammatePseudonyms(context, transaction, teammate),
  }));
  if (authors.some(({ by }) => by.some((name) => mine.has(name))))
    return { why: "four_eyes", as: "author" };
  // An editor known only by desk id may be the same person who clicks elsewhere under an address.
  return authors.every(({ hasAddress }) => hasAddress) ? null : { why: "unclear", from: "editor" };
}

async function barredAsRequester(
  context: Pick<JobContext, "store" | "bind">,
  approval: Approval,
  teammate: DeskTeammate,
): Promise<Refusal | null> {
  const messages = await context.store.run((transaction) =>
    conversationMessages(transaction, approval.conversationId),
  );
  const asked = messages.flatMap(({ message }) =>
    message.author.kind === "requester" ? [message] : [],
  );
  const names = new Set<string>();
  const evidence = new Map(asked.map(({ identity }) => [JSON.stringify(identity), identity]));
  for (const { author } of asked) names.add(nameIn(author.id));
  try {
    for (const identity of evidence.values()) {
      if (identity.handle.kind === "email") names.add(identity.handle.email.toLowerCase());
      const bound = await context.bind(identity, AbortSignal.timeout(LIMITS.lookupMs));
      if (bound.emailOnFile !== null) names.add(bound.emailOnFile.toLowerCase());
    }
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return { why: "unclear", from: "unchecked", reason: reasonOf(error) };
  }
  const mine = [teammateAddress(teammate), teammate.id.toLowerCase()];
  return mine.some((name) => name !== null && names.has(name))
    ? { why: "four_eyes", as: "requester" }
    : null;
}

/** An author's id is the channel and a name on it; the desk may be the same service with the same name. */
function nameIn(authorId: string): string {
  return authorId.slice(authorId.indexOf(":") + 1).toLowerCase();
}
