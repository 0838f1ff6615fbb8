import {
  footnoteLines,
  footnotesIn,
  readersLine,
  recordLines,
  withNumbers,
} from "#core/card-words.ts";
import type { Card } from "#core/desk.ts";
import { cardAsItStands } from "#jobs/cards.ts";
import type { Parts } from "#jobs/parts.ts";
import { currentPause, type Pause } from "#jobs/pause.ts";
import { policyCard } from "#jobs/policy-card.ts";
import { type Approval, pendingApprovals } from "#store/approvals.ts";
import { filesOf, type StoredFile } from "#store/attachments.ts";
import type { Transaction } from "#store/driver.ts";
import { decidedApprovals } from "#store/overview.ts";
import { recentPolicyChanges } from "#store/policy-changes.ts";

const RECENT_MAX = 20;
/** A change of the policy concerns everybody, so that it stands above what was decided for so long. */
const POLICY_NEWS_MS = 24 * 3_600_000;

/** Everything the console shows, read from the rows themselves. */
export interface Overview {
  /** Cards that wait, and those one click can still take back. */
  readonly open: readonly ToldCard[];
  readonly recent: readonly ToldCard[];
  readonly pause: Pause;
  /** Files of the messages a card that waits is about, by the card's id. */
  readonly files: Readonly<Record<string, readonly FileLine[]>>;
}

/** A card with what stands around it in words, the same as on the desk. */
interface ToldCard extends Card {
  readonly told: {
    readonly records: readonly string[];
    readonly readers: string;
    /** With a small number behind what something backs. */
    readonly draft: string;
    readonly footnotes: readonly string[];
  };
}

function told(card: Card): ToldCard {
  const text = card.draft?.text ?? "";
  const footnotes = footnotesIn(text, card.around.footnotes);
  return {
    ...card,
    told: {
      records: recordLines(card.around.records),
      readers: readersLine(card.around),
      draft: withNumbers(text, footnotes),
      footnotes: footnoteLines(footnotes),
    },
  };
}

/** A file as a card lists it; it can be opened when `isKept`, and `reason` says why not otherwise. */
interface FileLine extends Pick<StoredFile, "id" | "name" | "mediaType" | "bytes" | "reason"> {
  readonly isKept: boolean;
}

/** The same cards the desk shows, in the same words: both are views of one row. */
export function overviewOf(parts: Pick<Parts, "store" | "clock">): Promise<Overview> {
  const lately = new Date(parts.clock.now().getTime() - POLICY_NEWS_MS);
  return parts.store.run(async (transaction) => {
    const policy = (await recentPolicyChanges(transaction, lately)).map(policyCard);
    const pending = await pendingApprovals(transaction);
    const waiting = pending.map(cardAsItStands);
    const ended = (await decidedApprovals(transaction, RECENT_MAX)).map(cardAsItStands);
    return {
      open: [
        ...ended.filter(({ state }) => state === "undoable"),
        ...policy.filter(({ state }) => state === "pending"),
        ...waiting,
      ].map(told),
      recent: [...policy, ...ended].filter(({ state }) => state === "closed").map(told),
      pause: await currentPause(transaction),
      files: await filesByCard(transaction, pending),
    };
  });
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
