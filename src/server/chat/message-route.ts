/**
 * Room: the chat API `/support/chat`, which takes a visitor's messages and shows the answers.
 * In: HTTP requests from the widget or the shop's own page, with or without a signed token.
 * Out: the answer or its status as JSON, later ones as server-sent events; each message goes to intake.
 * May touch: the database (reads chat states; writes only through intake); no vendor.
 */

import { createHash, randomBytes, randomUUID } from "node:crypto";
import cors from "cors";
import { json, Router, type Request, type RequestHandler } from "express";
import { NETWORK_HEADER, SUBJECT_HEADER } from "#adapters/chat/identity.ts";
import type { ChatMessage, ChatRating } from "#adapters/chat/index.ts";
import { chatKey } from "#core/values/message.ts";
import { intake, type IntakeResult } from "#jobs/intake.ts";
import { answerWithin } from "#core/values/deadline.ts";
import { DeskhandError, readInput } from "#core/values/errors.ts";
import {
  hasOtherText,
  isChat,
  latestChat,
  storedChatState,
  type ChatState,
} from "#store/chat/chat-state.ts";
import {
  allowanceKey,
  chatContext,
  countedCaller,
  wordsFor,
  type ChatContext,
  type ChatOptions,
  type ChatParts,
  type ChatRoute,
  followChat,
  readChat,
  requestedChat,
  requiredState,
} from "./access.ts";
import {
  ChatQuestion,
  type ChatAnswer,
  ChatVerdict,
  type ChatRated,
  chatOpenApi,
} from "./schema.ts";
import { ApiRefusal } from "#server/http/problem.ts";
import { admission, clientAddress, withTimeLimit } from "#server/http/admission.ts";

/** A visitor waits at most this long for an answer; a later one is fetched separately. */
const ANSWER_WAIT_MS = 25_000;

/** More waiting requests at once would leave nothing for turns. */
const AT_ONCE_MAX = 1_000;

/** A notice of a change may get lost, so a waiting request also looks by itself. */
const LOOK_AGAIN_MS = 2_000;

/** Without a conversation id, a signed user continues a conversation that is not older than this. */
const CONTINUE_MS = 30 * 60_000;

/** An unsigned visitor is identified by the conversation id alone. Ids of this length are also removed from logs. */
const ID_BYTES = 24;

/** How long a browser may keep what a preflight allowed, in seconds; Chromium keeps it no longer. */
const PREFLIGHT_S = 7_200;

/** Shorter names than 128 bits in hexadecimal are not treated as random. */
const RANDOM_LENGTH_MIN = 32;

/**
 * `/support/chat`: one message in, one answer out, and later answers as they come. Without a token the answer is at
 * level 0, in a conversation of its own; an invalid token is refused, and so is a `user_id` that differs from the
 * token's.
 */
export function chatRoutes(parts: ChatParts, options: ChatOptions): Router {
  const context = chatContext(parts, options);
  const document = chatOpenApi();
  const router = Router();
  // Callers are known by the Authorization header alone, so cookies are never allowed.
  router.use(
    cors({
      origin: [...options.origins],
      methods: ["GET", "POST"],
      allowedHeaders: ["Authorization", "Content-Type", "Last-Event-ID"],
      exposedHeaders: ["Retry-After"],
      maxAge: PREFLIGHT_S,
    }),
  );
  const answered =
    (route: ChatRoute): RequestHandler =>
    (request, response) =>
      route(context, request, response);
  const body = json({ limit: "64kb", strict: true });
  router.post("/", body, admission(AT_ONCE_MAX), answered(receiveMessage));
  router.get("/openapi.json", (_request, response) => {
    response.json(document);
  });
  router.post("/:conversation/rating", body, admission(AT_ONCE_MAX), answered(rateChat));
  router.get("/:conversation/events", answered(followChat));
  router.get("/:conversation", answered(readChat));
  return router;
}

const receiveMessage: ChatRoute = async (context, request, response) => {
  const { parts, limits } = context;
  const identity = await countedCaller(context, request, limits.address);
  const subject = identity?.subject ?? null;
  const question = readInput(ChatQuestion, request.body);
  if (subject !== null && subject !== question.user_id)
    throw new DeskhandError("input.forbidden", "user_id is not the user of the token");
  const conversation = await conversationFor(parts, subject, question);
  const key = chatKey(subject, conversation);
  limits.user.check(allowanceKey(identity, key));
  const messageId = question.message_id ?? randomUUID();
  const { user_id: userId, message: text } = question;
  const { conversationIds, isNew } = await acceptMessage(
    context,
    { subject, network: clientAddress(request) },
    { id: messageId, conversation, userId, text },
  );
  const messageKey = `${key}:${messageId}`;
  if (!isNew && (await parts.store.run(hasOtherText, messageKey, text)))
    throw new ApiRefusal(
      422,
      "key.reused",
      "this message_id came with another text; use a new one",
    );
  const conversationId = conversationIds[0] ?? "";
  const state = await answerTo(context, request, { key, conversationId, messageKey, isNew });
  response.json({ ...replyFor(context, state, text), conversation_id: conversation });
};

/** An intake that takes longer than this is refused, since a visitor waits for it in front of a window. */
const INTAKE_MS_MAX = 10_000;

/**
 * Hands a visitor's message to the chat channel. When this resolves, the message is committed. Only for an unsigned
 * visitor is the network kept, as a digest only we can compute.
 */
