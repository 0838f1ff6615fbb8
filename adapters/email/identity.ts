/**
 * Who a mail is really from. Only a DKIM signature (RFC 6376) that covers the whole body, passes, and belongs to the
 * domain of the one From address proves it; the name shown, Reply-To, ARC seals and Authentication-Results do not.
 */

import { authenticate, type AuthenticateResult, type DKIMResult, type DNSResolver } from "mailauth";
import { reasonOf } from "#core/errors.ts";
import type { IdentityEvidence } from "#core/identity.ts";
import { domainOf, type Sender } from "./addresses.ts";

/** The evidence, with the headers a valid signature covers: only those may be believed. */
export interface Verified {
  readonly evidence: IdentityEvidence;
  readonly signedHeaders: readonly string[];
}

/** A signed mail that is sent again later still verifies, so an old one proves nothing about today. */
const AGE_MAX_MS = 7 * 24 * 60 * 60_000;
/** A signature over many headers costs one DNS look-up each; a mail has one to three. */
const DNS_TIMEOUT_MS = 10_000;

/** Verifies one mail. Never throws: DNS that cannot be asked means not verified now. */
export async function verifySender(
  bytes: Uint8Array,
  sender: Sender,
  options: {
    readonly resolver: DNSResolver | undefined;
    readonly receivedAt: Date;
    readonly cutFromBytes: number | null;
    readonly signal: AbortSignal;
  },
): Promise<Verified> {
  if (sender.kind === "unclear")
    return { evidence: evidence(0, sender, sender.reason), signedHeaders: [] };
  if (options.cutFromBytes !== null)
    return unverified(sender, "the mail is too large to check its signature");
  try {
    const result = await authenticate(Buffer.from(bytes), {
      trustReceived: false,
      disableBimi: true,
      disableArc: true,
      mta: "deskhand.invalid",
      ...(options.resolver === undefined
        ? {}
        : { resolver: limited(options.resolver, options.signal) }),
    });
    return judge(result, sender, options.receivedAt);
  } catch (error) {
    return unverified(sender, `the signature could not be checked: ${reasonOf(error)}`);
  }
}

type Single = Extract<Sender, { kind: "single" }>;

function judge(result: AuthenticateResult, sender: Single, receivedAt: Date): Verified {
  const domain = domainOf(sender.address);
  const refusal = refusalOf(result, sender);
  if (refusal !== null) return unverified(sender, refusal);
  const passed = result.dkim.results.filter(({ status }) => status.result === "pass");
  const whole = passed.filter((signature) => coversAll(signature));
  const aligned = whole.filter(
    ({ status }) => status.aligned !== undefined && status.aligned !== false,
  );
  const [best] = aligned;
  if (best === undefined)
    return unverified(sender, whyNot(result.dkim.results, passed, whole, domain));
  const signedAt =
    best.signTime === undefined || best.signTime === null ? null : new Date(best.signTime);
  if (signedAt !== null && receivedAt.getTime() - signedAt.getTime() > AGE_MAX_MS)
    return unverified(
      sender,
      "the signature is older than a week, so the mail may be sent again by others",
    );
  return {
    evidence: {
      level: 2,
      method: "dkim",
      reason: `DKIM signature of ${best.signingDomain ?? domain} matches the From address`,
      handle: { kind: "email", email: sender.address },
    },
    signedHeaders: signedBy(best),
  };
}

/** What makes a mail unverified whatever its signatures say. */
function refusalOf(
  { dkim, dmarc, dmarcSkipReason }: AuthenticateResult,
  sender: Single,
): string | null {
  if (dmarc === false)
    return `DMARC cannot be evaluated (${dmarcSkipReason ?? "no usable From header"})`;
  const [from] = dkim.headerFrom;
  if (
    dkim.fromFields !== 1 ||
    dkim.headerFrom.length !== 1 ||
    from?.toLowerCase() !== sender.address
  )
    return "the From header can be read in more than one way";
  if (dmarc.status.result === "fail") return `DMARC of ${domainOf(sender.address)} fails`;
  if (dmarc.status.result.startsWith("temp")) return "the sender's DNS cannot be asked right now";
  return null;
}

/** `l=` leaves what was appended unsigned, and a signature without From says nothing about the sender. */
function coversAll(signature: DKIMResult): boolean {
  return (signature.status.underSized ?? 0) === 0 && signedBy(signature).includes("from");
}

function whyNot(
  all: readonly DKIMResult[],
  passed: readonly DKIMResult[],
  whole: readonly DKIMResult[],
  domain: string,
): string {
  const results = all.map(({ status }) => status.result);
  if (whole.length > 0) return `signed by another domain than ${domain}`;
  if (passed.length > 0) return "the signature covers only part of the mail";
  if (results.some((result) => result.startsWith("temp")))
    return "the sender's DNS cannot be asked right now";
  if (results.every((result) => result === "none")) return "the mail is not signed";
  return "the signature does not match the mail";
}

function signedBy(signature: DKIMResult): readonly string[] {
  const keys = signature.signingHeaders?.keys ?? "";
  return keys.split(":").map((name) => name.trim().toLowerCase());
}

function unverified(sender: Single, reason: string): Verified {
  return { evidence: evidence(1, sender, reason), signedHeaders: [] };
}

function evidence(level: 0 | 1, sender: Sender, reason: string): IdentityEvidence {
  return {
    level,
    method: level === 0 ? "none" : "claimed",
    reason,
    handle: sender.kind === "single" ? { kind: "email", email: sender.address } : { kind: "none" },
  };
}

/** A name server that never answers must not hold the worker. */
function limited(resolver: DNSResolver, signal: AbortSignal): DNSResolver {
  return async (name, type) => {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(DNS_TIMEOUT_MS)]);
    const aborted = Promise.withResolvers<never>();
    const abort = (): void =>
      aborted.reject(Object.assign(new Error(`DNS timeout for ${name}`), { code: "ETIMEOUT" }));
    ended.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([resolver(name, type), aborted.promise]);
    } finally {
      ended.removeEventListener("abort", abort);
    }
  };
}
