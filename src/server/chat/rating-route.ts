/** The route by which a visitor rates the answers. */

import { randomUUID } from "node:crypto";
import type { Request, Response } from "express";
import { chatStateOf } from "#store/chat/chat-state.ts";
import { clientAddress } from "#server/http/client-address.ts";
import {
  allowanceOf,
  notFound,
  parsedBody,
  acceptMessage,
  requestedChat,
  type ChatContext,
} from "./access.ts";
import { ChatVerdict, type ChatRated } from "./schema.ts";

/** A rating of this many of five stars or more is good, as in the team's help desk. */
const GOOD_FROM = 4;

/**
 * `POST /support/chat/:conversation/rating`: the visitor's rating of the answers. It may be changed while the
 * conversation is kept; the last one counts.
 */
export async function rateChat(
  context: ChatContext,
  request: Request,
  response: Response,
): Promise<void> {
  const { parts, limits } = context;
  const wanted = await requestedChat(context, request, limits.address);
  const state = wanted === null ? null : await chatStateOf(parts.store, wanted.key, null);
  if (wanted === null || state === null) {
    notFound(response);
    return;
  }
  const subject = wanted.identity?.subject ?? null;
  limits.user.check(allowanceOf(wanted.identity, wanted.key));
  const { score: given, comment } = parsedBody(ChatVerdict, request.body);
  if (state.lines.length === 0) {
    response.status(409).json({ error: "no_answer", message: "there is no answer to rate yet" });
    return;
  }
  const stars = typeof given === "number" ? given : null;
  const score = typeof given === "number" ? (given >= GOOD_FROM ? "good" : "bad") : given;
  const { conversation } = wanted;
  await acceptMessage(
    context,
    { subject, network: clientAddress(request) },
    { id: randomUUID(), conversation, score, stars, comment },
  );
  const rated: ChatRated = { conversation_id: conversation, score, stars };
  response.json(rated);
}
