/**
 * What speaks for a sender beside a signature. What the operator's own mail server wrote (RFC 8601) counts only under the
 * configured name and only where none but our own servers can have put it, since any sender can write such a header. And
 * a mail may quote one of ours, which only its recipient was sent.
 */

import type { Head } from "#email/mime/headers.ts";
import { addressesIn, senderAddress } from "#email/mime/addresses.ts";
import type { MailContent } from "#email/parse/read-mail.ts";
import { holdsReference, namedReplies, type TokenOptions } from "#email/threading/thread-keys.ts";

/** How the operator's own mail servers are told from all others. */
export interface OwnServer {
  /** The first word of the Authentication-Results that the own server writes (RFC 8601 section 2.5). */
  readonly authservId: string;
  /** How many Received lines the own servers put on top of a mail, at least 1. */
  readonly hops: number;
  /** Whether all mail comes through it. Another server would let a stranger's header with its name pass. */
  readonly isSole: boolean;
  /** Whether the operator lets its `spf=pass` be the second witness; its objections count in any case. */
  readonly isWitness: boolean;
}

/** One result: `dkim=pass header.d=customer.test` and the like, all in lower case. */
export interface ServerResult {
  readonly method: string;
  readonly result: string;
  readonly properties: Readonly<Partial<Record<string, string>>>;
}

const VALUE_LENGTH_MAX = 10_000;
/** What a server may write below its own Received line; Gmail writes both, in this order. */
const VERDICTS = new Set(["received-spf", "authentication-results"]);
const RESULTS_MAX = 50;

/**
 * The results in the first header of the own server, or null when there is none to be trusted. Headers count above the
 * first Received line of the own servers, or right below it, where some servers write theirs. A mail with fewer
 * Received lines than the own servers add did not come that way, and nothing in it counts.
 */
export function ownServerResults(head: Head, own: OwnServer): readonly ServerResult[] | null {
  const received = head.fields.flatMap(({ name }, index) => (name === "received" ? [index] : []));
  const border = received[own.hops - 1];
  if (border === undefined) return null;
  const below = head.fields.findIndex(({ name }, index) => index > border && !VERDICTS.has(name));
  const end = below === -1 ? head.fields.length : below;
  for (const { name, value } of head.fields.slice(0, end)) {
    if (name !== "authentication-results") continue;
    const { authservId, results } = parsed(value);
    if (authservId === own.authservId.toLowerCase()) return results;
  }
  return null;
}

/**
 * Why the own server's results speak against this domain as the sender; null when they agree or say nothing. A failing
 * DMARC speaks against it; where DMARC says nothing, so does a DKIM of which nothing passed for this domain.
 */
export function serverObjection(results: readonly ServerResult[], domain: string): string | null {
  const dmarc = results.filter(({ method }) => method === "dmarc").map(({ result }) => result);
  if (dmarc.includes("fail")) return "dmarc=fail";
  if (dmarc.includes("pass")) return null;
  const dkim = results.filter(({ method }) => method === "dkim");
  if (dkim.length === 0 || dkim.some(({ result }) => result === "temperror")) return null;
  const agrees = dkim.some(
    ({ result, properties }) => result === "pass" && isUnder(signerDomain(properties), domain),
  );
  return agrees ? null : `dkim=${dkim.map(({ result }) => result).join(", ")}`;
}

/**
 * The envelope sender that the own server found SPF to pass for, or its domain alone, as that server writes it. Null
 * where it says nothing of one, more than one thing, or that anything did not pass.
 */
export function envelopeSender(results: readonly ServerResult[]): string | null {
  // A result for the name in HELO alone is about a server, not about a sender.
  const spf = results.filter(
    ({ method, properties: { "smtp.mailfrom": from, "smtp.helo": helo } }) =>
      method === "spf" && (from !== undefined || helo === undefined),
  );
  const [only] = spf;
  if (spf.length !== 1 || only?.result !== "pass") return null;
  return only.properties["smtp.mailfrom"] || null;
}

function signerDomain(properties: ServerResult["properties"]): string {
  return properties["header.d"] ?? properties["header.i"]?.split("@").at(-1) ?? "";
}

/** Close enough to agree with our own check, which has compared the organisations already. */
function isUnder(signer: string, domain: string): boolean {
  return (
    signer !== "" &&
    (signer === domain || signer.endsWith(`.${domain}`) || domain.endsWith(`.${signer}`))
  );
}

