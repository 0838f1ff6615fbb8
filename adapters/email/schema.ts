/** Schemas of the data the e-mail channel stores and reads back. */
import { z } from "zod";

/** A file of a mail that was taken in without it, as its server describes it. */
const SkippedAttachment = z.object({
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int().min(0),
});
export type SkippedAttachment = z.infer<typeof SkippedAttachment>;

/** At most so many of one mail are named. */
export const SKIPPED_MAX = 20;

const SkippedAttachments = z.array(SkippedAttachment).max(SKIPPED_MAX);

/** What our own poller, never a mail, says of a mail it hands in: as headers of the delivery. */
export const PollerHeaders = z.object({
  /** Which inbox it was found in. */
  "x-inbox": z.string().default(""),
  /** `sent` for what lies in the folder that only people with the account's login write to. */
  "x-folder": z.enum(["inbox", "sent"]).default("inbox"),
  "x-uid": z.string().default(""),
  "x-uid-validity": z.string().default(""),
  /** When the server got it, which may be long before it is read. */
  "x-arrived": z.iso.datetime().optional(),
  /** Its real size, where it was cut for that. */
  "x-cut-from-bytes": z.coerce.number().int().positive().optional(),
  /** The files that cutting left out. */
  "x-left-out": z
    .string()
    .default("[]")
    .transform((list): unknown => JSON.parse(list))
    .pipe(SkippedAttachments),
  /** The digest of its body, when `body` is only its start. */
  "x-body-digest": z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Why it could not be taken in. */
  "x-lost-because": z.string().optional(),
});
export type PollerHeaders = z.infer<typeof PollerHeaders>;
/** The same as they are written. */
export type PollerHeaderTexts = Partial<Record<keyof PollerHeaders, string>>;

/** What `receive` tells `resolve` about a mail besides its bytes. */
export const HintNote = z.object({
  /** The address of ours it was found under. */
  inbox: z.string(),
  /** Set when the mail was over the size limit: its real size, while the kept body has only headers and text. */
  cutFromBytes: z.int().nullable(),
  /** The files that cutting left out. */
  leftOut: SkippedAttachments.default([]),
  /** Set when there is no mail behind this: it could not be taken in, and why. */
  lost: z.string().nullable().default(null),
  /** When its server got it, where the server says so; the age of its signature counts as of then. */
  arrivedAt: z.iso.datetime().nullable().default(null),
  /** True for a teammate's, which lies in the Sent folder. */
  sent: z.boolean().default(false),
  /** Set when this tells a conversation that another person answered in its thread; there is no kept body then. */
  aside: z.object({ from: z.string().nullable() }).optional(),
});
export type HintNote = z.infer<typeof HintNote>;

/** Where an answer goes and how it is threaded; part of what a teammate approves. */
export const AnswerAddress = z.strictObject({
  /** Our address the customer wrote to, and the answer's sender. */
  inbox: z.string(),
  to: z.string(),
  /** Who gets it as well; left out where nobody does. */
  cc: z.array(z.string()).max(20).exactOptional(),
  /** Without brackets; null when the mail had no usable Message-ID. */
  inReplyTo: z.string().nullable(),
  references: z.array(z.string()).max(40),
  subject: z.string(),
});
export type AnswerAddress = z.infer<typeof AnswerAddress>;

/**
 * How far the sending of one reply has come, written before and after the server is given the mail. `sending` with no
 * copy in Sent is the only unknown state.
 */
export const SendProgress = z.object({
  state: z.enum(["sending", "accepted", "not-sent"]),
  messageId: z.string(),
  /** The name the provider gave it when it took it, if it said one. */
  takenAs: z.string().max(200).optional(),
});
export type SendProgress = z.infer<typeof SendProgress>;
