/**
 * Customers' messages that a program brings in. They take the way of the chat: a customer is known by a signed token alone, and a conversation belongs to the teammate or machine whose token began it.
 */

import { z } from "zod";
import { verifyChatToken } from "#adapters/chat/identity.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import { chatKey } from "#core/values/message.ts";
import { acceptMessage } from "#server/chat/message-route.ts";
import { ChatQuestion } from "#server/chat/schema.ts";
import { isChat } from "#store/chat/chat-state.ts";
import type { Transaction } from "#store/db/database.ts";
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
  id: z.string().describe("the conversation, to which further messages go"),
  caseId: z.string(),
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
    work: (call, sent) => takeIn(call, sent, null),
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
    work: (call, sent) => takeIn(call, sent, call.id),
  }),
];

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

/** A seed. Another text could name another caller's chat. */
const ID = /^[\w-]{32}$/;

/** What the chat calls a conversation that this teammate or machine began, whichever of their tokens it was. */
function chatName(bearer: Bearer, id: string): string {
  const owner = bearer.kind === "person" ? bearer.teammate.email : bearer.name;
  return `api-${digest([bearer.kind, owner]).slice(0, 16)}-${id}`;
}

/**
 * Takes a message into the conversation with this id, or with null into a new one. What is another caller's, came in by
 * another way, or is of a customer who is not proven here, is not found. Codes for strangers are counted by where these
 * write from, which here is the caller.
 */
async function takeIn(
  call: Call,
  sent: MessageIn,
  given: string | null,
): Promise<z.input<typeof Taken>> {
  const { options, bearer, run, seed } = call;
  const subject = await provenSubject(call, sent);
  const id = given ?? seed;
  const conversation = chatName(bearer, id);
  const isOwn = (transaction: Transaction) => isChat(transaction, chatKey(subject, conversation));
  if (given !== null && !(ID.test(id) && (await run(isOwn)))) throw notFound();
  const { conversationIds } = await acceptMessage(
    options,
    { subject, network: chatName(bearer, "") },
    { id: seed, conversation, userId: subject ?? sent.customer.name, text: sent.message },
  );
  const [caseId] = conversationIds;
  if (caseId === undefined) throw new Error("a message was taken into no conversation");
  return { id, caseId, messageId: seed, status: "working" };
}
