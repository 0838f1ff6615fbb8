/**
 * Room: reads what a mail says: its text without quotes and signature, and its attachments. `readMail` is the start.
 * In: the bytes of a mail, whole or as a stream.
 * Out: the new text, quotes and other segments, attachments by name, or why the mail cannot be read.
 * May touch: worker threads with limits of time and memory; no database, no network.
 */
import type { MailContent } from "./worker-messages.ts";
import type { MailSource } from "#email/mime/raw-mail.ts";
import { parserPool } from "./worker-pool.ts";

export type { MailContent } from "./worker-messages.ts";

/** Of the texts of one mail, in bytes as they are sent; people write less, and a log pasted into a mail still fits. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

/** Two, so that one bad mail holds up none of the others. They are the process's, like its heap. */
const threads = parserPool(new URL("./worker.ts", import.meta.url), {
  threadsMax: 2,
  mailMs: 5_000,
  startMs: 20_000,
  idleMs: 10_000,
  heapMb: 128,
});

/**
 * Reads a mail, on a thread with limits of time and memory. Only texts are kept, at most `textBytesMax` bytes of them;
 * attachments are counted as they pass, so a mail of any size may come as a stream. Whatever is in it, what cannot be
 * read comes back as `unreadable`, for a person. Throws what the source throws, and `channel.unavailable` when no
 * thread can be started.
 */
export async function readMail(
  source: MailSource,
  options: { readonly textBytesMax?: number; readonly signal?: AbortSignal } = {},
): Promise<MailContent> {
  const { textBytesMax = TEXT_BYTES_MAX } = options;
  const result = await threads.run({ kind: "read", textBytesMax }, source, options);
  if (result.kind === "read") return result.mail;
  return unreadable(result.kind === "failed" ? result.reason : "the parser lost its place");
}

/** A part of a mail, its transfer encoding undone; or in words why there is none. */
export type PartBytes = { readonly bytes: Uint8Array } | { readonly refused: string };

/**
 * The bytes of one part of a mail, by the number `readMail` gave it; the mail passes by, and at most `bytesMax` bytes of
 * the part are held. Throws what the source throws, and `channel.unavailable` when no thread can be started.
 */
export async function readPart(
  source: AsyncIterable<Uint8Array>,
  part: number,
  { bytesMax, signal }: { readonly bytesMax: number; readonly signal: AbortSignal },
): Promise<PartBytes> {
  const result = await threads.run({ kind: "file", part, bytesMax }, source, { signal });
  if (result.kind === "failed") return { refused: `the mail could not be read: ${result.reason}` };
  if (result.kind !== "file" || result.file === null)
    return { refused: "the mail has no such part" };
  return result.isCut ? { refused: `it is larger than ${bytesMax} bytes` } : { bytes: result.file };
}

function unreadable(reason: string): MailContent {
  return {
    subject: "",
    names: new Map(),
    date: null,
    text: "(This mail could not be read.)",
    segments: [],
    attachments: [],
    attachedParts: [],
    calendarMethod: null,
    unreadable: reason,
  };
}
