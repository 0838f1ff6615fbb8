import { digest } from "./canonical.ts";
import type { Message, Signal } from "./message.ts";
import type { Owner } from "./names.ts";

export interface Ownership {
  readonly owner: Owner;
  readonly reason: string;
}

/**
 * Who may write to the customer after this happened. A teammate's public message or a reassignment away from the bot
 * makes it `human`; only a reassignment to the bot gives it back. Notes, tags and ratings change nothing.
 */
export function ownerAfter(before: Ownership, event: Message | Signal): Ownership {
  if ("author" in event) {
    return event.author.kind === "teammate" && event.visibility === "public"
      ? { owner: "human", reason: `${event.author.name} answered` }
      : before;
  }
  switch (event.kind) {
    case "assigned":
      return {
        owner: event.to,
        reason: `${event.automatic ? "a rule" : event.actor} assigned it to ${event.assignee}`,
      };
    case "merged":
      return { owner: "human", reason: `${event.actor} merged it into ${event.into}` };
    case "solved":
    case "reopened":
    case "rated":
    case "bounced":
      return before;
    default:
      throw new Error(`unknown signal ${String(event satisfies never)}`);
  }
}

/** Moves when the owner or any public message that is not ours does; notes and tags leave it alone. */
export function revisionOf(
  owner: Owner,
  publicMessages: readonly { readonly key: string; readonly textDigest: string }[],
): string {
  const sorted = publicMessages.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return digest([owner, ...sorted.map(({ key, textDigest }) => [key, textDigest])]);
}
