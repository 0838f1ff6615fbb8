/** Channels, a desk and a shop in memory: they remember what left by them, and fail as a test says. */
import { proof } from "#test/jobs/customers.ts";
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Action } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { type Channel, OPENS_NO_FILES, Hint } from "#core/contracts/channel.ts";
import type { ApprovalDesk, Card } from "#core/contracts/approval-desk.ts";
import { Message, Signal } from "#core/values/message.ts";
import type { ChannelName, TargetName } from "#core/values/vocabulary.ts";
import type { Blobs, Cursors, Log } from "#core/contracts/ports.ts";
import type { BlobStorage } from "#store/blobs/storage.ts";

/** Something that left by a target. */
export interface Left {
  readonly target: TargetName;
  readonly action: Action;
  readonly key: string;
}

/** What a test lets go wrong; each is asked before the real thing. */
export interface Faults {
  commit: (left: Left) => void;
  find: (target: TargetName) => void;
}

/** What all of them share. */
interface World {
  readonly left: Left[];
  readonly faults: Faults;
}

/** A way out that remembers what left by it, and finds it again. */
export function memoryTarget(name: TargetName, { left, faults }: World) {
  return {
    name,
    supports: [
      "reply",
      "note",
      "assign",
      "create_ticket",
      "refund",
      "alert",
      "digest",
      "change_address",
    ],
    commit: async (action: Action, key: string) => {
      const what = { target: name, action, key };
      faults.commit(what);
      left.push(what);
      return { ref: `${name}-${left.length}`, conversationKeys: [] };
    },
    find: async (_action: Action, key: string) => {
      faults.find(name);
      const index = left.findIndex((what) => what.key === key);
      return index < 0
        ? ({ state: "absent" } as const)
        : ({
            state: "done",
            committed: { ref: `${name}-${index + 1}`, conversationKeys: [] },
          } as const);
    },
  };
}

/** A desk that shows what it was told last. */
export function memoryDesk(world: World): { desk: ApprovalDesk; cards: Map<string, Card> } {
  const cards = new Map<string, Card>();
  const desk: ApprovalDesk = {
    ...memoryTarget("desk", world),
    async post(card) {
      const ref = `${card.deskChannel ?? "approvals"}:${cards.size + 1}`;
      cards.set(ref, card);
      return ref;
    },
    update: async (ref, card) => void cards.set(ref, card),
    notify: async () => undefined,
    groupsOf: async () => [],
    start: async () => undefined,
    stop: async () => undefined,
  };
  return { desk, cards };
}

const Letter = z.object({
  thread: z.string(),
  message: Message,
  signals: z.array(Signal).default([]),
});

/** A channel whose deliveries hold the message as an adapter would have read it. */
export function memoryChannel(
  name: ChannelName,
  world: World,
  histories: ReadonlyMap<string, readonly Message[]>,
): Channel {
  const target = memoryTarget(name, world);
  return {
    ...target,
    name,
    supports:
      name === "zendesk"
        ? ["reply", "note", "create_ticket", "assign"]
        : name === "email"
          ? ["reply", "notice"]
          : ["reply"],
    get keepsHistory() {
      return histories.size > 0;
    },
    keepsSender: true,
    ...OPENS_NO_FILES,
    showWork: null,
    receive(delivery) {
      const letter = Letter.parse(JSON.parse(new TextDecoder().decode(delivery.body)));
      return [
        Hint.parse({
          channel: name,
          // An edit is an event of its own; no source puts customer text into the name of one.
          eventId: `${letter.message.key}:${digest([letter.message.text, ...letter.signals.map(({ key: signal }) => signal)])}`,
          conversationKeys: [`${name}:${letter.thread}`],
          kind: "message",
          data: letter,
          keepBody: false,
        }),
      ];
    },
    async resolve(hint) {
      const { message, thread, signals } = Letter.parse(hint.data);
      return {
        subject: message.subject,
        brand: "ourshop",
        externalId: thread,
        messages: [message],
        signals,
      };
    },
    fetch: async ({ id, subject, brand, externalId }) => ({
      subject,
      brand,
      externalId,
      messages: histories.get(id) ?? [],
      signals: [],
    }),
    start: async () => undefined,
    stop: async () => undefined,
  };
}

/** A customer's message, unless said otherwise. */
export function letterFrom(
  key: string,
  text: string,
  sentAt: Date,
  more: Partial<Message> = {},
): Message {
  return {
    key,
    author: { kind: "requester", id: "email:ann@customer.test", name: "Ann" },
    visibility: "public",
    subject: "Headphones",
    text,
    segments: [],
    attachments: [],
    sentAt: sentAt.toISOString(),
    identity: proof(2, "dkim", "signed", "ann@customer.test"),
    answerTo: { label: "ann@customer.test", audience: "private", address: {} },
    answerPrivatelyTo: null,
    ignore: null,
    ...more,
  };
}

/** Bytes by reference, as long as the test runs; `refOf` names the next of so many. */
export function memoryBlobs(
  refOf: (kept: number) => string = () => randomUUID(),
): Blobs & Pick<BlobStorage, "list"> {
  const kept = new Map<string, Uint8Array>();
  const put = async (bytes: Uint8Array): Promise<string> => {
    const ref = refOf(kept.size);
    kept.set(ref, bytes);
    return ref;
  };
  const get = async (ref: string): Promise<Uint8Array> => {
    const bytes = kept.get(ref);
    if (bytes === undefined)
      throw Object.assign(new Error(`there is no blob ${ref}`), { code: "ENOENT" });
    return bytes;
  };
  return {
    put,
    async putStream(source) {
      const pieces: Uint8Array[] = [];
      for await (const piece of source) pieces.push(piece);
      return put(Buffer.concat(pieces));
    },
    get,
    async *open(ref) {
      yield await get(ref);
    },
    remove: async (ref) => void kept.delete(ref),
    async *list() {
      for (const ref of kept.keys()) yield { ref, storedAt: new Date() };
    },
  };
}

/** Cursors in memory, as durable as a test needs. */
export function memoryCursors(): Cursors & { readonly rows: Map<string, string> } {
  const rows = new Map<string, string>();
  return {
    rows,
    read: async (name) => rows.get(name) ?? null,
    write: async (name, value) => void rows.set(name, value),
  };
}

/** A log whose lines a test can read. */
export function memoryLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (message: string, details?: Readonly<Record<string, unknown>>): void =>
    void lines.push(`${message} ${JSON.stringify(details ?? {})}`);
  return { lines, info: write, warn: write, error: write };
}
