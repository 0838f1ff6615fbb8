/** The routes that read and follow a chat. */

import type { Request, Response } from "express";
import { chatStateOf } from "#store/chat/chat-state.ts";
import { allowanceOf, notFound, requestedChat, wordsFor, type ChatContext } from "./access.ts";
import type { ChatTranscript } from "./schema.ts";
import { eventWriter, lineOf, openEvents, linesUpTo } from "./event-stream.ts";
import type { ChatListener } from "./open-streams.ts";
import { clientAddress } from "#server/http/client-address.ts";

/** A stream ends after this, so that windows spread over the processes again. */
const STREAM_MS_MAX = 60 * 60_000;

/** `GET /support/chat/:conversation`: its status, and everything that was said to the visitor. */
export async function readChat(
  context: ChatContext,
  request: Request,
  response: Response,
): Promise<void> {
  const wanted = await requestedChat(context, request, context.limits.looks);
  const state = wanted === null ? null : await chatStateOf(context.parts.store, wanted.key, null);
  if (wanted === null || state === null) {
    notFound(response);
    return;
  }
  const transcript: ChatTranscript = {
    conversation_id: wanted.conversation,
    status: state.status,
    messages: state.lines.map(lineOf),
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
  streams.enter(allowanceOf(identity, key), address, response);
  const state = await chatStateOf(context.parts.store, key, null);
  if (state === null) {
    notFound(response);
    return;
  }
  if (response.destroyed) return;
  const listener = eventWriter(response, {
    key,
    until: untilOf(context.parts.clock.now().getTime(), identity?.expiresAt.getTime() ?? null),
    seen: linesUpTo(state.lines, request.headers["last-event-id"]?.toString()),
    wordsFor: (state) => wordsFor(context, state),
  });
  const leave = streams.listen(listener);
  response.once("close", leave);
  openEvents(response);
  listener.show(state);
}

/** No stream outlives its token. */
function untilOf(now: number, expiresAt: number | null): ChatListener["until"] {
  const longest = now + STREAM_MS_MAX;
  return expiresAt !== null && expiresAt < longest
    ? { at: expiresAt, reason: "expired" }
    : { at: longest, reason: "renew" };
}
