/** Which teammate has a case by name, as the reason of its owner says it. */

import { isTaken } from "#store/conversations/due-work.ts";
import type { CaseHead } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";

const TAKEN = "Taken over by ";
const HELD = /^(?:Taken over by (?<taken>.+)|Rejected, (?<answers>.+?) answers(?::|$))/;

/** What a conversation says of its owner once a teammate has taken it over. */
export function takenOverBy(name: string): string {
  return `${TAKEN}${name}`;
}

/** Who has the case: a teammate by name, someone in the helpdesk, or nobody yet. */
export type CaseHolder =
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "helpdesk" }
  | { readonly kind: "nobody" };

/** Looks at the reason of the owner first, then at what people did since the hand-over. */
export async function caseHolder(transaction: Transaction, head: CaseHead): Promise<CaseHolder> {
  if (!head.isWithPeople) return { kind: "nobody" };
  const { taken, answers } = HELD.exec(head.ownerReason)?.groups ?? {};
  const name = taken ?? answers;
  if (name !== undefined) return { kind: "named", name };
  if (head.handedOverAt === null) return { kind: "nobody" };
  const places = head.linkedId === null ? [head.id] : [head.id, head.linkedId];
  return (await isTaken(transaction, places, head.handedOverAt))
    ? { kind: "helpdesk" }
    : { kind: "nobody" };
}
