/** A channel in memory that keeps what was said, as its source would. */
import { z } from "zod";
import { ReplyArguments } from "#core/values/action.ts";
import {
  type Channel,
  OPENS_NO_FILES,
  type Resolved,
  Hint,
  type Delivery,
} from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Message, Signal } from "#core/values/message.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { message } from "#test/support/fixtures/turns.ts";
import { carryOut, lookUp, type Journal } from "./journal.ts";
import { createCallFaults, type CallFaults } from "./troubles.ts";

/** The content of a delivery: where something happened, and its name at the source. */
const Note = z.strictObject({
  thread: z.string().min(1),
  key: z.string().min(1),
  kind: z.enum(["message", "signal"]),
});
type Note = z.infer<typeof Note>;

interface Thread {
  readonly messages: Message[];
  readonly signals: Signal[];
}

/** A channel in memory that keeps its own record of what was said where, as the source itself would. */
export interface MemoryChannel {
  readonly channel: Channel;
  readonly callFaults: CallFaults;
  /** Adds a message at the source; returns the delivery that announces it. */
  say(thread: string, message: Message): Delivery;
  /** Adds an event that is not a message. */
  signal(thread: string, signal: Signal): Delivery;
  /** Everything people said there and whom it was assigned to, in order: what a decision about the thread rests on. */
  spoken(thread: string): readonly unknown[];
  /** Changes the text of a message at the source after it was sent. */
  edit(thread: string, key: string, text: string): void;
  reset(): void;
}

/** The source's own name for a conversation, as used in hints. */
function threadKey(name: ChannelName, thread: string): string {
  return `stand:${name}:${thread}`;
}

/** The kind of source a channel stands for. */
interface Kind {
  /**
   * The source returns its whole history, as a help desk does; otherwise a delivery has only its one message, as mail
   * does.
   */
  readonly keepsHistory: boolean;
  /** The source can say later whether a reply went out. */
  readonly knows: boolean;
  readonly now: () => Date;
}

export function createMemoryChannel(
  name: ChannelName,
  kind: Kind,
  journal: Journal,
): MemoryChannel {
  const threads = createThreads();
  const callFaults = createCallFaults();
  const deliver = (note: Note): Delivery => ({
    source: "stand",
    headers: {},
    body: new TextEncoder().encode(JSON.stringify(note)),
    receivedAt: kind.now(),
  });
  const everything = (thread: string): Resolved => ({
    subject: "",
    brand: "default",
    externalId: thread,
    messages: [...threads.of(thread).messages],
    signals: [...threads.of(thread).signals],
  });
  const channel: Channel = {
    name,
    supports: name === "zendesk" ? ["reply", "note", "create_ticket", "assign"] : ["reply"],
    keepsHistory: kind.keepsHistory,
    keepsSender: name === "chat",
    ...OPENS_NO_FILES,
    showWork: null,
    receive: (delivery) => [hintOf(name, delivery)],
    async resolve(hint) {
      const note = Note.parse(hint.data);
      const all = everything(note.thread);
      return kind.keepsHistory ? all : only(all, note.key);
    },
    fetch: async ({ externalId }) =>
      kind.keepsHistory ? everything(externalId) : only(everything(externalId), null),
    ...waysOut(name, kind, { journal, callFaults, threads }),
    start: async () => undefined,
    stop: async () => undefined,
  };
  return {
    channel,
    callFaults,
    say(thread, message) {
      threads.of(thread).messages.push(message);
      return deliver({ thread, key: message.key, kind: "message" });
    },
    signal(thread, signal) {
      threads.of(thread).signals.push(signal);
      return deliver({ thread, key: signal.key, kind: "signal" });
    },
    spoken: (thread) => [
      ...threads
        .of(thread)
        .messages.filter(({ author }) => author.kind !== "bot")
        .map(({ key, text }) => [key, text]),
      ...threads.of(thread).signals.flatMap((one) => (one.kind === "assigned" ? [one.to] : [])),
    ],
    edit(thread, key, text) {
      const { messages } = threads.of(thread);
      const at = messages.findIndex((message) => message.key === key);
      const message = messages[at];
      if (message !== undefined) messages[at] = { ...message, text };
    },
    reset() {
      threads.clear();
      callFaults.clear();
    },
  };
}

interface Threads {
  /** An unknown thread is an empty one. */
  of(name: string): Thread;
  clear(): void;
}

function createThreads(): Threads {
  const threads = new Map<string, Thread>();
  return {
    of(name) {
      const known = threads.get(name) ?? { messages: [], signals: [] };
      threads.set(name, known);
      return known;
    },
    clear: () => threads.clear(),
  };
}

/** The one event a delivery was about; none for null. */
function only(all: Resolved, name: string | null): Resolved {
  return {
    ...all,
    messages: all.messages.filter(({ key }) => key === name),
    signals: all.signals.filter(({ key }) => key === name),
  };
}

/** Sending, and looking up what was sent. */
function waysOut(
  name: ChannelName,
  kind: Kind,
  {
    journal,
    callFaults,
    threads,
  }: { readonly journal: Journal; readonly callFaults: CallFaults; readonly threads: Threads },
): Pick<Channel, "commit" | "find"> {
  return {
    async commit(action, key) {
      const call = { target: name, key, action };
      // A source that does not know what it sent cannot recognise a key either.
      const outcome = { trouble: callFaults.take(), knows: kind.knows };
      const ref = carryOut(journal, call, outcome, (sent) => {
        if (kind.keepsHistory && action.operation === "reply")
          threads
            .of(threadIn(action.arguments))
            .messages.push(ownMessage(`own:${name}:${sent}`, action.arguments, kind.now()));
      });
      const opens = action.operation === "create_ticket";
      return { ref, conversationKeys: opens ? [threadKey(name, ref)] : [] };
    },
    async find(_action, key) {
      return kind.knows
        ? lookUp(journal, name, key)
        : { state: "unknowable", reason: "this source keeps no record" };
    },
  };
}

function hintOf(name: ChannelName, delivery: Delivery): Hint {
  const note = Note.safeParse(JSON.parse(new TextDecoder().decode(delivery.body)));
  if (!note.success) throw new DeskhandError("input.invalid", "this is no delivery of the stand");
  const { thread, key, kind } = note.data;
  return Hint.parse({
    channel: name,
    eventId: `${name}:${key}`,
    conversationKeys: [threadKey(name, thread)],
    kind,
    data: note.data,
    keepBody: false,
  });
}

const Addressed = z.object({ thread: z.string() });

function threadIn(given: unknown): string {
  return Addressed.parse(ReplyArguments.parse(given).to.address).thread;
}

function ownMessage(key: string, given: unknown, now: Date): Message {
  const { text, subject } = ReplyArguments.parse(given);
  return message(text, {
    key,
    author: { kind: "bot", id: "deskhand", name: "Deskhand" },
    subject,
    sentAt: now.toISOString(),
    identity: { level: 3, method: "own", reason: "written by Deskhand", handle: { kind: "none" } },
    answerTo: null,
  });
}
