/** Which lines of a log are shown, and how they are read from a file that is still written. */

import { createReadStream, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { LEVELS, logLineOf, printable, readableLine } from "#telemetry/readable-line.ts";

/** What a person wants to see. */
export interface Wanted {
  readonly conversation?: string;
  /** The least important level that is shown. */
  readonly level?: (typeof LEVELS)[number];
}

/** How often a log that is followed is looked at. */
const LOOK_MS = 250;

/** A longer line is cut: nothing of ours is that long. */
const CHARACTERS_MAX = 1_000_000;

/**
 * A line as it is shown; null for one that is not wanted. Text that is no line of a log is shown while every line is
 * wanted, because it may be what a process said last.
 */
export function shownLine(text: string, { conversation, level }: Wanted): string | null {
  const line = logLineOf(text);
  if (line === null) {
    const isAsked = conversation === undefined && level === undefined && text.trim() !== "";
    return isAsked ? printable(text) : null;
  }
  if (level !== undefined && LEVELS.indexOf(line.level) < LEVELS.indexOf(level)) return null;
  const about = [line["conversation"], line["conversationId"]];
  if (conversation !== undefined && !about.includes(conversation)) return null;
  return readableLine(line);
}

/** The whole lines of chunks of text; what follows the last line break comes with the next chunk. */
export function lineSplitter(): (chunk: string) => readonly string[] {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = (lines.pop() ?? "").slice(0, CHARACTERS_MAX);
    return lines;
  };
}

/**
 * The lines of a file. With `follow` it goes on with what is added until the signal aborts, and begins anew in a file
 * that was put in the place of this one or shortened. Throws the error of the file system for a file that cannot be
 * read.
 */
export async function* linesOf(
  file: string,
  { follow, signal }: { readonly follow: boolean; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  const at = { inode: statSync(file).ino, offset: 0 };
  let split = lineSplitter();
  do {
    const now = statSync(file, { throwIfNoEntry: false });
    if (now !== undefined && (now.ino !== at.inode || now.size < at.offset)) {
      Object.assign(at, { inode: now.ino, offset: 0 });
      split = lineSplitter();
    }
    if (now !== undefined && now.size > at.offset) {
      const added = createReadStream(file, { start: at.offset, end: now.size - 1 });
      at.offset = now.size;
      const decoded = new TextDecoderStream();
      for await (const chunk of ReadableStream.from(added).pipeThrough(decoded))
        yield* split(chunk);
    } else if (follow) await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
  } while (follow && !signal.aborted);
  yield* split("\n");
}
