/** The inbound format: conversations, messages and signals, the same for every channel. */
import { z } from "zod";
import { JsonObject } from "./canonical-json.ts";
import { IdentityEvidence, unknownIdentity } from "./identity.ts";
import { ChannelName } from "./vocabulary.ts";
import { counted } from "./words.ts";

/**
 * Where an answer goes. Made by the adapter from what it verified, copied into the reply action, covered by the seal.
 */
export const Destination = z.strictObject({
  /** What a teammate reads on the card: "ann@customer.test", "thread in #help", "public comment on ticket 12". */
  label: z.string().min(1),
  /** `shared` when others can read along: account data never goes there. */
  audience: z.enum(["private", "shared"]),
  /** The adapter's own address and threading data, parsed again when it commits. */
  address: JsonObject,
});
export type Destination = z.infer<typeof Destination>;

/** Part of a message that is not the writer's new visible text: scored by the guard separately, shown apart. */
export const Segment = z.strictObject({
  /** `contradicting`: another rendering of the same message that differs from its text. */
  kind: z.enum(["quoted", "hidden", "contradicting", "signature", "attachment", "forwarded"]),
  text: z.string(),
});
export type Segment = z.infer<typeof Segment>;

/** A file that came with a message, as its sender describes it. Its content has not been inspected. */
export const Attachment = z.strictObject({
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int().min(0),
  /** The reference by which its channel opens it; absent when the channel cannot. */
  ref: z.string().min(1).max(500).optional(),
  /** True when its text is in a segment, so the bot has read it. */
  read: z.boolean().optional(),
});
export type Attachment = z.infer<typeof Attachment>;

/** One message of a conversation, in the one inbound format of all channels. */
export const Message = z.strictObject({
  /** Identifies the message however it arrived: dedupes a webhook, a poll and a retry of the same message. */
  key: z.string().min(1).max(500),
  author: z.strictObject({
    kind: z.enum(["requester", "teammate", "bot", "system"]),
    /** Stable within the channel, such as `email:ann@customer.test`. */
    id: z.string().min(1),
    name: z.string(),
    /**
     * Set for a program the operator named; absent otherwise. `looping` once it and the bot have answered each other as
     * often as the operator allows without a person in between: people handle that message.
     */
    program: z.enum(["known", "looping"]).optional(),
  }),
  visibility: z.enum(["public", "internal"]),
  subject: z.string().max(1_000),
  /** The new visible text. Quoted, hidden and attached text are segments. */
  text: z.string().max(200_000),
  /**
   * What a teammate wrote, as it is passed on to a customer elsewhere: with the addresses of its links and with what it
   * quotes. Absent where that is the text.
   */
  written: z.string().max(200_000).optional(),
  segments: z.array(Segment).max(50),
  attachments: z.array(Attachment).max(100),
  sentAt: z.iso.datetime(),
  identity: IdentityEvidence,
  /**
   * Where an answer to this message goes; null for messages that must not be answered (our own, notes, system text).
   */
  answerTo: Destination.nullable(),
  /** For a shared conversation: where account data may go instead; null when there is no such destination. */
  answerPrivatelyTo: Destination.nullable(),
  /**
   * Set by the adapter when it must not be answered (bounce, auto-reply, list): the outcome is `ignored` with this
   * reason.
   */
  ignore: z.string().nullable(),
});
export type Message = z.infer<typeof Message>;

/**
 * Why an ignored message was passed over, where something hangs on it: it only says thanks, its sender is not proven
 * while a proven request is open, the bot may not write there, or it was set aside as junk.
 */
export type PassedOver = "thanks" | "unproven" | "barred" | "junk";

/** The reason for ignoring a message whose text was erased. */
export const ERASED = "erased";

/** A public message of nothing but text. It is not to be answered unless that is said. */
export function plainMessage(
  written: Pick<Message, "key" | "author" | "text" | "sentAt" | "identity"> & Partial<Message>,
): Message {
  return {
    visibility: "public",
    subject: "",
    segments: [],
    attachments: [],
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: null,
    ...written,
  };
}

/** What remains of a message whose text was erased: that it existed, when, and from which side. It is not answered. */
export function erasedMessage({
  key,
  author,
  visibility,
  sentAt,
}: Pick<Message, "key" | "visibility" | "sentAt"> & {
  readonly author: Pick<Message["author"], "kind">;
}): Message {
  return plainMessage({
    key,
    author: { kind: author.kind, id: ERASED, name: "" },
    visibility,
    text: "",
    sentAt,
    identity: unknownIdentity(ERASED),
    ignore: ERASED,
  });
}

/** True for the result of `erasedMessage`: its source may still show the text, which is not taken in again. */
export function isErased(message: Message): boolean {
  return message.ignore === ERASED && message.text === "" && message.author.id === ERASED;
}

/** The customer's newest message that may be answered, and says where. */
export function newestAnswerable(messages: readonly Message[]): Message | undefined {
  return messages.findLast(
    (one) => isFromRequester(one) && one.ignore === null && one.answerTo !== null,
  );
}

/** False where several people wrote what may be answered: an answer to "the customer" may be meant for either. */
export function isOfOneWriter(messages: readonly Message[]): boolean {
  const writers = messages.filter((one) => newestAnswerable([one]) !== undefined);
  return new Set(writers.map(({ author }) => author.id)).size <= 1;
}

