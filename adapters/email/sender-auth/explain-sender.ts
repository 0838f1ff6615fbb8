/** Explains how far the sender of a mail is proven, and why. */
import type { DNSResolver } from "mailauth";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { OwnServer, ServerResult } from "./authentication-results.ts";
import { senderAddress } from "#email/mime/addresses.ts";
import { type Signature, type Signatures, systemDns } from "./dkim.ts";
import { dateIn, readHead, valueOf, headerValues, type Head } from "#email/mime/headers.ts";
import { verifySender, type ExaminedSender, trustedReplyTo } from "./sender-identity.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import { normalizeLineEnds } from "#email/mime/raw-mail.ts";

/** As of when a mail was judged, since an old signature proves nothing. */
interface JudgedAt {
  readonly at: Date;
  /** Where the time comes from, in words. */
  readonly because: string;
}

/** How far a saved mail proves its sender, and all that was found out about it. Plain data, for a program. */
export interface SenderReport {
  readonly level: IdentityLevel;
  readonly reason: string;
  /** Null at the highest level mail can have. */
  readonly advice: string | null;
  readonly from: readonly string[];
  readonly address: string | null;
  readonly judgedAt: string;
  readonly judgedAtBecause: string;
  readonly dkim: readonly (Omit<Signature, "signedAt"> & { readonly signedAt: string | null })[];
  /** Null when the signatures were not looked at. */
  readonly dmarc: Signatures["dmarc"] | null;
  readonly arc: Signatures["arc"];
  readonly authenticationResults: {
    readonly authservId: string | null;
    readonly hops: number | null;
    /** How many such headers the mail has, those of other servers included. */
    readonly headers: number;
    /** What the own server said; null when nothing is trusted. */
    readonly trusted: readonly ServerResult[] | null;
  };
  readonly replyTo: readonly string[];
  /** Where answers without account data go; null when none is sent automatically. */
  readonly publicAnswersTo: string | null;
  /** Where answers with account data go; null when there are none. */
  readonly accountAnswersTo: string | null;
  /** Why Reply-To is not followed; null when it is, or there is none. */
  readonly replyToIgnored: string | null;
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
    explain: true,
  });
  const { ownServer: own } = options;
  return senderReport(head, examined, judged, {
    authservId: own?.authservId ?? null,
    hops: own?.hops ?? null,
    headers: headerValues(head, "authentication-results").length,
    trusted: examined.serverSaid,
  });
}

/** A saved mail is older than it was when Deskhand judged it; the newest Received line tells when that was. */
function judgedAt(head: Head, { at, clock }: ExplainOptions): JudgedAt {
  if (at !== undefined) return { at, because: "as you said" };
  const [, arrived = ""] = /;([^;]*)$/.exec(valueOf(head, "received")) ?? [];
  const then = dateIn(arrived);
  return then === null
    ? { at: clock.now(), because: "now, since no Received line says when it arrived" }
    : { at: then, because: "when the mail arrived, by its first Received line" };
}

function senderReport(
  head: Head,
  examined: ExaminedSender,
  judged: JudgedAt,
  authenticationResults: SenderReport["authenticationResults"],
): SenderReport {
  const { evidence, signatures, advice } = examined;
  const address = senderAddress(head);
  const replyTo = trustedReplyTo(head, address, examined);
  return {
    level: evidence.level,
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
    arc: signatures?.arc ?? null,
    authenticationResults,
    replyTo: headerValues(head, "reply-to"),
    publicAnswersTo: replyTo.address ?? address,
    replyToIgnored: replyTo.ignored,
    accountAnswersTo: evidence.level >= 2 ? address : null,
  };
}
