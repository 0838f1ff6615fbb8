/** Who owns a conversation, bot or human, and the revision that an approval is bound to. */
import type { DelicateTopic } from "#core/contracts/guard.ts";
import { canonical, digest } from "#core/values/canonical-json.ts";
import type { Message, Signal } from "#core/values/message.ts";
import type { Owner } from "#core/values/vocabulary.ts";

/** Why its owner has a conversation: the words that people read, and beside them what Deskhand itself goes by. */
export interface OwnerReason {
  readonly words: string;
  /** The teammate who has it by name; null when none has. */
  readonly holder: Holder | null;
  /** The delicate topic for which it went to people; null for any other reason. */
  readonly delicate: DelicateTopic | null;
}

/** The teammate who has a case by name. */
export interface Holder {
  readonly name: string;
  /** Their address, by which their own cases are found; null where only the name is known, as from a helpdesk. */
  readonly voter: string | null;
}

/** How a case stands for the team: one of these at a time. */
export type CaseState =
  /** The bot has it, and a card may wait, for a teammate by name where it was given to one. */
  | { readonly kind: "bot"; readonly holder: Holder | null }
  /** People have it since then, and no teammate by name. */
  | { readonly kind: "untaken"; readonly since: Date | null }
  | { readonly kind: "held"; readonly holder: Holder; readonly since: Date | null }
  /** Out of sight until then, or until the customer writes. */
  | { readonly kind: "snoozed"; readonly until: Date; readonly holder: Holder | null }
  /** Ended by a person; the customer's next message opens it again. */
  | { readonly kind: "closed"; readonly at: Date; readonly holder: Holder | null };

/** The state of a case at a moment, from what is stored of it. */
export function caseState(
  stored: {
    readonly owner: Owner;
    readonly holder: Holder | null;
    readonly handedOverAt: Date | null;
    readonly snoozedUntil: Date | null;
    readonly solvedAt: Date | null;
  },
  now: Date,
): CaseState {
  const { owner, holder, handedOverAt: since, snoozedUntil: until, solvedAt: at } = stored;
  if (at !== null) return { kind: "closed", at, holder };
  if (until !== null && until.getTime() > now.getTime()) return { kind: "snoozed", until, holder };
  if (owner === "bot") return { kind: "bot", holder };
  return holder === null ? { kind: "untaken", since } : { kind: "held", holder, since };
}

/** Who has a conversation, and why. */
export interface Ownership {
  readonly owner: Owner;
  readonly reason: OwnerReason;
}

/** True where the owner and all that hangs on the reason are the same. */
export function isSameOwnership(one: Ownership, other: Ownership): boolean {
  return canonical([one.owner, one.reason]) === canonical([other.owner, other.reason]);
}

/** A reason on which nothing hangs but its words. */
export function toldReason(words: string): OwnerReason {
  return { words, holder: null, delicate: null };
}

/**
 * Who may write to the customer after this event. A teammate's public message or a reassignment away from the bot makes
 * the owner `human`, even when a rule did it; only a person can give it back to the bot. A permanent bounce also makes
 * it `human`. Notes and ratings change nothing.
 */
export function ownerAfter(before: Ownership, event: Message | Signal): Ownership {
  if ("author" in event) {
    return event.author.kind === "teammate" && event.visibility === "public"
      ? { owner: "human", reason: toldReason(`${event.author.name} answered`) }
      : before;
  }
  return ownerAfterSignal(before, event);
}

function ownerAfterSignal(before: Ownership, event: Signal): Ownership {
  switch (event.kind) {
    case "assigned":
      return event.automatic && event.to === "bot"
        ? before
        : { owner: event.to, reason: toldReason(assignedReason(event)) };
    case "merged":
      return {
        owner: "human",
        reason: toldReason(
          `${event.actor} merged it into ${event.into}${bracketedSource(event.source)}`,
        ),
      };
    case "absorbed":
    case "solved":
    case "reopened":
    case "rated":
      return before;
    // A delay, or a failure that a retry may fix, changes nothing.
    case "bounced":
      return event.permanent === true
        ? { owner: "human", reason: toldReason(`its customer cannot be reached: ${event.reason}`) }
        : before;
  }
}

/** Who assigned it to whom, whether a rule did it, and where the source recorded it. */
export function assignedReason(event: Extract<Signal, { kind: "assigned" }>): string {
  const by =
    event.actor === event.assignee
      ? `${event.actor} took it`
      : `${event.actor} assigned it to ${event.assignee}`;
  const how = event.automatic
    ? `it was assigned to ${event.assignee} automatically, by ${event.actor}`
    : by;
  return `${how}${bracketedSource(event.source)}`;
}

function bracketedSource(source: string | undefined): string {
  return source === undefined ? "" : ` (${source})`;
}

/** The reason of the owner once a turn has handed the conversation to people. */
export function handedToPeople(reason: string): string {
  // Wherever it is told, a reason stands within a sentence.
  return `handed to people: ${reason.replace(/\.$/, "")}`;
}

/** The reason of the owner once a teammate has taken the conversation over. */
export function takenOverBy(name: string): string {
  return `Taken over by ${name}`;
}

/** The reason of the owner once a teammate has rejected a draft and answers; `added` is what they wrote to it. */
export function answeredBy(name: string, added: string): string {
  return `Rejected, ${name} answers${added === "" ? "" : `: ${added}`}`;
}

/**
 * Changes with the owner, with any public message that is not ours, and when the conversation moves to another customer
 * or brand, which `moves` counts; notes and tags do not affect it.
 */
export function conversationRevision(
  owner: Owner,
  publicMessages: readonly { readonly key: string; readonly textDigest: string }[],
  moves = 0,
): string {
  const sorted = publicMessages.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  // Without a move, the revision equals those stored before moves were counted.
  const moved = moves === 0 ? [] : [moves];
  return digest([owner, ...sorted.map(({ key, textDigest }) => [key, textDigest]), ...moved]);
}
