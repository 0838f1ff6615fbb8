/** Which teammate has a case. */

import { isTaken } from "#store/conversations/due-work.ts";
import type { CaseHead } from "#store/conversations/conversations.ts";
import type { Transaction } from "#store/db/database.ts";

/** Who has the case: a teammate by name, someone in the helpdesk, or nobody yet. */
export type CaseHolder =
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "helpdesk" }
  | { readonly kind: "nobody" };

/** Whoever took it by name comes first, then what people did since the hand-over. */
export async function caseHolder(transaction: Transaction, head: CaseHead): Promise<CaseHolder> {
  if (!head.isWithPeople) return { kind: "nobody" };
  if (head.holder !== null) return { kind: "named", name: head.holder };
  if (head.handedOverAt === null) return { kind: "nobody" };
  const places = head.linkedId === null ? [head.id] : [head.id, head.linkedId];
  return (await isTaken(transaction, places, head.handedOverAt))
    ? { kind: "helpdesk" }
    : { kind: "nobody" };
}
