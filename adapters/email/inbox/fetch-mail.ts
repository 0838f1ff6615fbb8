/** Fetches mail from an IMAP folder. */
import type {
  FetchMessageObject,
  FetchQueryObject,
  ImapFlow,
  MessageStructureObject,
} from "imapflow";
import type { Delivery } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Blobs } from "#core/contracts/ports.ts";
import {
  type EmailLimits,
  type PollerHeaderTexts,
  SKIPPED_MAX,
  type SkippedAttachment,
} from "#email/options.ts";
import { MailDigest, START_BYTES, normalizeLineEnds } from "#email/mime/raw-mail.ts";
import { decodeWords, safeFileName } from "#email/mime/headers.ts";
import { isSelected, requireSelected } from "./imap-connection.ts";

/** Gmail's labels (X-GM-LABELS); no other server has any. */
const WRITTEN_HERE = ["\\Sent", "\\Draft", "\\Drafts"];

/** Asked of the server at a time. */
const PIECE_BYTES = 256 * 1024;

/** How one mail is fetched. */
export interface FetchOptions {
  readonly address: string;
  readonly since: Date;
  readonly receivedAt: Date;
  /** Leave everything but headers and text behind, because the whole could not be taken in. */
  readonly cut: boolean;
  readonly folder: "inbox" | "sent";
  /** True for a folder that may hold what was written in this account, such as Gmail's archive. */
  readonly isArchive: boolean;
  readonly limits: Pick<EmailLimits, "mailBytesMax" | "textBytesMax">;
  readonly blobs: Pick<Blobs, "putStream">;
  /** A large mail is broken off when this is aborted. */
  readonly signal: AbortSignal;
}

/**
 * Fetches one mail without marking it; a large one goes to the blob store as it comes. `gone` when it was moved or
 * deleted meanwhile, `old` when it arrived before `since` or was written in this account or by us.
 */
export async function fetchMail(
  client: ImapFlow,
  uid: number,
  options: FetchOptions,
): Promise<Delivery | "gone" | "old"> {
  const about = await fetched(client, uid, {
    size: true,
    internalDate: true,
    labels: options.isArchive,
    headers: options.folder === "sent" ? ["x-deskhand-instance"] : false,
  });
  if (!about) return "gone";
  const arrived = arrivalIn(about);
  if (isWrittenHere(about, options) || isBefore(arrived, options.since)) return "old";
  const whole = options.cut ? null : await fetchWhole(client, uid, about.size ?? 0, options);
  const found = whole ?? (await fetchCut(client, uid, about.size ?? 0, options));
  if (found === "gone") return "gone";
  return {
    source: "imap",
    ...found,
    headers: {
      "x-inbox": options.address,
      "x-uid": String(uid),
      "x-folder": options.folder,
      ...(arrived === null ? {} : { "x-arrived": arrived.toISOString() }),
      ...found.headers,
    } satisfies PollerHeaderTexts,
    receivedAt: options.receivedAt,
  };
}

/** Written in this account, or in Sent the copy of what a program of ours sent, of which nothing is fetched. */
function isWrittenHere(
  { labels, headers }: FetchMessageObject,
  { isArchive }: Pick<FetchOptions, "isArchive">,
): boolean {
  const has = (label: string): boolean => labels?.has(label) === true;
  // What was sent to ourselves arrived as well.
  const isWritten = isArchive && WRITTEN_HERE.some(has) && !has("\\Inbox");
  return isWritten || /^x-deskhand-instance:\s*\S/im.test(headers?.toString("latin1") ?? "");
}

type Fetched = Pick<Delivery, "body" | "headers" | "kept">;

/** Null for a mail above the limit. What a server says of sizes is not relied on: some count wrong. */
async function fetchWhole(
  client: ImapFlow,
  uid: number,
  size: number,
  { limits, blobs, signal }: FetchOptions,
): Promise<Fetched | "gone" | null> {
  if (size > limits.mailBytesMax) return null;
  if (size <= START_BYTES) {
    const body = await fetchPiece(client, uid, 0, START_BYTES + 1);
    if (body === null) return "gone";
    if (body.length <= Math.min(START_BYTES, limits.mailBytesMax)) return { body, headers: {} };
  }
  return keepWhole(piecesOf(client, uid, signal), { blobs, bytesMax: limits.mailBytesMax });
}

