/**
 * Asks mailauth what the signatures of a mail are worth (RFC 6376, RFC 9989), within limits no mail can exceed. DNS
 * answers are cached for a short time, lookups are retried, and each mail has a limit of them: no mail is lost or delayed
 * because a name server is down. A header that says how to read the body and that no signature covers is believed only
 * where the body confirms it.
 */
import { Resolver } from "node:dns/promises";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { authenticate, type AuthenticateResult, type DKIMResult, type DNSResolver } from "mailauth";
import { z } from "zod";
import { cachedLookUp } from "#core/connection/rate-limit.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { unlessAborted } from "#core/values/deadline.ts";
import {
  HEAD_BYTES_MAX,
  headerValues,
  type Head,
  valueOf,
  parameterizedValue,
  decodeText,
  decodeTransfer,
} from "#email/mime/headers.ts";
import { isMimeNote } from "#email/mime/part.ts";

/** One DKIM signature. */
export interface Signature {
  /** The digest of the signed value: only who has the key can make another one for what it signs. */
  readonly id: string;
  /** The digest of the body as it signs it; empty where that was not looked at. */
  readonly bodyHash: string;
  readonly domain: string;
  readonly selector: string;
  /** As RFC 8601 names it: pass, fail, neutral, policy, temperror, none. */
  readonly result: string;
  readonly comment: string | null;
  /** The signing domain belongs to the organisation of the From address. */
  readonly aligned: boolean;
  /** Bytes at the end of the body that `l=` leaves unsigned (RFC 6376 section 3.5). */
  readonly unsignedBytes: number;
  /** Names of the headers it covers, in lower case, once for each field covered. */
  readonly headers: readonly string[];
  readonly signedAt: Date | null;
  /** The key is published as a test (`t=y`), so the domain does not answer for it. */
  readonly testing: boolean;
}

/** What was found out about the signatures of one mail. */
export interface Signatures {
  readonly dkim: readonly Signature[];
  readonly dmarc: {
    /** pass, fail, none (no policy), temperror; `unusable` when From names no single domain. */
    readonly result: string;
    readonly policy: string | null;
    /** The organisation's domain, when a policy record tells it. */
    readonly organisation: string | null;
    readonly comment: string | null;
  };
  /** The only From address as mailauth reads it, null when there is not exactly one. */
  readonly from: string | null;
}

/** A mail has one to three signatures; each costs a pass over the body and a question to a stranger's name server. */
const SIGNATURES_MAX = 10;
/** Work on folded lines grows with the square of their number. */
const HEADER_LINES_MAX = 5_000;

/** Why a mail is not checked at all. */
export class NotChecked extends Error {}

/** Checks a mail of at most `bytesMax`. Throws `NotChecked` for one that would cost too much, and whatever a broken stream throws. */
export async function checkSignatures(
  source: AsyncIterable<Uint8Array>,
  head: Head,
  options: { readonly bytesMax: number; readonly resolver: DNSResolver },
): Promise<Signatures> {
  const tooMuch = excessReason(head);
  if (tooMuch !== null) throw new NotChecked(tooMuch);
  const input = Readable.from(withLineEnds(limited(source, options.bytesMax)), {
    objectMode: false,
  });
  const result = await authenticate(input, {
    trustReceived: false,
    disableBimi: true,
    disableArc: true,
    rejectRsaSha1: true,
    mta: "deskhand.invalid",
    resolver: options.resolver,
  });
  return signaturesFrom(result);
}

function excessReason(head: Head): string | null {
  if (!head.isWhole) return "its headers can be read in more than one way";
  const signatures = headerValues(head, "dkim-signature", "arc-message-signature");
  if (signatures.length > SIGNATURES_MAX)
    return `the mail has ${signatures.length} signatures, more than are checked`;
  return head.bodyStart > HEAD_BYTES_MAX || head.lines > HEADER_LINES_MAX
    ? "the mail has more header lines than are checked"
    : null;
}

