/** A channel in memory: delivers messages as they are and records everything sent. */
import { z } from "zod";
import {
  type Channel,
  KEEPS_NO_HISTORY,
  OPENS_NO_FILES,
  Hint,
  type Delivery,
} from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { Message } from "#core/values/message.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Action } from "#core/values/action.ts";

/** The content of one delivery: a message that is already read and verified, in a named thread. */
const Letter = z.strictObject({ thread: z.string().min(1), message: Message });
type Letter = z.infer<typeof Letter>;

/** Something sent by a channel. */
export interface Sent {
  readonly channel: ChannelName;
  readonly action: Action;
}

/** Teammates work in Zendesk, and one-time codes go out by e-mail; every other channel only replies. */
const SUPPORTED: Readonly<Record<ChannelName, readonly string[]>> = {
  zendesk: ["reply", "note", "create_ticket", "assign"],
  email: ["reply", "notice"],
  slack: ["reply"],
  chat: ["reply"],
};

/**
 * A channel in memory, so that cases begin where adapters end: with a message and the evidence of its sender.
 * Everything behind it (intake, turn, policy, ledger) is the real product.
 */
export function memoryChannel(name: ChannelName, sent: Sent[]): Channel {
  return {
    name,
    supports: SUPPORTED[name],
    keepsHistory: false,
    keepsSender: name === "chat" || name === "slack",
    ...OPENS_NO_FILES,
    showWork: null,
    receive(delivery) {
      const { thread, message } = parseLetter(delivery.body);
      return [
        Hint.parse({
          channel: name,
          eventId: message.key,
          conversationKeys: [`eval:${name}:${thread}`],
          kind: "message",
          data: { thread, message },
          keepBody: false,
        }),
      ];
    },
    async resolve(hint) {
      const { thread, message } = Letter.parse(hint.data);
      return {
        subject: message.subject,
        brand: "default",
        externalId: thread,
        messages: [message],
        signals: [],
      };
    },
    fetch: KEEPS_NO_HISTORY.fetch,
    async commit(action) {
      sent.push({ channel: name, action });
      const ref = `${name}-${sent.length}`;
      const opens = action.operation === "create_ticket";
      return { ref, conversationKeys: opens ? [`eval:${name}:${ref}`] : [] };
    },
    find: async () => ({ state: "absent" }),
    start: async () => undefined,
    stop: async () => undefined,
  };
}

/** Packs a message the way this channel's `receive` unpacks it. */
export function deliveryOf(thread: string, message: Message, receivedAt: Date): Delivery {
  const letter: Letter = { thread, message };
  return {
    source: "evals",
    headers: {},
    body: new TextEncoder().encode(JSON.stringify(letter)),
    receivedAt,
  };
}

function parseLetter(body: Uint8Array): Letter {
  const parsed = Letter.safeParse(JSON.parse(new TextDecoder().decode(body)));
  if (!parsed.success)
    throw new DeskhandError("input.invalid", "this is no message of a case", {
      cause: parsed.error,
    });
  return parsed.data;
}