/** Headers and text of a mail whose whole is not wanted. */
async function fetchCut(
  client: ImapFlow,
  uid: number,
  size: number,
  { limits }: FetchOptions,
): Promise<Fetched | "gone"> {
  const bodyStructure = await mailStructure(client, uid);
  const body = await fetchText(client, uid, bodyStructure, limits);
  if (body === null || body.length === 0) return "gone";
  const leftOut = skippedAttachments(bodyStructure, textPart(bodyStructure));
  return {
    body,
    headers: {
      "x-cut-from-bytes": String(Math.max(size, 1)),
      "x-left-out": JSON.stringify(leftOut),
    } satisfies PollerHeaderTexts,
  };
}

/** Undefined where the server cannot tell: some fail on mails of very many parts. */
async function mailStructure(
  client: ImapFlow,
  uid: number,
): Promise<MessageStructureObject | undefined> {
  try {
    const about = await fetched(client, uid, { bodyStructure: true });
    return about ? about.bodyStructure : undefined;
  } catch (error) {
    if (!isSelected(client)) throw error;
    return undefined;
  }
}

/** Into the blob store and past the digest, holding no more of it than a piece and its start. */
async function keepWhole(
  pieces: AsyncIterable<Uint8Array>,
  { blobs, bytesMax }: { readonly blobs: FetchOptions["blobs"]; readonly bytesMax: number },
): Promise<Fetched | "gone" | null> {
  const digest = new MailDigest();
  const start: Uint8Array[] = [];
  let missing = START_BYTES;
  async function* passing(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      digest.feed(piece);
      if (missing > 0) start.push(piece.slice(0, missing));
      missing -= Math.min(missing, piece.length);
      yield piece;
    }
  }
  try {
    const kept = await blobs.putStream(passing(), { bytesMax });
    return {
      body: Buffer.concat(start),
      kept,
      headers: { "x-body-digest": digest.end() } satisfies PollerHeaderTexts,
    };
  } catch (error) {
    if (error instanceof MailGone) return "gone";
    if (error instanceof DeskhandError && error.code === "input.too_large") return null;
    throw error;
  }
}

/** The mail was moved or deleted while it was read. */
class MailGone extends Error {}

async function* piecesOf(
  client: ImapFlow,
  uid: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (let from = 0, isMore = true; isMore;) {
    signal.throwIfAborted();
    const piece = await fetchPiece(client, uid, from, PIECE_BYTES);
    if (piece === null) throw new MailGone();
    // A server that knows no partial fetch answers with the whole mail each time.
    isMore = piece.length === PIECE_BYTES;
    from += piece.length;
    if (piece.length > 0) yield piece;
  }
}

/** What was asked of one mail; false when there is no such mail any more. Throws where the session ended instead. */
async function fetched(client: ImapFlow, uid: number, query: FetchQueryObject) {
  const found = await client.fetchOne(String(uid), { uid: true, ...query }, { uid: true });
  return found || (requireSelected(client), false);
}

/** Empty behind the end; null when there is no such mail any more. */
async function fetchPiece(
  client: ImapFlow,
  uid: number,
  start: number,
  maxLength: number,
): Promise<Buffer | null> {
  const found = await fetched(client, uid, { source: { start, maxLength } });
  return found ? (found.source ?? Buffer.alloc(0)) : null;
}

/** When its server got this mail; null where there is none, or that cannot be read. */
export async function fetchArrival(client: ImapFlow, uid: number): Promise<Date | null> {
  const about = await fetched(client, uid, { internalDate: true });
  return about ? arrivalIn(about) : null;
}