function signaturesFrom({ dkim, dmarc, dmarcSkipReason }: AuthenticateResult): Signatures {
  const [from] = dkim.headerFrom;
  const unusable = { result: "unusable", policy: null, organisation: null };
  return {
    dkim: dkim.results.flatMap(signatureFrom),
    dmarc:
      dmarc === false
        ? { ...unusable, comment: dmarcSkipReason ?? null }
        : {
            result: dmarc.status.result,
            policy: dmarc.p ?? null,
            organisation: dmarc.status.result === "none" ? null : (dmarc.domain ?? null),
            comment: statedComment(dmarc.status),
          },
    from:
      dkim.fromFields === 1 && dkim.headerFrom.length === 1 && from !== undefined
        ? from.toLowerCase()
        : null,
  };
}

function signatureFrom(found: DKIMResult): readonly Signature[] {
  const { id, status } = found;
  if (id === undefined || status.result === "none") return [];
  const signature: Signature = {
    id,
    bodyHash: found.bodyHash ?? "",
    domain: (found.signingDomain ?? "").toLowerCase(),
    selector: found.selector ?? "",
    result: status.result,
    comment: statedComment(status),
    aligned: typeof status.aligned === "string",
    unsignedBytes: status.underSized ?? 0,
    headers: namesIn(found.signingHeaders?.keys ?? ""),
    signedAt: found.signTime ? new Date(found.signTime) : null,
    testing: status.testing === true,
  };
  return [signature];
}

function namesIn(keys: string): readonly string[] {
  return keys.split(":").flatMap((name) => (name.trim() === "" ? [] : [name.trim().toLowerCase()]));
}

function statedComment({ comment }: { readonly comment?: unknown }): string | null {
  return typeof comment === "string" && comment !== "" ? comment : null;
}

async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new NotChecked("the mail is too large to check its signature");
    yield chunk;
  }
}

/** Mail is signed with CRLF; mailauth would add them too, but takes one step for each line and minutes for many. */
async function* withLineEnds(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let before = "";
  for await (const chunk of chunks) {
    const text = `${before}${Buffer.from(chunk).toString("latin1")}`;
    const out = text.replace(/(?<!\r)\n/g, "\r\n").slice(before.length);
    before = text.endsWith("\r") ? "\r" : "";
    if (out !== "") yield Buffer.from(out, "latin1");
  }
}

/** Long enough for a busy inbox, short enough that a key taken back stops working within minutes. */
const KEEP_MS = 5 * 60_000;
/** A key that is published a moment too late must not stay unknown for long. */
const KEEP_ABSENCE_MS = 60_000;
/** Of one question to the system's name servers, in milliseconds and tries. */
const SYSTEM = { timeout: 3_000, tries: 2 };

type Answer = string[][] | string[];

const Failure = z.object({ code: z.string() });
/** What a name server says when there is nothing, as against saying nothing; mailauth tells them apart the same way. */
const ABSENT = new Set(["ENOTFOUND", "ENODATA", "EBADNAME"]);

/** The system's name servers, for the three kinds of records that DKIM and DMARC ask for. */
export function systemDns(): DNSResolver {
  const resolver = new Resolver(SYSTEM);
  return async (name, type) => {
    if (type === "TXT") return resolver.resolveTxt(name);
    return type === "CNAME" ? resolver.resolveCname(name) : resolver.resolve4(name);
  };
}

/** Remembers answers, and that there is none, for minutes. A question that failed is asked again the next time. */
export function cachedDns(resolver: DNSResolver, clock: Pick<Clock, "now">): DNSResolver {
  const absentMs = (error: unknown): number => (isAbsence(error) ? KEEP_ABSENCE_MS : 0);
  const known = cachedLookUp<Answer>(clock, KEEP_MS, absentMs);
  return (name, type) => known(`${type} ${name.toLowerCase()}`, async () => resolver(name, type));
}

/** What one mail may cost. Times in milliseconds. */
export interface DnsLimits {
  /** For all questions about one mail together. */
  readonly mailMs: number;
  /** A mail with many signatures could make us ask anything as often as it likes. */
  readonly questionsMax: number;
  /** Before a failed question is asked again; as many times for a whole mail as there are pauses. */
  readonly pausesMs: readonly number[];
}

