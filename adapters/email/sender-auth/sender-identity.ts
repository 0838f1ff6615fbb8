/**
 * Room: verifies who sent a mail: its one From address is proven by a DKIM signature of its domain, or only claimed.
 * In: the bytes of a mail, its headers, and a DNS resolver.
 * Out: the identity level with its reason, the headers the signature covers, and which Reply-To may be followed.
 * May touch: DNS, within limits. `dkim.ts` collects the evidence, `identity-level.ts` holds the rules.
 */

import type { DNSResolver } from "mailauth";
import { reasonOf } from "#core/values/errors.ts";
import {
  claimedIdentity,
  type IdentityEvidence,
  provenIdentity,
  unknownIdentity,
} from "#core/values/identity.ts";
import { ownServerResults, type OwnServer, type ServerResult } from "./authentication-results.ts";
import { namedSender, addressDomain, onlyAddressIn } from "#email/mime/addresses.ts";
import {
  checkSignatures,
  DNS_LIMITS,
  type DnsLimits,
  limitedDns,
  NotChecked,
  type Signatures,
} from "./dkim.ts";
import { type Head, headerValues } from "#email/mime/headers.ts";
import { type MailSource, piecesOf } from "#email/mime/raw-mail.ts";
import { captureBodyEdges } from "./unsigned-headers.ts";
import { judgeSender } from "./identity-level.ts";

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
  readonly dnsLimits?: DnsLimits;
  /** To explain a verdict: also look at ARC seals, and at the signatures of a mail without a usable sender. */
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
  const { ownServer, receivedAt, ours } = options;
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
  const evidence = { address, head, signatures, receivedAt, serverSaid, ownServer, ours };
  const { reason, advice, signature } = judgeSender({ ...evidence, body: seen() });
  const known = { ...unproven, organisation: signatures.dmarc.organisation, advice };
  return signature === null
    ? { ...known, evidence: claimedIdentity(reason, address) }
    : {
        ...known,
        evidence: provenIdentity("dkim", reason, address),
        signedHeaders: signature.headers,
      };
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
      arc: options.explain === true,
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
