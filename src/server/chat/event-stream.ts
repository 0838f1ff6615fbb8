import { createHash } from "node:crypto";
import type { Response } from "express";
import type { ChatState } from "#store/chat/chat-state.ts";
import type { ChatEvents, ChatLine } from "./schema.ts";
import type { ChatListener } from "./open-streams.ts";

/** What a window waits before it connects again when a stream broke. */
const RECONNECT_MS = 2_000;

/** A reader that has left so much unread has gone to sleep; it comes back with the last id it saw. */
const UNREAD_BYTES_MAX = 1_000_000;

/** The line as a visitor gets it. Its id holds its place and a mark of what it is, and nothing of whose it is. */
export function lineOf({ key, position, text, at }: ChatState["lines"][number]): ChatLine {
  const mark = createHash("sha256").update(key).digest("hex").slice(0, 8);
  return { id: `${position}-${mark}`, text, at: at.toISOString() };
}

/**
 * The lines a window has that names the last one it saw. None for an id that no line has, because it was removed since or
 * is from a past that a backup has taken back: then it gets all of them, and knows by their ids those it shows already.
 */
export function linesUpTo(
  lines: ChatState["lines"],
  lastId: string | undefined,
): ChatState["lines"] {
  return lines.slice(0, lines.findIndex((line) => lineOf(line).id === lastId) + 1);
}

/** Writes what is new to one window, in the form of server-sent events (HTML standard, section 9.2). */
export function eventWriter(
  response: Response,
  options: {
    readonly key: string;
    readonly until: ChatListener["until"];
    /** What this window has already. */
    readonly seen: ChatState["lines"];
    readonly wordsFor: (state: ChatState) => string;
  },
): ChatListener {
  const shown: { readonly keys: Set<string>; standing: string | null } = {
    keys: new Set(options.seen.map(({ key }) => key)),
    standing: null,
  };

  const write = (text: string): void => void response.write(text);
  const isAsleep = (): boolean => {
    if (response.writableLength > UNREAD_BYTES_MAX) response.destroy();
    return response.destroyed;
  };

  return {
    key: options.key,
    until: options.until,
    show(state) {
      if (isAsleep()) return;
      const { lines, status } = state;
      for (const line of lines) {
        if (shown.keys.has(line.key)) continue;
        const sent = lineOf(line);
        write(`id: ${sent.id}\n${eventOf("message", sent)}`);
        shown.keys.add(line.key);
      }
      const text = options.wordsFor(state);
      // Waiting for a person may become waiting for the end of a pause, and back.
      if (`${status} ${text}` === shown.standing) return;
      shown.standing = `${status} ${text}`;
      write(eventOf("status", { status, text }));
    },
    beat() {
      if (!isAsleep()) write(": still here\n\n");
    },
    end(reason) {
      write(eventOf("end", { reason }));
      response.end();
    },
  };
}

/** JSON has no line breaks, so one line of `data` holds all of it. */
function eventOf<Name extends keyof typeof ChatEvents>(
  name: Name,
  data: (typeof ChatEvents)[Name]["_zod"]["output"],
): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The head of a stream, which no cache or proxy may keep back. */
export function openEvents(response: Response): void {
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
  });
  response.write(`retry: ${RECONNECT_MS}\n\n`);
}
