/** What is known of the requester without asking the model, and whether a record is theirs. */

import { type IdentityLevel, PROVEN_LEVEL } from "#core/values/identity.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import type { RequesterValue } from "./contract.ts";
import { isSame, isSameAddress } from "./fields.ts";
import { fieldAt } from "./request-values.ts";

/** What code fills in and compares; null for what is not proven. */
export type Requester = Readonly<Record<RequesterValue, string | null>>;

/** An unverified writer: no record is theirs. */
export const STRANGER: Requester = { customer_id: null, email: null, system_id: null };

/**
 * The requester of a turn, as far as it is proven and may be used: below the level, and where others read along, it is
 * a stranger. Their id in the system is looked up later, and only where a tool needs it.
 */
export function requesterIn(
  { requester, audience }: Pick<ToolContext, "requester" | "audience">,
  minimumLevel: IdentityLevel,
): Requester {
  if (requester.level < Math.max(minimumLevel, PROVEN_LEVEL) || audience !== "private")
    return STRANGER;
  return { ...STRANGER, customer_id: requester.customerId, email: requester.emailOnFile };
}

/** True when a field of a record as the system sent it equals what is known of the requester. */
export function isTheirs(
  record: unknown,
  { field, is }: { readonly field: string; readonly is: RequesterValue },
  requester: Requester,
): boolean {
  const known = requester[is];
  if (known === null || known === "") return false;
  const value = fieldAt(record, field);
  return is === "email" ? isSameAddress(value, known) : isSame(value, known);
}