function arrivalIn({ internalDate }: FetchMessageObject): Date | null {
  const arrived = new Date(internalDate ?? Number.NaN);
  return Number.isNaN(arrived.getTime()) ? null : arrived;
}

/** A mail without a readable arrival date is taken in: late is better than lost. */
function isBefore(arrived: Date | null, since: Date): boolean {
  // IMAP dates have whole seconds, so a mail of the same second counts as after.
  return arrived !== null && arrived.getTime() + 1_000 <= since.getTime();
}

/** The mail as if it had only its first text part: the headers that part needs, which count as the first of their name, then its own. */
async function fetchText(
  client: ImapFlow,
  uid: number,
  structure: MessageStructureObject | undefined,
  { textBytesMax }: Pick<EmailLimits, "textBytesMax">,
): Promise<Buffer | null> {
  const part = textPart(structure);
  // A mail of a single part has no number in its structure; its content is part 1 (RFC 3501 section 6.4.5).
  const number = part?.part ?? "1";
  const found = await fetched(client, uid, {
    headers: true,
    ...(part === null ? {} : { bodyParts: [{ key: number, start: 0, maxLength: textBytesMax }] }),
  });
  if (!found) return null;
  const headers = Buffer.from(normalizeLineEnds(found.headers ?? Buffer.alloc(0)))
    .toString("latin1")
    .replace(/(?<![\r\n])[\r\n]+$/, "");
  const text = found.bodyParts?.get(number) ?? Buffer.alloc(0);
  return Buffer.concat([Buffer.from(`${partHeaders(part)}${headers}\r\n\r\n`, "latin1"), text]);
}

/** The parts of a mail, the outer ones first. */
function partsIn(structure: MessageStructureObject | undefined): readonly MessageStructureObject[] {
  const parts = structure === undefined ? [] : [structure];
  for (const part of parts) parts.push(...(part.childNodes ?? []));
  return parts;
}

function textPart(structure: MessageStructureObject | undefined): MessageStructureObject | null {
  const texts = partsIn(structure).filter(
    ({ disposition, type }) => disposition !== "attachment" && TEXT.test(type),
  );
  return texts.find(({ type }) => type === "text/plain") ?? texts[0] ?? null;
}

const TEXT = /^text\/(?:plain|html)$/;
const TYPE = /^[a-z0-9.+-]{1,80}\/[a-z0-9.+-]{1,80}$/;

/** Names the files of a mail that is taken in without them, so that the team knows they exist. */
function skippedAttachments(
  structure: MessageStructureObject | undefined,
  taken: MessageStructureObject | null,
): readonly SkippedAttachment[] {
  return partsIn(structure)
    .filter((part) => part !== taken && isFile(part))
    .slice(0, SKIPPED_MAX)
    .map(skippedFile);
}

function isFile({ type, disposition, childNodes }: MessageStructureObject): boolean {
  if (childNodes !== undefined && type !== "message/rfc822") return false;
  return disposition === "attachment" || !TEXT.test(type);
}

function skippedFile(
  { type, dispositionParameters, parameters, size, encoding }: MessageStructureObject,
  index: number,
): SkippedAttachment {
  const mediaType = TYPE.test(type) ? type : "application/octet-stream";
  const given = dispositionParameters?.["filename"] ?? parameters?.["name"] ?? "";
  const bytes = Math.max(0, Math.floor(size ?? 0));
  return {
    name: safeFileName(decodeWords(given.slice(0, 1_000)), mediaType, index),
    mediaType,
    bytes: encoding === "base64" ? Math.floor((bytes * 3) / 4) : bytes,
  };
}

function partHeaders(part: MessageStructureObject | null): string {
  const token = (value: string | undefined, fallback: string): string =>
    value !== undefined && /^[\w./-]{1,60}$/.test(value) ? value : fallback;
  const type = token(part?.type, "text/plain");
  const charset = token(part?.parameters?.["charset"], "utf-8");
  const encoding = token(part?.encoding, "7bit");
  return `Content-Type: ${type}; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n`;
}
