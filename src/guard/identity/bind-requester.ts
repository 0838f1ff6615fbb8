/**
 * Room: who is writing and whose data a turn may use.
 * In: evidence about the writer (sender address, customer id) and the shop's customer records.
 * Out: the bound requester, or the address the writer claims.
 * May touch: the shop, read-only.
 * This file: binds the requester, and finds the address a writer claims as theirs.
 */
import {
  customerByAddress,
  type BoundRequester,
  type IdentityEvidence,
  type IdentityLevel,
  PROVEN_LEVEL,
} from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { Customer, Shop } from "#core/contracts/shop.ts";

/**
 * One address in plain ASCII and nothing else: no display name, no comment, no second address, no internationalised
 * domain, of which two can look the same. The dot-atom form of RFC 5322 3.4.1.
 */
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/;
const ADDRESS_LENGTH_MAX = 254;
/** A name is no place for a sentence. */
const NAME_LENGTH_MAX = 40;

/**
 * Decides whose data this turn may use, from evidence and the shop's records alone.
 * A proven address or customer id binds to that customer. A claimed address binds to no customer: only the address on
 * file is kept, so that a password reset can go there and nowhere else; no name is returned, since it would already
 * disclose something. The shop is asked the same way whether or not it knows the address. Throws `shop.unavailable`
 * when the shop cannot be asked.
 */
export async function bindRequester(
  evidence: IdentityEvidence,
  shop: Shop,
  signal: AbortSignal,
): Promise<BoundRequester> {
  const bound = await boundInShop(evidence, shop, signal);
  const { actingLevel } = evidence;
  // Whichever customer it is bound to, what such a proof is not enough for goes with it.
  return actingLevel === undefined ? bound : { ...bound, actingLevel };
}

async function boundInShop(
  evidence: IdentityEvidence,
  shop: Shop,
  signal: AbortSignal,
): Promise<BoundRequester> {
  const { level, handle } = evidence;
  if (handle.kind === "email" && !isAddress(handle.email))
    return unbound(level === 0 ? 0 : 1, `${evidence.reason}; but this is no single plain address`);
  const customer = await identifiedCustomer(evidence, shop, signal);
  if (level < PROVEN_LEVEL) {
    const claimed = level === 1 && handle.kind === "email" ? customer : null;
    return { ...unbound(level, evidence.reason), emailOnFile: claimed?.email ?? null };
  }
  if (customer === null)
    return unbound(level, `${evidence.reason}; the shop knows no such customer`);
  const { id, email, name } = customer;
  return { level, customerId: id, emailOnFile: email, name, reason: evidence.reason };
}

/**
 * The same where your own systems are connected, whose customers the shop need not know: a proven address, or a proven
 * id, binds without it. Each system then finds its own customer by that address, and compares every record with it. A
 * shop that signs its customers in by address has proven that.
 */
export async function bindForSystems(
  evidence: IdentityEvidence,
  shop: Shop,
  signal: AbortSignal,
): Promise<BoundRequester> {
  const bound = await bindRequester(evidence, shop, signal);
  const { handle, reason } = evidence;
  if (bound.customerId !== null || bound.level < PROVEN_LEVEL) return bound;
  const known = {
    ...bound,
    reason: `${reason}; the shop knows no such customer, connected systems may`,
  };
  if (handle.kind === "none") return bound;
  const proven = handle.kind === "customer" ? handle.customerId : handle.email;
  if (!isAddress(proven)) return { ...known, customerId: proven };
  return { ...known, customerId: customerByAddress(proven), emailOnFile: proven.toLowerCase() };
}

/**
 * The requester with the names they write under besides the one on record. Only where each message is proven to be
 * theirs: a name that another sender puts before an address proves nothing. For reading a reply, never for showing who it is.
 */
export function withSignedNames(
  requester: BoundRequester,
  unread: readonly Pick<Message, "author" | "identity">[],
): BoundRequester {
  const isProven = (level: IdentityLevel) => level >= PROVEN_LEVEL;
  if (!isProven(requester.level) || !unread.every(({ identity }) => isProven(identity.level)))
    return requester;
  const signed = unread.map(({ author }) => author.name.slice(0, NAME_LENGTH_MAX));
  return { ...requester, name: [requester.name ?? "", ...new Set(signed)].join(" ").trim() };
}

function unbound(level: IdentityLevel, reason: string): BoundRequester {
  return { level, customerId: null, emailOnFile: null, name: null, reason };
}

/** True for one address that can be read in one way only. */
export function isAddress(email: string): boolean {
  return email.length <= ADDRESS_LENGTH_MAX && ADDRESS.test(email);
}

async function identifiedCustomer(
  { level, handle }: IdentityEvidence,
  shop: Shop,
  signal: AbortSignal,
): Promise<Customer | null> {
  if (level === 0) return null;
  switch (handle.kind) {
    case "email":
      return byEmail(handle.email, shop, signal);
    case "customer":
      return level < PROVEN_LEVEL ? null : shop.customer(handle.customerId, signal);
    case "none":
      return null;
  }
}

/** The shop's record counts only when its address is exactly the proven one, whatever the shop's search finds. */
async function byEmail(email: string, shop: Shop, signal: AbortSignal): Promise<Customer | null> {
  const customer = await shop.customerByEmail(email, signal);
  return customer?.email.toLowerCase() === email.toLowerCase() ? customer : null;
}

// Finds the address a writer claims as theirs.

/** Runs of characters; those that are not addresses are dropped afterwards. */
const CANDIDATE = /[^\s<>()[\]{},;:"“”|\\]+/g;
const CHARACTERS_MAX = 300;

/**
 * The one address the writer of the new messages claims, in lower case: the one they write from, else the one they name
 * in their own text, in the newest of their messages that names any. Null when there is none or more than one. It
 * proves nothing; it only says which account the writer claims.
 */
export function oneClaimedAddress(
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