/** One to three signatures and a policy make about ten questions. */
export const DNS_LIMITS: DnsLimits = { mailMs: 10_000, questionsMax: 40, pausesMs: [100, 400] };

/** The resolver for one mail. What is not answered in time fails like a name server that is away. */
export function limitedDns(
  resolver: DNSResolver,
  limits: DnsLimits,
  signal: AbortSignal,
): DNSResolver {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(limits.mailMs)]);
  const pauses = [...limits.pausesMs];
  let asked = 0;
  const ask = async (name: string, type: string): Promise<Answer> => {
    try {
      if (ended.aborted) throw timeout(name);
      return await unlessAborted(resolver(name, type), ended, () => timeout(name));
    } catch (error) {
      const pauseMs = isAbsence(error) || ended.aborted ? undefined : pauses.shift();
      if (pauseMs === undefined) throw error;
      await delay(pauseMs, undefined, { signal: ended }).catch(() => undefined);
      return ask(name, type);
    }
  };
  return async (name, type) => {
    asked += 1;
    if (asked > limits.questionsMax) throw timeout(name);
    return ask(name, type);
  };
}

/** True for a name server's word that there is nothing. */
export function isAbsence(error: unknown): boolean {
  const failure = Failure.safeParse(error);
  return failure.success && ABSENT.has(failure.data.code);
}

function timeout(name: string): Error {
  return Object.assign(new Error(`DNS timeout for ${name}`), { code: "ETIMEOUT" });
}

/** The bytes of a body as far as this looks at them. */
export interface BodyEdges {
  readonly start: Buffer;
  /** The last bytes; they may also be among the first. */
  readonly end: Buffer;
  /** True when the first bytes are all. */
  readonly isWhole: boolean;
}

/** A text whose signature leaves its type open is read up to this many bytes. */
const START_BYTES = 512 * 1024;
const END_BYTES = 4 * 1024;

/** A body while a mail passes by: read the mail through `source`, then take what was seen. */
export function captureBodyEdges(
  source: AsyncIterable<Uint8Array>,
  bodyStart: number,
): { readonly source: AsyncIterable<Uint8Array>; readonly seen: () => BodyEdges } {
  const state = { at: 0, start: Buffer.alloc(0), end: Buffer.alloc(0) };
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      const body = piece.subarray(Math.max(0, bodyStart - state.at));
      state.at += piece.length;
      if (body.length > 0) {
        const missing = START_BYTES - state.start.length;
        if (missing > 0) state.start = Buffer.concat([state.start, body.subarray(0, missing)]);
        state.end = Buffer.from(Buffer.concat([state.end, body]).subarray(-END_BYTES));
      }
      yield piece;
    }
  };
  return {
    source: watched(),
    seen: () => ({
      start: state.start,
      end: state.end,
      isWhole: state.at - bodyStart <= START_BYTES,
    }),
  };
}

/** Which header the signature leaves open while the body does not say the same by itself; null when there is none. */
export function unsignedHeadersProblem(
  head: Head,
  signed: readonly string[],
  body: BodyEdges,
): "content-type" | "content-transfer-encoding" | "content-disposition" | null {
  const { value: type, parameters } = parameterizedValue(valueOf(head, "content-type"));
  const encoding = parameterizedValue(valueOf(head, "content-transfer-encoding")).value;
  const isMultipart = type.startsWith("multipart/");
  if (!signed.includes("content-transfer-encoding") && !bearsEncoding(encoding, body, isMultipart))
    return "content-transfer-encoding";
  if (!signed.includes("content-type")) {
    const boundary = parameters.get("boundary") ?? "";
    const charset = parameters.get("charset") ?? null;
    const isBorne = isMultipart
      ? bearsBoundary(boundary, body)
      : bearsText(type, encoding, body) && keepsAscii(charset);
    if (!isBorne) return "content-type";
  }
  const disposition = parameterizedValue(valueOf(head, "content-disposition")).value;
  const isHidden = headerValues(head, "content-disposition").length > 0 && disposition !== "inline";
  return isHidden && !signed.includes("content-disposition") ? "content-disposition" : null;
}