function parsed(value: string) {
  const plain = withoutComments(value.slice(0, VALUE_LENGTH_MAX)).toLowerCase();
  const [first = "", ...rest] = plain.split(";");
  // After the name a version may stand: "mx.example.test 1".
  const [authservId = ""] = first.trim().split(/\s+/);
  return {
    authservId: unquoted(authservId),
    results: rest.slice(0, RESULTS_MAX).flatMap((part) => resultIn(part)),
  };
}

function resultIn(part: string): readonly ServerResult[] {
  const [said, ...more] = part
    .replaceAll(/(?:(?<!\s)\s+)?([=/.])\s*/g, "$1")
    .trim()
    .split(/\s+/);
  const [, method, result] = /^([a-z0-9-]+)(?:\/\d+)?=([a-z]+)$/.exec(said ?? "") ?? [];
  if (method === undefined || result === undefined) return [];
  const properties = new Map<string, string>();
  for (const word of more) {
    const at = word.indexOf("=");
    const name = word.slice(0, Math.max(at, 0));
    // Of what is said twice, either could be a stranger's words.
    if (at > 0) properties.set(name, properties.has(name) ? "" : unquoted(word.slice(at + 1)));
  }
  return [{ method, result, properties: Object.fromEntries(properties) }];
}

function unquoted(word: string): string {
  return /^".*"$/.test(word) ? word.slice(1, -1) : word;
}

/**
 * Comments may stand anywhere and nest (RFC 5322 section 3.2.2), and they can hold a whole forged result. A quoted
 * string keeps its brackets; its semicolons go, so that none of it can pass for a result of its own.
 */
function withoutComments(value: string): string {
  let plain = "";
  let depth = 0;
  let isQuoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    if (character === "\\" && (isQuoted || depth > 0)) at += 1;
    else if (depth > 0) depth += nesting(character);
    else if (character === '"') {
      isQuoted = !isQuoted;
      plain += character;
    } else if (isQuoted) plain += /[;=\s]/.test(character) ? "_" : character;
    else if (character === "(") {
      depth = 1;
      plain += " ";
    } else plain += character;
  }
  return plain;
}

function nesting(character: string): number {
  if (character === "(") return 1;
  return character === ")" ? -1 : 0;
}

/** What the addresses that answers come from are, and whether answers hold references at all. */
type Ours = TokenOptions & {
  readonly inboxes: readonly string[];
  readonly showsReference: () => boolean;
};

/** What programs put before the subject of a reply, and people before none. "VS" marks a forward in some countries. */
const REPLY = /^(?:re|aw|sv|antw|odp|ynt|回复|答复|回覆|答覆)(?:\[\d{1,3}\])?\s{0,3}[:：]/iu;
/** An address, as programs show it beside a name: a name alone proves no sender. */
const SHOWN_ADDRESS = /[<[(](?:mailto:)?([^\s<>[\]()@]{1,64}@[^\s<>[\]()@]{1,255})[>\])<]/gi;
/** One with a part in letters that `addressesIn` does not read is not overlooked. */
const AT_SIGN = /[@＠﹫]/gu;

/**
 * Whether the subject is that of a reply, and the topmost quote an answer of ours with the reference that only its
 * recipient was sent. A mail that was forwarded, or one of a conversation with others, may hold a reference of ours as
 * well, and its recipients could send it on to us; so down to the quoted words no address may stand but the sender's and
 * ours. Null where our answers show no references.
 */
export function quotesOurAnswer(
  { subject, answered }: Pick<MailContent, "subject" | "answered">,
  { head, receivedAt }: { readonly head: Head; readonly receivedAt: Date },
  ours: Ours,
): boolean | null {
  if (!ours.showsReference()) return null;
  const to = senderAddress(head);
  if (to === null || answered === null || !REPLY.test(subject)) return false;
  const { by, above, text } = answered;
  const isOurs = (address: string): boolean => ours.inboxes.includes(address.toLowerCase());
  const named = addressesIn(above);
  return (
    named.length === [...above.matchAll(AT_SIGN)].length &&
    named.every((address) => isOurs(address) || address === to) &&
    [...by.matchAll(SHOWN_ADDRESS)].some(([, address = ""]) => isOurs(address)) &&
    namedReplies(head, ours).some((messageId) =>
      holdsReference(text, { messageId, to, at: receivedAt }, ours),
    )
  );
}
