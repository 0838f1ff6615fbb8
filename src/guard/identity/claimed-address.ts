/** Finds the address a writer claims as theirs. */
import type { Message } from "#core/values/message.ts";
import { isAddress } from "./bind-requester.ts";

/** Runs of characters; those that are not addresses are dropped afterwards. */
const CANDIDATE = /[^\s<>()[\]{},;:"“”|\\]+/g;
const CHARACTERS_MAX = 300;

/**
 * The one address the writer of the new messages claims, in lower case: the one they write from, else the one they name
 * in their own text, in the newest of their messages that names any. Null when there is none or more than one. It
 * proves nothing; it only says which account the writer claims.
 */
export function claimedAddressOf(
  unread: readonly Message[],
  history: readonly Message[],
): string | null {
  const newest = unread.at(-1);
  if (newest === undefined) return null;
  const { handle } = newest.identity;
  if (handle.kind === "email") return isAddress(handle.email) ? handle.email.toLowerCase() : null;
  const own = [...history, ...unread].filter(
    ({ author, visibility }) =>
      author.kind === "requester" && author.id === newest.author.id && visibility === "public",
  );
  const named = own.map(({ text }) => addressesIn(text)).findLast((found) => found.size > 0);
  const [only] = named ?? [];
  return named?.size === 1 && only !== undefined ? only : null;
}

function addressesIn(text: string): ReadonlySet<string> {
  const found = (text.match(CANDIDATE) ?? [])
    .filter((candidate) => candidate.length <= CHARACTERS_MAX && candidate.includes("@"))
    .map((candidate) => candidate.replace(/^['‘`.]+|(?<!['’`.!?])['’`.!?]+$/g, "").toLowerCase());
  return new Set(found.filter(isAddress));
}
