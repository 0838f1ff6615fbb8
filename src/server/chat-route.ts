import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { json, Router, type Request } from "express";
import { z } from "zod";
import { conversationKey } from "#adapters/chat/index.ts";
import { SUBJECT_HEADER, verifyChatToken } from "#adapters/chat/identity.ts";
import { DeskhandError } from "#core/errors.ts";
import { intake } from "#jobs/intake.ts";
import type { Parts } from "#jobs/parts.ts";
import { chatStateOf, latestChat, type ChatState } from "#store/chats.ts";
import { admission, within } from "./admission.ts";
import { rateLimit } from "./rates.ts";

const MINUTE_MS = 60_000;

type RouteParts = Parameters<typeof intake>[0] & Pick<Parts, "channels" | "clock" | "policy">;

/** A visitor waits this long at most for an answer; what takes longer is fetched later. */
const ANSWER_WAIT_MS = 25_000;

/** Who waits for an answer asks the database five times a second; more of them at once would leave nothing for turns. */
const AT_ONCE_MAX = 1_000;

/** People do not stand still in front of a window for longer than this before anything was said. */
const INTAKE_MS_MAX = 10_000;

/** To a visitor whose answer is only late: nobody has to confirm anything. */
const SLOW = "This takes a little longer than usual. You will find the answer here.";

/** Without a conversation id, a signed user goes on with what they talked about this recently. */
const GOES_ON_MS = 30 * MINUTE_MS;

const Body = z.object({
  user_id: z.string({ error: "user_id must be a text" }).min(1).max(200),
  message: z
    .string({ error: "message must be a text" })
    .trim()
    .min(1, "must not be empty")
    .max(20_000, "is too long, 20,000 characters at most"),
  conversation_id: z
    .string()
    .regex(/^[\w-]{8,100}$/, "is not a conversation id")
    .optional(),
  message_id: z
    .string()
    .regex(/^[\w-]{1,100}$/, "is not a message id")
    .optional(),
});

/**
 * `POST /support/chat`: one message in, one answer out. Without a token the answer is at level 0, in a conversation of
 * its own; an invalid token is refused, and so is a `user_id` that is not the token's.
 */
export function chatRoutes(
  parts: RouteParts,
  options: {
    readonly identitySecret: string;
    /** How long a visitor waits for an answer at most. */
    readonly answerWaitMs?: number;
    readonly messagesPerMinute: { readonly perUser: number; readonly perAddress: number };
  },
): Router {
  const router = Router();
  const perUser = rateLimit({
    clock: parts.clock,
    windowMs: MINUTE_MS,
    max: options.messagesPerMinute.perUser,
    what: "from this user",
  });
  const perAddress = rateLimit({
    clock: parts.clock,
    windowMs: MINUTE_MS,
    max: options.messagesPerMinute.perAddress,
    what: "from this address",
  });

  router.post(
    "/",
    admission(AT_ONCE_MAX),
    json({ limit: "64kb", strict: true }),
    async (request, response) => {
      perAddress.check(request.socket.remoteAddress ?? "unknown");
      const subject = await subjectOf(parts, options.identitySecret, request);
      const body = parseBody(request.body);
      if (subject !== null && subject !== body.user_id)
        throw new DeskhandError("input.forbidden", "user_id is not the user of the token");
      perUser.check(body.user_id);
      const conversation = body.conversation_id ?? (await goesOn(parts, subject)) ?? randomUUID();
      const key = conversationKey(subject, conversation);
      const messageId = body.message_id ?? randomUUID();
      await within(INTAKE_MS_MAX, accept(parts, { subject, conversation, messageId, body }));
      const state = await answerTo(parts, {
        key,
        messageKey: `${key}:${messageId}`,
        waitMs: options.answerWaitMs ?? ANSWER_WAIT_MS,
        hungUp: () => request.socket.destroyed,
      });
      response.json({ ...wordsFor(parts, state), conversation_id: conversation });
    },
  );

  router.get("/:conversation", async (request, response) => {
    const subject = await subjectOf(parts, options.identitySecret, request);
    const key = conversationKey(subject, request.params.conversation);
    const state = await parts.store.run((transaction) => chatStateOf(transaction, key, null));
    if (state === null) {
      response.status(404).json({ error: "not_found", message: "no such conversation for you" });
      return;
    }
    response.json({
      conversation_id: request.params.conversation,
      status: state.status,
      messages: state.lines.map(({ text, at }) => ({ text, at: at.toISOString() })),
    });
  });
  return router;
}

