import { z } from "zod";
import { JsonObject } from "./canonical-json.ts";
import { IdentityEvidence } from "./identity.ts";
import { ChannelName } from "./vocabulary.ts";

/** Where an answer goes. Made by the adapter from what it verified, copied into the reply action, covered by the seal. */
export const Destination = z.strictObject({
  /** What a teammate reads on the card: "ann@customer.test", "thread in #help", "public comment on ticket 12". */
  label: z.string().min(1),
  /** `shared` when others read along: account data never goes there. */
  audience: z.enum(["private", "shared"]),
  /** The adapter's own address and threading data, parsed again when it commits. */
  address: JsonObject,
});
export type Destination = z.infer<typeof Destination>;

/** Part of a message that is not the writer's new visible words: scored by the guard on its own, shown apart. */
export const Segment = z.strictObject({
  /** `contradicting`: another rendering of the same message that says something else than its text. */
  kind: z.enum(["quoted", "hidden", "contradicting", "signature", "attachment", "forwarded"]),
  text: z.string(),
});
export type Segment = z.infer<typeof Segment>;

/** A file that came with a message: what its sender says about it. Nothing here means that anybody looked inside. */
export const Attachment = z.strictObject({
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int().min(0),
  /** By which its channel opens it; absent where the channel cannot. */
  ref: z.string().min(1).max(500).optional(),
  /** True when its text stands in a segment, so that the bot has read it. */
  read: z.boolean().optional(),
});
export type Attachment = z.infer<typeof Attachment>;

/** One message of a conversation in the one inbound format, whichever channel it came by. */
export const Message = z.strictObject({
  /** What it is, whichever way it came: dedupes a webhook, a poll and a retry of the same message. */
  key: z.string().min(1).max(500),
  author: z.strictObject({
    kind: z.enum(["requester", "teammate", "bot", "system"]),
    /** Stable within the channel, such as `email:ann@customer.test`. */
    id: z.string().min(1),
    name: z.string(),
    /**
     * Set for a program the operator named; absent for everybody else. `looping` once it and the bot have answered each
     * other as often as the operator allows, with no person in between: that message is for people.
     */
    program: z.enum(["known", "looping"]).optional(),
  }),
  visibility: z.enum(["public", "internal"]),
  subject: z.string().max(1_000),
  /** The new visible text. Quoted, hidden and attached text are segments. */
  text: z.string().max(200_000),
  segments: z.array(Segment).max(50),
  attachments: z.array(Attachment).max(100),
  sentAt: z.iso.datetime(),
  identity: IdentityEvidence,
  /** Where an answer to this message goes; null for messages nobody may answer (our own, notes, system text). */
  answerTo: Destination.nullable(),
  /** For a shared place: where account data may go instead; null when there is none. */
  answerPrivatelyTo: Destination.nullable(),
  /** Set by the adapter when nothing may answer it (bounce, auto-reply, list): the outcome is `ignored` with this reason. */
  ignore: z.string().nullable(),
});
export type Message = z.infer<typeof Message>;

/** Why nothing may answer what is left of a message whose text was removed. */
export const ERASED = "erased";

/** What stays of a message whose text was removed: that it was there, when, and on whose side. Nobody answers it. */
export function erasedMessage(message: Message): Message {
  return {
    key: message.key,
    author: { kind: message.author.kind, id: ERASED, name: "" },
    visibility: message.visibility,
    subject: "",
    text: "",
    segments: [],
    attachments: [],
    sentAt: message.sentAt,
    identity: { level: 0, method: "none", reason: ERASED, handle: { kind: "none" } },
    answerTo: null,
    answerPrivatelyTo: null,
    ignore: ERASED,
  };
}

/** True for what `erasedMessage` left: its source may still show the words, and they are not taken in again. */
export function isErased(message: Message): boolean {
  return message.ignore === ERASED && message.text === "" && message.author.id === ERASED;
}

/** How a customer was asked for a rating. */
export const RatingSource = z.enum(["rating", "survey"]);
export type RatingSource = z.infer<typeof RatingSource>;

/** Something happened that is no message. Folded into the conversation's owner and state. */
export const Signal = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("assigned"),
    key: z.string().min(1),
    at: z.iso.datetime(),
    /** Who it is with now. */
    to: z.enum(["bot", "human"]),
    assignee: z.string(),
    actor: z.string(),
    /** True when a rule or routing did it, not a person. */
    automatic: z.boolean(),
    /** Where the source recorded it, for people who look it up there, such as "audit 512"; absent when it has no such place. */
    source: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("merged"),
    key: z.string().min(1),
    at: z.iso.datetime(),
    into: z.string(),
    actor: z.string(),
    source: z.string().optional(),
  }),
  /** The other side of `merged`: another conversation ends here, and what was said there stands here from now on. */
  z.strictObject({
    kind: z.literal("absorbed"),
    key: z.string().min(1),
    at: z.iso.datetime(),
    from: z.string(),
    actor: z.string(),
    source: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("solved"),
    key: z.string().min(1),
    at: z.iso.datetime(),
    actor: z.string(),
    /** True when a rule did it, not a person: nobody said then that it was answered. */
    automatic: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal("reopened"),
    key: z.string().min(1),
    at: z.iso.datetime(),
    actor: z.string(),
  }),
  z.strictObject({
    kind: z.literal("rated"),
    key: z.string().min(1),
    at: z.iso.datetime(),
    score: z.enum(["good", "bad"]),
    comment: z.string(),
    /** How they were asked: for good or bad, which it is when nothing is said here, or by a survey with a scale. */
    source: RatingSource.optional(),
    /** What they chose on a scale of five; missing where they were not given one. */
    stars: z.int().min(1).max(5).optional(),
  }),
  z.strictObject({
    kind: z.literal("bounced"),
    key: z.string().min(1),
    at: z.iso.datetime(),
    /** The reply's reference as our commit returned it. */
    ref: z.string(),
    reason: z.string(),
    /** True when another try would fail as well, so nothing more is written there by itself; absent where nobody knows. */
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
