/** The customers of a run: they write, write again when nothing is heard, and some of what they write arrives twice. */
import { setTimeout as delay } from "node:timers/promises";
import { inLanes } from "#test/support/program.ts";
import { lookInChat, sendInChat, visitorToken, type VisibleLine } from "#test/support/visitor.ts";
import type { Arrivals } from "./arrivals.ts";
import type { PlannedConversation, PlannedMessage } from "./plan.ts";

/** How often a message that was not accepted is sent again before the run is called broken. */
const TRIES_MAX = 200;
const AGAIN_AFTER_MS = 300;

export interface Customers {
  /** Resolves when every message of the plan was accepted. */
  write(conversations: readonly PlannedConversation[], lanes: number): Promise<void>;
  /**
   * Sends one message and hangs up when it was taken in, as a visitor does who does not wait. Sends it again when the
   * server refuses it.
   */
  drop(conversation: PlannedConversation, message: PlannedMessage): Promise<void>;
  /** Messages accepted so far, by their source's ids. */
  readonly accepted: ReadonlySet<string>;
  /** Deliveries that were sent beyond the first of a message. */
  readonly duplicates: () => number;
  /**
   * The lines one visitor sees of their conversation. Who is told to come back later does, as often as it takes; any
   * other answer than the conversation is an error, since a refused look says nothing about what was answered.
   */
  look(conversation: PlannedConversation): Promise<readonly VisibleLine[]>;
}

export interface ChatAccess {
  /** The address of the process that takes messages in; read for each request, so that there may be several. */
  readonly url: string;
  /** Told of each answer to a message: where it was sent, the status, which is null when there was none, and its text. */
  readonly onAnswer?: (url: string, status: number | null, text: string) => void;
  readonly identitySecret: string;
  readonly arrivals: Arrivals;
  /** Told of each message that goes out for the first time. */
  readonly onSent: () => void;
}

/** Customers who wait for their answers, except where they hurry. */
export function createCustomers(access: ChatAccess): Customers {
  const accepted = new Set<string>();
  const counts = { duplicates: 0 };

  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (customerId: string): Promise<string> => {
    const token = tokens.get(customerId) ?? visitorToken(customerId, access.identitySecret);
    tokens.set(customerId, token);
    return token;
  };

  const deliver = async (
    conversation: PlannedConversation,
    message: PlannedMessage,
    token: string,
  ): Promise<void> => {
    for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
      const status = await post(access, { conversation, message, token });
      if (status === 200) {
        accepted.add(message.id);
        return;
      }
      // Anything but "later" is a mistake of the run.
      if (status !== null && status < 500 && status !== 429)
        throw new Error(`message ${message.id} was refused with ${status}`);
      await delay(AGAIN_AFTER_MS);
    }
    throw new Error(`message ${message.id} was not accepted in ${TRIES_MAX} tries`);
  };

  const converse = async (conversation: PlannedConversation): Promise<void> => {
    const token = await tokenOf(conversation.customerId);
    const late: PlannedMessage[] = [];
    let open: Promise<unknown>[] = [];
    let before: Promise<unknown> = Promise.resolve();
    for (const message of conversation.messages) {
      // Two messages under way at once have no order; one that is in comes before whatever is sent then.
      await before;
      if (!message.hurried) await Promise.all(open.splice(0));
      access.onSent();
      before = access.arrivals.takenIn(eventIdOf(conversation, message));
      open.push(deliver(conversation, message, token));
      if (message.duplicate === "at once") {
        counts.duplicates += 1;
        open.push(deliver(conversation, message, token));
      }
      if (message.duplicate === "later") late.push(message);
    }
    counts.duplicates += late.length;
    open = [...open, ...late.map((message) => deliver(conversation, message, token))];
    await Promise.all(open);
  };

  return {
    accepted,
    duplicates: () => counts.duplicates,
    async drop(conversation, message) {
      const token = await tokenOf(conversation.customerId);
      const isIn = access.arrivals.takenIn(eventIdOf(conversation, message));
      const hangingUp = new AbortController();
      access.onSent();
      const sending = async (): Promise<void> => {
        while (!hangingUp.signal.aborted) {
          await post(access, { conversation, message, token, signal: hangingUp.signal });
          if (!hangingUp.signal.aborted) await delay(AGAIN_AFTER_MS);
        }
      };
      const sent = sending();
      await isIn;
      accepted.add(message.id);
      hangingUp.abort();
      await sent;
    },
    write: (conversations, lanes) => inLanes(conversations, lanes, converse),
    async look(conversation) {
      const token = await tokenOf(conversation.customerId);
      const page = await lookInChat([`${access.url}/support/chat`], conversation.id, token);
      if (page === null) throw new Error(`there is no chat ${conversation.id}`);
      return page.messages;
    },
  };
}

/** How Deskhand names a chat message: who was proven, the conversation, and the source's id. */
function eventIdOf(conversation: PlannedConversation, message: PlannedMessage): string {
  return `chat:${conversation.customerId}:${conversation.id}:${message.id}`;
}

interface Post {
  readonly conversation: PlannedConversation;
  readonly message: PlannedMessage;
  readonly token: string;
  readonly signal?: AbortSignal;
}

/** The status; null when no answer came. */
async function post(access: ChatAccess, given: Post): Promise<number | null> {
  const { url } = access;
  const { conversation, message, token } = given;
  const { status, text } = await sendInChat(
    `${url}/support/chat`,
    {
      token,
      user: conversation.customerId,
      conversation: conversation.id,
      text: message.text,
      id: message.id,
    },
    given.signal,
  );
  access.onAnswer?.(url, status, text);
  return status;
}
