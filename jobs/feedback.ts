import { candidateOf } from "#store/candidates.ts";
import type { Store } from "#store/driver.ts";

/** Takes a conversation that ended well or badly into the list of candidate eval cases, and prints it as one. */
export async function addCandidate(
  store: Store,
  conversationId: string,
  now: Date,
): Promise<string> {
  const candidate = await store.run((transaction) => candidateOf(transaction, conversationId, now));
  return JSON.stringify(candidate, null, 2);
}
