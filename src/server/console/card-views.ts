/** Reads everything the console shows from the database. */

import {
  citationLines,
  citationsIn,
  readersLine,
  recordLines,
  withNumbers,
} from "#core/values/card-text.ts";
import type { Citation } from "#core/values/card-context.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { cardStatuses } from "#jobs/approval/card-status.ts";
import { cardAsItStands } from "#jobs/approval/sync-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { nameOfScope, scopesOf } from "#jobs/context/pause.ts";
import { policyCard } from "#jobs/policy/card.ts";
import { type Approval, pendingApprovals } from "#store/approvals/approvals.ts";
import { filesOf, type StoredFile } from "#store/inbox/attachments.ts";
import type { Transaction } from "#store/db/database.ts";
import { decidedApprovals } from "#store/approvals/progress.ts";
import { currentPause, type Pause, type Scope } from "#store/effects/pause.ts";
import { recentPolicyChanges } from "#store/policy/policy-changes.ts";

const RECENT_MAX = 20;
/** A change of the policy concerns every teammate, so it stays above the decided cards for this long. */
const POLICY_NEWS_MS = 24 * 3_600_000;

/** The content of the console page. */
export interface Overview {
  /** Pending cards, and those that one click can still undo. */
  readonly open: readonly CardView[];
  readonly recent: readonly CardView[];
  /** What would have been written in shadow mode, newest first. */
  readonly shadow: readonly CardView[];
  /** What is paused, with a readable name for each scope. */
  readonly pause: Pause & { readonly names: readonly string[] };
  /** What can be paused, with a readable name. */
  readonly scopes: readonly { readonly scope: Scope; readonly name: string }[];
  /** Files of the messages a pending card is about, by the card's id. */
  readonly files: Readonly<Record<string, readonly FileLine[]>>;
}

/** A card with its context as text, the same as on the desk. Served under the stored keys. */
interface CardView extends Omit<Card, "status" | "deskChannel" | "context"> {
  readonly aside: Card["status"];
  readonly place: Card["deskChannel"];
  readonly around: Omit<Card["context"], "citations"> & { readonly footnotes: readonly Citation[] };
  readonly told: {
    readonly records: readonly string[];
    readonly readers: string;
    /** The draft with citation numbers. */
    readonly draft: string;
    readonly footnotes: readonly string[];
  };
}

function cardView({ status: aside, deskChannel: place, context, ...card }: Card): CardView {
  const text = card.draft?.text ?? "";
  const { citations, ...around } = context;
  const footnotes = citationsIn(text, citations);
  return {
    ...card,
    aside,
    place,
    around: { ...around, footnotes: citations },
    told: {
      records: recordLines(context.records),
      readers: readersLine(context),
      draft: withNumbers(text, footnotes),
      footnotes: citationLines(footnotes),
    },
  };
}

/** A file as a card lists it; it can be opened when `isKept`, otherwise `reason` says why not. */
interface FileLine extends Pick<StoredFile, "id" | "name" | "mediaType" | "bytes" | "reason"> {
  readonly isKept: boolean;
}

/** The same cards as on the desk, with the same text: both are views of one row. */
export function overviewOf(
  parts: Pick<JobContext, "store" | "clock" | "policy">,
): Promise<Overview> {
  const lately = new Date(parts.clock.now().getTime() - POLICY_NEWS_MS);
  return parts.store.run(async (transaction) => {
    const policy = (await recentPolicyChanges(transaction, lately)).map(policyCard);
    const pending = await pendingApprovals(transaction);
    const decided = await decidedApprovals(transaction, RECENT_MAX);
    const statuses = await cardStatuses(transaction, [...pending, ...decided]);
    const shown = (approval: Approval) => cardAsItStands(approval, statuses.get(approval.id));
    const waiting = pending.map(shown);
    const ended = decided.map(shown);
    return {
      open: [
        ...ended.filter(({ state }) => state === "undoable"),
        ...policy.filter(({ state }) => state === "pending"),
        ...waiting,
      ].map(cardView),
      recent: [...policy, ...ended].filter(({ state }) => state === "closed").map(cardView),
      shadow: ended.filter(({ state }) => state === "shadow").map(cardView),
      pause: await pauseShown(transaction),
      scopes: scopesOf(parts.policy).map((scope) => ({ scope, name: nameOfScope(scope) })),
      files: await filesByCard(transaction, pending),
    };
  });
}

async function pauseShown(transaction: Transaction): Promise<Overview["pause"]> {
  const pause = await currentPause(transaction);
  return { ...pause, names: pause.holds.map(({ scope }) => nameOfScope(scope)) };
}

async function filesByCard(
  transaction: Transaction,
  pending: readonly Approval[],
): Promise<Overview["files"]> {
  const files = await filesOf(
    transaction,
    pending.flatMap(({ answers }) => answers),
  );
  const byCard = pending.map(({ id, answers }) => {
    const own = files.filter(({ messageKey }) => answers.includes(messageKey));
    return [id, own.map(lineOf)] as const;
  });
  return Object.fromEntries(byCard.filter(([, lines]) => lines.length > 0));
}

function lineOf({ id, name, mediaType, bytes, reason, blobRef }: StoredFile): FileLine {
  return { id, name, mediaType, bytes, reason, isKept: blobRef !== null };
}
