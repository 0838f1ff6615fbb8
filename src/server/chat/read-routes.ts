/** The routes that read and follow a chat. */

import { createHash } from "node:crypto";
import type { Request, Response } from "express";
import { clientAddress } from "#server/http/admission.ts";
import { storedChatState, type ChatState } from "#store/chat/chat-state.ts";
import { allowanceKey, notFound, requestedChat, wordsFor, type ChatContext } from "./access.ts";
import type { ChatTranscript, ChatEvents, ChatLine } from "./schema.ts";
import type { ChatListener } from "./stream-updates.ts";

/** A stream ends after this, so that windows spread over the processes again. */
const STREAM_MS_MAX = 60 * 60_000;

/** `GET /support/chat/:conversation`: its status, and everything that was said to the visitor. */
export async function readChat(
  context: ChatContext,
  request: Request,
  response: Response,
): Promise<void> {
  const wanted = await requestedChat(context, request, context.limits.looks);
  const state =
    wanted === null ? null : await storedChatState(context.parts.store, wanted.key, null);
  if (wanted === null || state === null) {
    notFound(response);
    return;
  }
  const transcript: ChatTranscript = {
    conversation_id: wanted.conversation,
    status: state.status,
    messages: state.lines.map(chatLine),
  };
  response.set("Cache-Control", "no-store").json(transcript);
}

/**
 * `GET /support/chat/:conversation/events`: the same as server-sent events, then whatever is new. A window that comes
 * back with the id of its last message (`Last-Event-ID`) gets those after it.
 */
export async function followChat(
  context: ChatContext,
  request: Request,
  response: Response,
): Promise<void> {
  const wanted = await requestedChat(context, request, context.limits.looks);
  if (wanted === null) {
    notFound(response);
    return;
  }
  const { key, identity } = wanted;
  const { streams } = context.options;
  const address = identity === null ? clientAddress(request) : null;
  streams.enter(allowanceKey(identity, key), address, response);
  const state = await storedChatState(context.parts.store, key, null);
  if (state === null) {
    notFound(response);
    return;
  }
  if (response.destroyed) return;
  const listener = eventWriter(response, {
    key,
    until: streamEnd(context.parts.clock.now().getTime(), identity?.expiresAt.getTime() ?? null),
    seen: linesUpTo(state.lines, request.headers["last-event-id"]?.toString()),
    wordsFor: (state) => wordsFor(context, state),
  });
  const leave = streams.listen(listener);
  response.once("close", leave);
  openEvents(response);
  listener.show(state);
}

/** No stream outlives its token. */
function streamEnd(now: number, expiresAt: number | null): ChatListener["until"] {
  const longest = now + STREAM_MS_MAX;
  return expiresAt !== null && expiresAt < longest
    ? { at: expiresAt, reason: "expired" }
    : { at: longest, reason: "renew" };
}

// Writes the state of a chat to one window as server-sent events.

/** How long a window waits before it reconnects after a broken stream. */
const RECONNECT_MS = 2_000;

/** A reader with this much unread is gone or asleep; it comes back with the last id it saw. */
const UNREAD_BYTES_MAX = 1_000_000;

/**
 * The line as a visitor gets it. Its id holds its position and a short digest of its key, and nothing about its owner.
 */
function chatLine({ key, position, text, at }: ChatState["lines"][number]): ChatLine {
  const mark = createHash("sha256").update(key).digest("hex").slice(0, 8);
  return { id: `${position}-${mark}`, text, at: at.toISOString() };
}

/**
 * The lines a window already has, given the last id it saw. None for an unknown id, because the line was removed or a
 * restored backup does not contain it: the window then gets all lines and recognizes by their ids those it shows
 * already.
 */
function linesUpTo(lines: ChatState["lines"], lastId: string | undefined): ChatState["lines"] {
  return lines.slice(0, lines.findIndex((line) => chatLine(line).id === lastId) + 1);
}

/** Writes only what this window has not seen yet, in the format of the HTML standard, section 9.2. */
function eventWriter(
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
        const sent = chatLine(line);
        write(`id: ${sent.id}\n${eventText("message", sent)}`);
        shown.keys.add(line.key);
      }
      const text = options.wordsFor(state);
      // The text can change while the status stays the same: waiting for a person, or for the end of a pause.
      if (`${status} ${text}` === shown.standing) return;
      shown.standing = `${status} ${text}`;
      write(eventText("status", { status, text }));
    },
    beat() {
      if (!isAsleep()) write(": still here\n\n");
    },
    end(reason) {
      write(eventText("end", { reason }));
      response.end();
    },
  };
}

/** JSON has no line breaks, so one line of `data` holds all of it. */
function eventText<Name extends keyof typeof ChatEvents>(
  name: Name,
  data: (typeof ChatEvents)[Name]["_zod"]["output"],
): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The head of a stream, which no cache or proxy may hold back. */
function openEvents(response: Response): void {
  response.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
  });
  response.write(`retry: ${RECONNECT_MS}\n\n`);
}
