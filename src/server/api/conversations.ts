/**
 * Customers' messages that a program brings in. They take the way of the chat: a customer is known by a signed token alone, and a conversation belongs to the teammate or machine whose token began it.
 */

import { z } from "zod";
import { verifyChatToken } from "#adapters/chat/identity.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import { acceptMessage } from "#server/chat/message-route.ts";
import { ChatQuestion } from "#server/chat/schema.ts";
import { chatsOfConversation } from "#store/chat/chat-state.ts";
import type { Bearer } from "./bearer.ts";
import { operation, type Call, type Operation } from "./operation.ts";
import { notFound } from "#server/http/problem.ts";

const MessageIn = z.strictObject({
  message: ChatQuestion.shape.message,
  customer: z
    .strictObject({
      name: z.string().trim().min(1).max(200).default("customer").describe("proves nothing"),
      token: z
        .string()
        .max(4_000)
        .optional()
        .describe("a signed token as in `/support/chat`; without one the customer is not known"),
    })
    .default({ name: "customer" }),
});
type MessageIn = z.output<typeof MessageIn>;

const Taken = z.object({
  id: z.string().describe("the conversation, which is also the id of its case"),
  messageId: z.string(),
  status: z.literal("working"),
});

/** Messages in; what is answered to them is read with their case. */
export const CONVERSATION_OPERATIONS: readonly Operation[] = [
  operation({
    name: "beginConversation",
    method: "post",
    path: "/conversations",
    scope: "messages:write",
    summary: "Begins a conversation with a customer's first message.",
    sent: MessageIn,
    answer: Taken,
    status: 202,
    async work(call, sent) {
      const subject = await provenSubject(call, sent);
      return takeIn(call, sent, { subject, conversation: `${ownMark(call.bearer)}${call.seed}` });
    },
  }),
  operation({
    name: "addMessage",
    method: "post",
    path: "/conversations/{id}/messages",
    scope: "messages:write",
    summary: "Adds the customer's next message. A proven customer's needs their token again.",
    sent: MessageIn,
    answer: Taken,
    status: 202,
    async work(call, sent) {
      const subject = await provenSubject(call, sent);
      const own = await ownChat(call);
      if (own.subject !== subject) throw notFound();
      return takeIn(call, sent, own);
    },
  }),
];

/** A conversation of the chat: whose it is, and its own name. */
interface OwnChat {
  /** The proven customer; null for one who is not known. */
  readonly subject: string | null;
  readonly conversation: string;
}

/** The customer whom the signed token proves; null without one. Throws `input.invalid` for one that does not hold. */
async function provenSubject(
  { options, now }: Call,
  { customer }: MessageIn,
): Promise<string | null> {
  if (customer.token === undefined) return null;
  const authorization = `Bearer ${customer.token}`;
  try {
    return (await verifyChatToken(authorization, options.customerTokens, now))?.subject ?? null;
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.code !== "input.unverified") throw error;
    throw invalidInput(`customer.token: ${error.message}; nothing was taken in`);
  }
}

/** How names of conversations begin that this teammate or machine brought in, whichever of their tokens it was. */
function ownMark(bearer: Bearer): string {
  const owner = bearer.kind === "person" ? bearer.teammate.email : bearer.name;
  return `api-${digest([bearer.kind, owner]).slice(0, 16)}-`;
}

const KEY = /^chat:(.*):(api-[0-9a-f]{16}-[\w-]{32})$/s;

/** The caller's own chat under this id. What is another's, or came in by another way, is not found. */
async function ownChat({ id, bearer, run }: Call): Promise<OwnChat> {
  const keys = await run((transaction) => chatsOfConversation(transaction, id));
  for (const key of keys) {
    const [, subject = "", conversation = ""] = KEY.exec(key) ?? [];
    if (conversation.startsWith(ownMark(bearer)))
      return { subject: subject === "" ? null : subject, conversation };
  }
  throw notFound();
}

/** Codes for strangers are counted by where these write from, which here is the caller. */
async function takeIn(
  { options, bearer, seed }: Call,
  { message: text, customer }: MessageIn,
  { subject, conversation }: OwnChat,
): Promise<z.input<typeof Taken>> {
  const { conversationIds } = await acceptMessage(
    options,
    { subject, network: ownMark(bearer) },
    { id: seed, conversation, userId: subject ?? customer.name, text },
  );
  const [id] = conversationIds;
  if (id === undefined) throw new Error("a message was taken into no conversation");
  return { id, messageId: seed, status: "working" };
}