export async function acceptMessage(
  { parts }: Pick<ChatContext, "parts">,
  { subject, network }: { readonly subject: string | null; readonly network: string },
  sent: ChatMessage | ChatRating,
): Promise<IntakeResult> {
  const channel = parts.channels.get("chat");
  if (channel === undefined)
    throw new DeskhandError("channel.unsupported", "chat is not connected");
  const taken = intake(parts, channel, {
    source: "http",
    headers:
      subject === null
        ? { [NETWORK_HEADER]: parts.codes.networkHashOf(network) }
        : { [SUBJECT_HEADER]: subject },
    body: new TextEncoder().encode(JSON.stringify(sent)),
    receivedAt: parts.clock.now(),
  });
  return withTimeLimit(INTAKE_MS_MAX, taken);
}

/**
 * The conversation a message belongs to. With a token, the id names one of that user's own conversations. Without one,
 * only the id tells visitors apart: an id that was not generated here may be guessed or copied, so the message opens a
 * conversation with an id of ours. That id is derived from the visitor's own names when these are long enough to be
 * random: a first message that is sent again because its answer was lost then finds its own conversation instead of
 * opening a second one.
 */
async function conversationFor(
  parts: ChatParts,
  subject: string | null,
  { user_id: userId, conversation_id: given, message_id: messageId }: ChatQuestion,
): Promise<string> {
  const fresh = (): string => randomBytes(ID_BYTES).toString("base64url");
  if (subject !== null)
    return given ?? (await recentConversation(parts, subject, messageId)) ?? fresh();
  if (given === undefined) return fresh();
  const key = chatKey(null, given);
  if (await parts.store.run(isChat, key)) return given;
  if (Math.min(userId.length, given.length) < RANDOM_LENGTH_MIN) return fresh();
  const names = JSON.stringify([userId, given]);
  return createHash("sha256").update(names).digest().subarray(0, ID_BYTES).toString("base64url");
}

async function recentConversation(
  parts: ChatParts,
  subject: string,
  messageId: string | undefined,
): Promise<string | null> {
  const since = new Date(parts.clock.now().getTime() - CONTINUE_MS);
  const key = await parts.store.run(latestChat, subject, { since, messageId: messageId ?? null });
  return key === null ? null : key.slice(chatKey(subject, "").length);
}

/**
 * Waits until the message has an answer or waits for a person, and looks whenever its conversation changed; gives up
 * while it is `working`, losing nothing, also when this process stops: cut off, the request would look refused and be
 * sent again. A database failure meanwhile must not refuse the message: it is stored, and
 * sending it again would ask twice.
 */
async function answerTo(
  {
    parts,
    options: { answerWaitMs = ANSWER_WAIT_MS, lookAgainMs = LOOK_AGAIN_MS, streams },
  }: ChatContext,
  { socket }: Request,
  sent: {
    readonly key: string;
    readonly conversationId: string;
    readonly messageKey: string;
    readonly isNew: boolean;
  },
): Promise<ChatState> {
  const { key, conversationId, messageKey } = sent;
  const { stopped } = streams;
  const end = performance.now() + answerWaitMs;
  let change = Promise.withResolvers<void>();
  const lookNow = (): void => change.resolve();
  const nextLook = (ms: number) => answerWithin(ms, change.promise).catch(() => undefined);
  const stop = parts.changes.follow(conversationId, lookNow);
  stopped.addEventListener("abort", lookNow);
  try {
    // A message accepted just now has no answer yet, unless its notice was faster than we are.
    if (sent.isNew) await nextLook(Math.min(answerWaitMs, lookAgainMs));
    for (;;) {
      // Made anew before the look, so that a change during the look is not missed.
      change = Promise.withResolvers<void>();
      const state = await storedChatState(parts.store, key, messageKey).catch((error: unknown) => {
        if (error instanceof DeskhandError && error.retry) return null;
        throw error;
      });
      if (state !== null && state.status !== "working") return state;
      const leftMs = end - performance.now();
      if (leftMs <= 0 || socket.destroyed || stopped.aborted)
        return state ?? { status: "working", lines: [], answer: null, asked: "", paused: false };
      await nextLook(Math.min(leftMs, lookAgainMs));
    }
  } finally {
    stopped.removeEventListener("abort", lookNow);
    stop();
  }
}

/**
 * An answer that only takes long is reported like one that a pause holds back: nothing has to be confirmed. `text` is
 * the message, which tells the language also before it is read.
 */
function replyFor(
  context: ChatContext,
  state: ChatState,
  text: string,
): Pick<ChatAnswer, "status" | "reply"> {
  const isLate = state.status === "working";
  const status = isLate ? "pending" : state.status;
  const given = { status, asked: state.asked || text, paused: state.paused || isLate };
  return { status, reply: state.answer ?? wordsFor(context, given) };
}

// The route by which a visitor rates the answers.

/** A rating of this many of five stars or more is good, as in the team's help desk. */
const GOOD_FROM = 4;

/**
 * `POST /support/chat/:conversation/rating`: the visitor's rating of the answers. It may be changed while the
 * conversation is kept; the last one counts.
 */
const rateChat: ChatRoute = async (context, request, response) => {
  const { limits } = context;
  const { identity, conversation, key } = await requestedChat(context, request, limits.address);
  const { lines } = await requiredState(context, key);
  limits.user.check(allowanceKey(identity, key));
  const { score: given, comment } = readInput(ChatVerdict, request.body);
  if (lines.length === 0) throw new ApiRefusal(409, "no_answer", "there is no answer to rate yet");
  const stars = typeof given === "number" ? given : null;
  const score = typeof given === "number" ? (given >= GOOD_FROM ? "good" : "bad") : given;
  await acceptMessage(
    context,
    { subject: identity?.subject ?? null, network: clientAddress(request) },
    { id: randomUUID(), conversation, score, stars, comment },
  );
  const rated: ChatRated = { conversation_id: conversation, score, stars };
  response.json(rated);
};