/** The body begins with this delimiter and ends with the closing one, with no other text around them. */
function bearsBoundary(boundary: string, { start, end }: BodyEdges): boolean {
  if (boundary === "") return false;
  const lines = writtenLines(start);
  const [first = "", second] = lines;
  const begins = isMimeNote(first) ? second : first;
  return begins === `--${boundary}` && writtenLines(end).at(-1) === `--${boundary}--`;
}

/** Lines with something in them, without the blanks at their ends. */
function writtenLines(bytes: Buffer): readonly string[] {
  const lines = bytes.toString("latin1").split(/\r?\n/);
  return lines.flatMap((line) => (line.trim() === "" ? [] : [line.trimEnd()]));
}

/** A delimiter with the header of a part behind it. */
const PART_BEGINS = /^--\S[^\n]*\ncontent-[a-z-]{2,40}:/im;
const MARKUP_FIRST = /^\s*<(?:!doctype|!--|\?xml|[a-z][a-z0-9]*[\s>/])/i;
const MARKUP_CLOSED = /<\/[a-z][a-z0-9]*\s*>/i;

/** Plain words are no parts and no markup, and markup begins as such. What is neither is read by its header alone. */
function bearsText(type: string, encoding: string, { start, isWhole }: BodyEdges): boolean {
  if (!isWhole) return false;
  const text = Buffer.from(decodeTransfer(start, encoding)).toString("latin1");
  if (PART_BEGINS.test(text.replaceAll("\r", ""))) return false;
  if (type === "text/html") return MARKUP_FIRST.test(text);
  const isPlain = type === "" || type === "text/plain";
  return isPlain && !MARKUP_FIRST.test(text) && !MARKUP_CLOSED.test(text);
}

/** All signs that a keyboard has, and the marks behind which UTF-7 and HZ hide others. */
const PRINTABLE = Buffer.concat([
  Buffer.from(Array.from({ length: 95 }, (_, index) => index + 32)),
  Buffer.from("+AAo-~{!!~}"),
]);

/** In some charsets plain letters and signs stand for others, so that the mark of a quote is none. */
function keepsAscii(charset: string | null): boolean {
  return charset === null || decodeText(PRINTABLE, charset) === PRINTABLE.toString("latin1");
}

const AS_IT_IS = ["", "7bit", "8bit", "binary"];

function bearsEncoding(encoding: string, body: BodyEdges, isMultipart: boolean): boolean {
  if (AS_IT_IS.includes(encoding)) return isMultipart || !mayBeQuotedPrintable(body);
  if (isMultipart || !body.isWhole) return false;
  const text = body.start.toString("latin1").replaceAll("\r", "");
  if (encoding === "base64") return isBase64(text);
  // A line break of the text is written as one and never as a code (RFC 2045 section 6.7).
  return encoding === "quoted-printable" && isQuotedPrintable(text) && !/=0[AD]/i.test(text);
}

function isBase64(text: string): boolean {
  const lines = text.trim().split("\n");
  const width = lines[0]?.length ?? 0;
  return lines.every(
    (line, index) =>
      /^[A-Za-z0-9+/]*={0,2}$/.test(line) &&
      (index === lines.length - 1 ? line.length <= width : line.length === width),
  );
}

function isQuotedPrintable(text: string): boolean {
  return !/[\x80-\xff]/.test(text) && !/=(?![0-9A-F]{2}|[ \t]*(?:\n|$))/i.test(text);
}

/** Read as it is, a line that was only broken loses the mark of its quote, and so does one whose mark is a code. */
function mayBeQuotedPrintable({ start }: BodyEdges): boolean {
  const text = start.toString("latin1").replaceAll("\r", "");
  return isQuotedPrintable(text) && /=[ \t]*\n|^=3E/im.test(text);
}
