import type { ReadMail } from "./parse-messages.ts";
import { type MailSource, parserPool } from "./parse-pool.ts";

export type { ReadMail } from "./parse-messages.ts";

/** Of the texts of one mail, in bytes as they are sent; nobody writes more, and a log pasted into a mail still fits. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

/** Two, so that one bad mail holds up none of the others. They are the process's, like its heap. */
const threads = parserPool(new URL("./parse-worker.ts", import.meta.url), {
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
): Promise<ReadMail> {
  const { textBytesMax = TEXT_BYTES_MAX, signal } = options;
  return threads.read(source, { textBytesMax, ...(signal === undefined ? {} : { signal }) });
}
