import { digest } from "./canonical-json.ts";
import type { Message, Signal } from "./message.ts";
import type { Owner } from "./vocabulary.ts";

export interface Ownership {
  readonly owner: Owner;
  readonly reason: string;
}

/**
 * Who may write to the customer after this happened. A teammate's public message or a reassignment away from the bot
 * makes it `human`, also when a rule did that; only a person gives it back to the bot. So does a reply
 * that cannot be delivered. Notes and ratings change nothing.
 */
export function ownerAfter(before: Ownership, event: Message | Signal): Ownership {
  if ("author" in event) {
    return event.author.kind === "teammate" && event.visibility === "public"
      ? { owner: "human", reason: `${event.author.name} answered` }
      : before;
  }
  return ownerAfterSignal(before, event);
}

function ownerAfterSignal(before: Ownership, event: Signal): Ownership {
  switch (event.kind) {
    case "assigned":
      return event.automatic && event.to === "bot"
        ? before
        : { owner: event.to, reason: assignedReason(event) };
    case "merged":
      return {
        owner: "human",
        reason: `${event.actor} merged it into ${event.into}${placeOf(event.source)}`,
      };
    case "absorbed":
    case "solved":
    case "reopened":
    case "rated":
      return before;
    case "bounced":
      return afterBounce(before, event);
    default:
      throw new Error(`unknown signal ${String(event satisfies never)}`);
  }
}

/** What only came late, or may arrive at another try, changes nothing. */
function afterBounce(
  before: Ownership,
  { reason, permanent }: Extract<Signal, { kind: "bounced" }>,
): Ownership {
  return permanent === true
    ? { owner: "human", reason: `its customer cannot be reached: ${reason}` }
    : before;
}

/** Who gave it to whom, told apart from what a rule did by itself, and where that stands at the source. */
export function assignedReason(event: Extract<Signal, { kind: "assigned" }>): string {
  const how = event.automatic
    ? `it was assigned to ${event.assignee} automatically, by ${event.actor}`
    : `${event.actor} assigned it to ${event.assignee}`;
  return `${how}${placeOf(event.source)}`;
}

function placeOf(source: string | undefined): string {
  return source === undefined ? "" : ` (${source})`;
}

/**
 * Moves when the owner or any public message that is not ours does, and when the conversation passes to another customer
 * or brand, which `moves` counts; notes and tags leave it alone.
 */
export function revisionOf(
  owner: Owner,
  publicMessages: readonly { readonly key: string; readonly textDigest: string }[],
  moves = 0,
): string {
  const sorted = publicMessages.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  // One that never moved has the revision it had before anybody counted.
  const moved = moves === 0 ? [] : [moves];
  return digest([owner, ...sorted.map(({ key, textDigest }) => [key, textDigest]), ...moved]);
}
