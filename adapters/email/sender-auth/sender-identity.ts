/**
 * Room: verifies who sent a mail: its one From address is proven by a DKIM signature of its domain, or only claimed.
 * In: the bytes of a mail, its headers, and a DNS resolver.
 * Out: the identity level with its reason, the headers the signature covers, and which Reply-To may be followed; of a
 * saved mail, a report of all of it for `mail verify`.
 * May touch: DNS, within limits. `dkim.ts` collects the evidence, `identity-level.ts` holds the rules.
 */

import type { DNSResolver } from "mailauth";
import { reasonOf } from "#core/values/errors.ts";
import {
  claimedIdentity,
  type IdentityEvidence,
  provenIdentity,
  unknownIdentity,
  witnessedIdentity,
} from "#core/values/identity.ts";
import { ownServerResults, type OwnServer, type ServerResult } from "./authentication-results.ts";
import { namedSender, addressDomain, onlyAddressIn, senderAddress } from "#email/mime/addresses.ts";
import {
  checkSignatures,
  DNS_LIMITS,
  type DnsLimits,
  limitedDns,
  NotChecked,
  type Signatures,
  systemDns,
  captureBodyEdges,
} from "./dkim.ts";
import {
  type Head,
  headerValues,
  dateIn,
  messageIdsIn,
  readHead,
  valueOf,
} from "#email/mime/headers.ts";
import { type MailSource, piecesOf, normalizeLineEnds } from "#email/mime/raw-mail.ts";
import {
  coversAll,
  judgeSender,
  type SenderEvidence,
  type SenderVerdict,
} from "./identity-level.ts";
import { digest } from "#core/values/canonical-json.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { EMAIL_LIMITS } from "#email/options.ts";

/** The evidence, with the headers a valid signature covers: only those may be believed. */
export interface VerifiedSender {
  readonly evidence: IdentityEvidence;
  readonly signedHeaders: readonly string[];
  /** The domain of the sender's whole organisation, as its DMARC record tells; null when it has none. */
  readonly organisation: string | null;
}

/** How a sender is verified. */
export interface VerifyOptions {
  readonly resolver: DNSResolver;
  readonly receivedAt: Date;
  /** Set when the mail was above the size limit and only its headers and text are here; see `HintNote`. */
  readonly cutFromBytes: number | null;
  /** A larger mail is not checked. */
  readonly bytesMax: number;
  readonly signal: AbortSignal;
  readonly ownServer: OwnServer | null;
  /** Every address under which mail reaches us, in lower case; null where that is not known. */
  readonly ours: readonly string[] | null;
  /** Whether it quotes an answer of ours to its sender; null or absent where such quotes are no witness. */
  readonly answered?: boolean | null;
  /** Whether no other mail was believed by one of these proofs before; asked of a mail that would be believed. */
  readonly isFirst: (proofs: readonly string[]) => boolean;
  readonly dnsLimits?: DnsLimits;
  /** To explain a verdict: also look at the signatures of a mail without a usable sender. */
  readonly explain?: boolean;
}

/** A verified sender with everything the verdict rests on, for people who want to know why. */
export interface ExaminedSender extends VerifiedSender {
  /** Null when the signatures were not looked at. */
  readonly signatures: Signatures | null;
  readonly serverSaid: readonly ServerResult[] | null;
  readonly advice: string | null;
}

/** Verifies one mail, whole or streamed. Never throws: what cannot be checked is not verified now. */
export async function verifySender(
  source: MailSource,
  head: Head,
  options: VerifyOptions,
): Promise<ExaminedSender> {
  const sender = namedSender(head);
  const { ownServer, receivedAt, ours, answered = null } = options;
  const { source: watched, seen } = captureBodyEdges(piecesOf(source), head.bodyStart);
  const serverSaid = ownServer === null ? null : ownServerResults(head, ownServer);
  const isLookedAt = sender.kind === "single" || options.explain === true;
  const signatures = isLookedAt ? await readSignatures(watched, head, options) : null;
  const unproven = {
    serverSaid,
    signatures: signatures instanceof NotChecked ? null : signatures,
    signedHeaders: [],
    organisation: null,
  };
  if (sender.kind === "unclear")
    return {
      ...unproven,
      evidence: unknownIdentity(sender.reason),
      advice: "The sender's program has to write one From header with one plain ASCII address.",
    };
  const { address } = sender;
  if (signatures === null || signatures instanceof NotChecked)
    return {
      ...unproven,
      evidence: claimedIdentity(signatures?.message ?? "", address),
      advice: "The sender has to write a smaller or simpler mail that can be checked.",
    };
  const known = { address, head, signatures, receivedAt, ours };
  const evidence = { ...known, serverSaid, ownServer, answered };
  const verdict = judgeSender({ ...evidence, body: seen() });
  const { organisation } = signatures.dmarc;
  return { ...unproven, organisation, ...believed(evidence, verdict, options) };
}