function subjectOf(
  parts: RouteParts,
  identitySecret: string,
  request: Request,
): Promise<string | null> {
  return verifyChatToken(request.headers.authorization, { identitySecret, now: parts.clock.now() });
}

function parseBody(body: unknown): z.output<typeof Body> {
  const parsed = Body.safeParse(body);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "body"}: ${issue.message}`,
  );
  throw new DeskhandError("input.invalid", problems.join("; "));
}

async function goesOn(parts: RouteParts, subject: string | null): Promise<string | null> {
  if (subject === null) return null;
  const since = new Date(parts.clock.now().getTime() - GOES_ON_MS);
  const key = await parts.store.run((transaction) =>
    latestChat(transaction, conversationKey(subject, ""), since),
  );
  return key === null ? null : key.slice(conversationKey(subject, "").length);
}

async function accept(
  parts: RouteParts,
  given: {
    readonly subject: string | null;
    readonly conversation: string;
    readonly messageId: string;
    readonly body: z.output<typeof Body>;
  },
): Promise<void> {
  const channel = parts.channels.get("chat");
  if (channel === undefined)
    throw new DeskhandError("channel.unsupported", "chat is not connected");
  const message = {
    id: given.messageId,
    conversation: given.conversation,
    userId: given.body.user_id,
    text: given.body.message,
  };
  await intake(parts, channel, {
    source: "http",
    headers: given.subject === null ? {} : { [SUBJECT_HEADER]: given.subject },
    body: new TextEncoder().encode(JSON.stringify(message)),
    receivedAt: parts.clock.now(),
  });
}

/**
 * Looks again and again until the message has an answer or waits for a person; gives up while it is `working`, losing
 * nothing. A database that goes away meanwhile is no refusal any more: the message is kept, and sending it again would
 * ask twice.
 */
async function answerTo(
  parts: RouteParts,
  {
    key,
    messageKey,
    waitMs: waitMsMax,
    hungUp,
  }: {
    readonly key: string;
    readonly messageKey: string;
    readonly waitMs: number;
    readonly hungUp: () => boolean;
  },
): Promise<ChatState> {
  const end = Date.now() + waitMsMax;
  let waitMs = 15;
  for (;;) {
    const state = await parts.store
      .run((transaction) => chatStateOf(transaction, key, messageKey))
      .catch((error: unknown) => {
        if (error instanceof DeskhandError && error.retry) return null;
        throw error;
      });
    if (state !== null && state.status !== "working") return state;
    if (Date.now() > end || hungUp())
      return state ?? { status: "working", lines: [], answer: null };
    await wait(waitMs);
    waitMs = Math.min(waitMs * 1.5, 200);
  }
}

function wordsFor(
  parts: RouteParts,
  state: ChatState,
): { readonly reply: string; readonly status: string } {
  const { texts } = parts.policy;
  switch (state.status) {
    case "answered":
      return { status: "answered", reply: state.answer ?? texts.pending };
    case "escalated":
      return { status: "escalated", reply: state.answer ?? texts.handover };
    case "failed":
      return { status: "failed", reply: state.answer ?? texts.unavailable };
    case "pending":
      return { status: "pending", reply: state.answer ?? texts.pending };
    case "working":
      return { status: "pending", reply: state.answer ?? SLOW };
    default:
      throw new Error(`unknown status ${String(state.status satisfies never)}`);
  }
}
