import type { FetchMessageObject, ImapFlow, MessageStructureObject } from "imapflow";
import type { Delivery } from "#core/delivery.ts";
import { CUT_HEADER, FOLDER_HEADER, INBOX_HEADER, UID_HEADER } from "./receive.ts";

/** Bytes. */
export interface FetchLimits {
  /** A larger mail is taken in with its headers and its text part only. */
  readonly mailBytesMax: number;
  /** Of a text part that is fetched alone. */
  readonly textBytesMax: number;
}

/** Fetches one mail without marking it. Null when it is gone or arrived before `since`. */
export async function fetchMail(
  client: ImapFlow,
  uid: number,
  options: {
    readonly address: string;
    readonly folder: "inbox" | "sent";
    readonly since: Date;
    readonly receivedAt: Date;
    /** Leave everything but headers and text behind, because the whole could not be taken in. */
    readonly cut: boolean;
    readonly limits: FetchLimits;
  },
): Promise<Delivery | null> {
  const about = await client.fetchOne(
    String(uid),
    { uid: true, size: true, internalDate: true, bodyStructure: true },
    { uid: true },
  );
  if (!about || isBefore(about, options.since)) return null;
  const size = about.size ?? 0;
  const cut = options.cut || size > options.limits.mailBytesMax;
  const body = cut
    ? await fetchText(client, uid, about.bodyStructure, options.limits)
    : await fetchWhole(client, uid);
  if (body === null || body.length === 0) return null;
  return {
    source: "imap",
    headers: {
      [INBOX_HEADER]: options.address,
      [UID_HEADER]: String(uid),
      [FOLDER_HEADER]: options.folder,
      ...(cut ? { [CUT_HEADER]: String(Math.max(size, 1)) } : {}),
    },
    body,
    receivedAt: options.receivedAt,
  };
}

/** A mail without a readable arrival date is taken in: late is better than lost. */
function isBefore({ internalDate }: FetchMessageObject, since: Date): boolean {
  if (internalDate === undefined) return false;
  // IMAP dates have whole seconds, so a mail of the same second counts as after.
  const arrived = new Date(internalDate).getTime();
  return arrived + 1_000 <= since.getTime();
}

async function fetchWhole(client: ImapFlow, uid: number): Promise<Buffer | null> {
  const fetched = await client.fetchOne(String(uid), { uid: true, source: true }, { uid: true });
  return fetched ? (fetched.source ?? null) : null;
}

/** The mail as if it had only its first text part: its own headers, then that part with the headers it needs. */
async function fetchText(
  client: ImapFlow,
  uid: number,
  structure: MessageStructureObject | undefined,
  { textBytesMax }: FetchLimits,
): Promise<Buffer | null> {
  const part = textPart(structure);
  // A mail of a single part has no number in its structure; its content is part 1 (RFC 3501 section 6.4.5).
  const number = part?.part ?? "1";
  const fetched = await client.fetchOne(
    String(uid),
    {
      uid: true,
      headers: true,
      ...(part === null ? {} : { bodyParts: [{ key: number, start: 0, maxLength: textBytesMax }] }),
    },
    { uid: true },
  );
  if (!fetched) return null;
  const text = fetched.bodyParts?.get(number) ?? Buffer.alloc(0);
  return Buffer.concat([
    headersWithout(fetched.headers ?? Buffer.alloc(0), [
      "content-type",
      "content-transfer-encoding",
    ]),
    partHeaders(part),
    text,
  ]);
}

function textPart(structure: MessageStructureObject | undefined): MessageStructureObject | null {
  const waiting = structure === undefined ? [] : [structure];
  const texts: MessageStructureObject[] = [];
  for (let node = waiting.shift(); node !== undefined; node = waiting.shift()) {
    if (node.disposition !== "attachment" && /^text\/(?:plain|html)$/.test(node.type))
      texts.push(node);
    waiting.push(...(node.childNodes ?? []));
  }
  return texts.find(({ type }) => type === "text/plain") ?? texts[0] ?? null;
}

function partHeaders(part: MessageStructureObject | null): Buffer {
  const token = (value: string | undefined, fallback: string): string =>
    value !== undefined && /^[\w./-]{1,60}$/.test(value) ? value : fallback;
  const type = token(part?.type, "text/plain");
  const charset = token(part?.parameters?.["charset"], "utf-8");
  const encoding = token(part?.encoding, "7bit");
  return Buffer.from(
    `Content-Type: ${type}; charset=${charset}\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`,
  );
}

/** Header lines as they are, less the named fields with their continuation lines and the closing empty line. */
function headersWithout(headers: Buffer, names: readonly string[]): Buffer {
  const kept: string[] = [];
  let dropping = false;
  for (const line of headers.toString("latin1").split(/\r?\n/)) {
    if (line === "") continue;
    if (!/^[ \t]/.test(line))
      dropping = names.includes(line.split(":", 1)[0]?.trim().toLowerCase() ?? "");
    if (!dropping) kept.push(`${line}\r\n`);
  }
  return Buffer.from(kept.join(""), "latin1");
}