function believed(
  evidence: Omit<SenderEvidence, "body">,
  { reason, advice, signature, method }: SenderVerdict,
  { isFirst }: Pick<VerifyOptions, "isFirst">,
): Pick<ExaminedSender, "evidence" | "advice" | "signedHeaders"> {
  const { address } = evidence;
  const claimed = { evidence: claimedIdentity(reason, address), advice, signedHeaders: [] };
  if (signature === null) return claimed;
  if (!isFirst(proofsIn(evidence, method)))
    return { ...claimed, evidence: claimedIdentity(SENT_AGAIN, address), advice: WRITE_ANEW };
  const proven = method === "dkim" ? provenIdentity : witnessedIdentity;
  return {
    advice,
    signedHeaders: signature.headers,
    evidence: proven(method, reason, address),
  };
}

const WRITE_ANEW = "The sender has to write a new mail.";
const SENT_AGAIN =
  "it was sent again: a mail with the same signature or Message-ID was believed before";

/**
 * By what a mail is known again however it comes: by every signature that could prove it, also one that cannot be checked
 * now, and by its Message-ID where the second witness is asked. Blanks, foreign signatures and unsigned fields may make
 * it another mail, but a signature of the sender's own holds for nothing but what it signed. The copies for several
 * recipients may each have a signature of their own; what these sign is the same, with Date and Message-ID or text.
 */
function proofsIn(
  { address, head, signatures }: Pick<SenderEvidence, "address" | "head" | "signatures">,
  method: SenderVerdict["method"],
): readonly string[] {
  const ids = messageIdsIn(valueOf(head, "message-id"));
  const date = dateIn(valueOf(head, "date"))?.getTime() ?? "";
  const own = signatures.dkim.filter((one) => one.aligned && coversAll(one));
  const signed = own.flatMap(({ id, headers, bodyHash }) => {
    const isNamed = headers.includes("message-id") && ids.length > 0;
    return [id, ...(isNamed ? ids : [bodyHash]).map((name) => `${name} ${date}`)];
  });
  const named = method === "dkim" ? [] : ids;
  return [...signed, ...named].map((name) => digest([address, name]).slice(0, 40));
}

/** The signatures, or why they were not looked at. */
async function readSignatures(
  source: AsyncIterable<Uint8Array>,
  head: Head,
  options: VerifyOptions,
): Promise<Signatures | NotChecked> {
  if (options.cutFromBytes !== null)
    return new NotChecked("the mail is too large to check its signature");
  try {
    return await checkSignatures(source, head, {
      resolver: limitedDns(options.resolver, options.dnsLimits ?? DNS_LIMITS, options.signal),
      bytesMax: options.bytesMax,
    });
  } catch (error) {
    if (error instanceof NotChecked) return error;
    return new NotChecked(`the signature could not be checked: ${reasonOf(error)}`);
  }
}

/** Another address than From to which answers may go that hold nothing private, or why there is none. */
export function trustedReplyTo(
  head: Head,
  from: string | null,
  verified: VerifiedSender,
): { readonly address: string | null; readonly ignored: string | null } {
  const ignored = (reason: string | null) => ({ address: null, ignored: reason });
  const [value, ...others] = headerValues(head, "reply-to");
  if (value === undefined) return ignored(null);
  if (from === null) return ignored("the mail has no single sender it could belong to");
  const only = onlyAddressIn(value);
  if (only === null || others.length > 0) return ignored("it does not name exactly one address");
  if (only === from) return ignored("it is the From address");
  if (verified.evidence.level < 2) return ignored("the sender is not verified");
  if (!verified.signedHeaders.includes("reply-to"))
    return ignored("the signature does not cover it, so any server on the way may have added it");
  return isSameOrganisation(addressDomain(only), addressDomain(from), verified)
    ? { address: only, ignored: null }
    : ignored("it leads out of the sender's organisation");
}

