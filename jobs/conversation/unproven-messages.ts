/** Which messages of unproven authors are put aside while a proven request is open. */

import { PROVEN_LEVEL } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { Owner } from "#core/values/vocabulary.ts";
import type { StoredMessage } from "#store/conversations/messages.ts";
import type { ConversationSnapshot } from "./snapshot.ts";

/**
 * New messages with an unproven author while a proven request is still open, whatever author they name: an attacker could
 * have written them, so they are no reason to withdraw what waits for the proven one. Among messages read together
 * their order does not matter, because the writer sets the date. A waiting unproven message keeps nothing out.
 */
export function unprovenMessages(
  { state, stored }: ConversationSnapshot,
  fresh: readonly Message[],
  owner: Owner,
): readonly Message[] {
  // People judge for themselves, and where the bot may not write nothing waits.
  if (owner === "human" || state.participants.barred !== null) return [];
  const open = stored.filter(({ outcome }) => outcome === null).map(({ message }) => message);
  const isProven = ({ identity }: Message): boolean => identity.level >= PROVEN_LEVEL;
  if (![...open, ...fresh].some((message) => isRequest(message) && isProven(message))) return [];
  return fresh.filter((message) => isRequest(message) && !isProven(message));
}

function isRequest({ author, visibility, ignore }: Message): boolean {
  return author.kind === "requester" && visibility === "public" && ignore === null;
}

/** True for a stored message that ended this way: it is never history of its conversation. */
export function wasPutAside({ passedOver }: StoredMessage): boolean {
  return passedOver === "unproven";
}