/** Who wrote a message, and for whom. */
type Sides = Pick<Message, "author" | "visibility">;

/** Sorts by the time of writing. */
export function bySentAt(one: Pick<Message, "sentAt">, other: Pick<Message, "sentAt">): number {
  return Date.parse(one.sentAt) - Date.parse(other.sentAt);
}

/** True for what a requester wrote to the team, whether or not it is to be answered. */
export function isFromRequester({ author, visibility }: Sides): boolean {
  return author.kind === "requester" && visibility === "public";
}

/** True for what a teammate wrote to the customer. */
export function isTeamAnswer({ author, visibility }: Sides): boolean {
  return author.kind === "teammate" && visibility === "public";
}

/** How a customer was asked for a rating. */
export const RatingSource = z.enum(["rating", "survey"]);
export type RatingSource = z.infer<typeof RatingSource>;

/** What every event has: its key at its source, and when it happened. */
const EVENT = { key: z.string().min(1), at: z.iso.datetime() };

/** An event that is no message. Applied to the conversation's owner and state. */
export const Signal = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("assigned"),
    ...EVENT,
    /** Whom it is assigned to now. */
    to: z.enum(["bot", "human"]),
    assignee: z.string(),
    /** Who has it by name, where that is not the assignee; null for a group. */
    holder: z.string().nullable().optional(),
    actor: z.string(),
    /** True when a rule or routing did it, not a person. */
    automatic: z.boolean(),
    /**
     * Where the source recorded it, for people who look it up there, such as "audit 512"; absent when it is not
     * recorded.
     */
    source: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("merged"),
    ...EVENT,
    into: z.string(),
    actor: z.string(),
    source: z.string().optional(),
  }),
  /** The other side of `merged`: another conversation ends, and its content belongs to this one from now on. */
  z.strictObject({
    kind: z.literal("absorbed"),
    ...EVENT,
    from: z.string(),
    actor: z.string(),
    source: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("solved"),
    ...EVENT,
    actor: z.string(),
    /** True when a rule did it, not a person: it does not mean that a person considers it answered. */
    automatic: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal("reopened"),
    ...EVENT,
    actor: z.string(),
  }),
  z.strictObject({
    kind: z.literal("rated"),
    ...EVENT,
    score: z.enum(["good", "bad"]),
    comment: z.string(),
    /** How they were asked: good or bad (the default when left out), or a survey with a scale. */
    source: RatingSource.optional(),
    /** What they chose on a scale of five; left out when there was no scale. */
    stars: z.int().min(1).max(5).optional(),
  }),
  z.strictObject({
    kind: z.literal("bounced"),
    ...EVENT,
    /** The reply's reference as our commit returned it. */
    ref: z.string(),
    reason: z.string(),
    /** True when another try would fail as well, so nothing more is sent there automatically; absent when unknown. */
    permanent: z.boolean().optional(),
  }),
]);
export type Signal = z.infer<typeof Signal>;

/** The conversation as core knows it. Vendor words (ticket, thread) stay inside the adapter. */
export const Conversation = z.strictObject({
  id: z.string().min(1),
  channel: ChannelName,
  /** The adapter's own id: ticket number, channel and thread, first Message-ID. */
  externalId: z.string().min(1),
  subject: z.string(),
  brand: z.string(),
});
export type Conversation = z.infer<typeof Conversation>;

/** What people call files, by the beginning of their media type. */
const KINDS = [
  ["image/", "photo"],
  ["audio/", "recording"],
  ["video/", "video"],
] as const;

/** "2 photos and 1 file", for people and for the model alike; empty when there are none. */
export function inKinds(attachments: readonly Pick<Attachment, "mediaType">[]): string {
  const counts = new Map<string, number>();
  for (const { mediaType } of attachments) {
    const kind = KINDS.find(([start]) => mediaType.toLowerCase().startsWith(start))?.[1] ?? "file";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const told = [...counts].map(([kind, count]) => counted(count, kind));
  const last = told.pop() ?? "";
  return told.length === 0 ? last : `${told.join(", ")} and ${last}`;
}

/** "2 photos, not seen by the bot"; empty when the bot has read everything. */
export function unseen(attachments: readonly Attachment[]): string {
  const which = inKinds(attachments.filter(({ read }) => read !== true));
  return which === "" ? "" : `${which}, not seen by the bot`;
}

/**
 * The key of a chat: the proven user and the random id of the conversation, so that another user with the same id gets
 * a different key. The id contains no colon but the user's name may: everything before the last colon is the user.
 */
export function chatKey(subject: string | null, conversation: string): string {
  return `chat:${subject ?? ""}:${conversation}`;
}

/**
 * A name for a conversation without any customer text: the source's own id where that is a number, else the beginning
 * of ours. Subjects, names and the ids that mail programs generate are customer text.
 */
export function calledBy({
  id,
  externalId,
}: Pick<Conversation, "id" | "channel" | "externalId">): string {
  return /^\d{1,15}$/.test(externalId) ? externalId : id.slice(0, ID_SHOWN);
}

/** Enough to tell it from others of the same day. */
const ID_SHOWN = 8;