/** Without a policy record nothing tells where an organisation ends (RFC 9989 section 4.10), so only the same domain does. */
function isSameOrganisation(
  domain: string,
  own: string,
  { organisation }: VerifiedSender,
): boolean {
  if (domain === own) return true;
  return organisation !== null && (domain === organisation || domain.endsWith(`.${organisation}`));
}

/** How a saved mail is examined. */
export interface ExplainOptions {
  readonly clock: Clock;
  /** As of when; otherwise when the mail says it arrived. */
  readonly at: Date | undefined;
  /** Whose Authentication-Results are read; null when none is configured. */
  readonly ownServer: OwnServer | null;
  /** Every address under which mail reaches us; null when none is configured. */
  readonly ours: readonly string[] | null;
  /** The system's name servers when left out. */
  readonly resolver?: DNSResolver;
}

const EXAMINE_MS = 30_000;

/** Examines a saved mail as a mail that comes in would be. Null for what has no mail headers. */
export async function explainSender(
  saved: Uint8Array,
  options: ExplainOptions,
): Promise<SenderReport | null> {
  const bytes = normalizeLineEnds(saved);
  const head = readHead(bytes);
  if (head.fields.length === 0) return null;
  const judged = judgedAt(head, options);
  const examined = await verifySender(bytes, head, {
    resolver: options.resolver ?? systemDns(),
    receivedAt: judged.at,
    cutFromBytes: null,
    bytesMax: EMAIL_LIMITS.mailBytesMax,
    signal: AbortSignal.timeout(EXAMINE_MS),
    ownServer: options.ownServer,
    ours: options.ours?.map((name) => name.toLowerCase()) ?? null,
    // A file does not tell what came before it.
    isFirst: () => true,
    explain: true,
  });
  return senderReport(head, examined, judged, options);
}

/**
 * As of when a mail was judged, since an old signature proves nothing, and where the time comes from, in words. A saved mail
 * is older than it was when Deskhand judged it; the newest Received line tells when that was.
 */
function judgedAt(head: Head, { at, clock }: ExplainOptions) {
  if (at !== undefined) return { at, because: "as you said" };
  const [, arrived = ""] = /;([^;]*)$/.exec(valueOf(head, "received")) ?? [];
  const then = dateIn(arrived);
  return then === null
    ? { at: clock.now(), because: "now, since no Received line says when it arrived" }
    : { at: then, because: "when the mail arrived, by its first Received line" };
}

/** How far a saved mail proves its sender, and all that was found out about it. Plain data, for a program. */
export type SenderReport = ReturnType<typeof senderReport>;

function senderReport(
  head: Head,
  { evidence, signatures, serverSaid, advice, ...examined }: ExaminedSender,
  judged: ReturnType<typeof judgedAt>,
  { ownServer }: Pick<ExplainOptions, "ownServer">,
) {
  const address = senderAddress(head);
  const replyTo = trustedReplyTo(head, address, { evidence, ...examined });
  return {
    level: evidence.level,
    // What it counts for where something is changed.
    actingLevel: evidence.actingLevel ?? evidence.level,
    reason: evidence.reason,
    advice,
    from: headerValues(head, "from"),
    address,
    judgedAt: judged.at.toISOString(),
    judgedAtBecause: judged.because,
    dkim: (signatures?.dkim ?? []).map((signature) => ({
      ...signature,
      signedAt: signature.signedAt?.toISOString() ?? null,
    })),
    dmarc: signatures?.dmarc ?? null,
    authenticationResults: {
      authservId: ownServer?.authservId ?? null,
      hops: ownServer?.hops ?? null,
      // Those of other servers included.
      headers: headerValues(head, "authentication-results").length,
      trusted: serverSaid,
    },
    replyTo: headerValues(head, "reply-to"),
    publicAnswersTo: replyTo.address ?? address,
    replyToIgnored: replyTo.ignored,
    accountAnswersTo: evidence.level >= 2 ? address : null,
  };
}
