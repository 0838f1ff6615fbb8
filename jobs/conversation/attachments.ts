/** Opens the attachments of new messages: kept for teammates, read for the agent where they are text. */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Attachment, Conversation, Message } from "#core/values/message.ts";
import { connectedChannel, type JobContext } from "#jobs/context/job-context.ts";
import {
  addFile,
  type FileOutcome,
  messageFiles,
  keptBytes,
  settleFile,
  type StoredFile,
  takeWaiting,
} from "#store/inbox/attachments.ts";
import type { ConversationChanges } from "./changes.ts";
import { DAY_MS, MINUTE_MS } from "#core/values/moment.ts";

/** Bounds on what is fetched for one conversation. */
const FILES = {
  bytesMax: 10_000_000,
  conversationBytesMax: 50_000_000,
  perTurnMax: 20,
  /** For one file, and for all files of a turn: the customer waits for it. */
  openMs: 15_000,
  turnMs: 20_000,
} as const;

/** A waiting file is tried again after these many minutes, then no more. */
const AGAIN_MINUTES = [1, 5, 15, 60];
const ROUND_MAX = 5;

/** The most a message holds. */
const SEGMENTS_MAX = 50;

/** Files of a stored message that is older are left alone: retention may have removed them. */
const REOPENED_MS = 7 * DAY_MS;

/**
 * Opens the files of the messages a turn is about, keeps them for teammates, and gives text files to guard and agent as
 * segments. A file that cannot be opened holds up nothing: it is named on the card and tried again in the background.
 * Where people own the conversation and its source keeps it, they see its files there.
 */
export async function openAttachments(
  context: JobContext,
  conversation: Conversation,
  changes: ConversationChanges,
  lost: AbortSignal,
): Promise<ConversationChanges> {
  const isKeptThere = context.channels.get(conversation.channel)?.keepsHistory !== false;
  if (changes.ownership.owner !== "bot" && isKeptThere) return changes;
  const fresh = new Set([...changes.newMessages, ...changes.edited].map(({ key }) => key));
  const oldest = context.clock.now().getTime() - REOPENED_MS;
  const wanted = changes.open.filter(
    ({ key, sentAt, attachments }) =>
      (fresh.has(key) || Date.parse(sentAt) > oldest) &&
      attachments.some(({ ref }) => ref !== undefined),
  );
  if (wanted.length === 0) return changes;
  const known = await context.store.run(
    messageFiles,
    wanted.map(({ key }) => key),
  );
  const opened = openingFor(context, conversation, known, lost);
  const read = new Map<string, Message>();
  for (const message of wanted) read.set(message.key, await opened(message));
  const now = (message: Message): Message => read.get(message.key) ?? message;
  const readSince = wanted.filter(
    (message) => !fresh.has(message.key) && now(message).segments.length > message.segments.length,
  );
  return {
    ...changes,
    newMessages: changes.newMessages.map(now),
    edited: changes.edited.map(now),
    open: changes.open.map(now),
    reread: [...changes.reread, ...readSince].map(now),
  };
}

/** Opens the files of one turn within its bounds; returns the message with what could be read. */
function openingFor(
  context: JobContext,
  conversation: Conversation,
  known: readonly StoredFile[],
  lost: AbortSignal,
): (message: Message) => Promise<Message> {
  const deadline = AbortSignal.timeout(FILES.turnMs);
  const turn = { tried: 0 };

  async function open(ref: string, attachment: Attachment): Promise<OpenedFile> {
    turn.tried += 1;
    if (turn.tried > FILES.perTurnMax || deadline.aborted)
      return unreadFile(retryOutcome(context, 0, "there were more files than one turn opens"));
    const signal = AbortSignal.any([deadline, lost]);
    const opened = await openOne(context, { ...conversation, ref, attachment }, 0, signal);
    lost.throwIfAborted();
    return opened;
  }

  /** A file that an earlier turn has opened is not fetched a second time, and read again only where it is text. */
  async function locatedFileBytes(file: LocatedFile): Promise<Uint8Array | null> {
    const before = known.find(
      ({ messageKey, place }) => messageKey === file.messageKey && place === file.place,
    );
    if (before !== undefined)
      return before.blobRef === null || !isSameFile(before, file) || !isTextFile(file.attachment)
        ? null
        : await context.blobs.get(before.blobRef).catch(() => null);
    const { bytes, outcome } = await open(file.ref, file.attachment);
    await recordFile(context, conversation, file, outcome);
    return bytes;
  }

  return async (message) => {
    const attachments: Attachment[] = [];
    const segments = [...message.segments];
    for (const [place, attachment] of message.attachments.entries()) {
      const { ref } = attachment;
      const file = ref === undefined ? null : { messageKey: message.key, place, ref, attachment };
      const bytes = file === null ? null : await locatedFileBytes(file);
      // A file its channel has read is already a segment.
      const isNew = bytes !== null && attachment.read !== true;
      const text = isNew && isTextFile(attachment) ? attachmentText(bytes) : null;
      if (text !== null) segments.push({ kind: "attachment", text });
      attachments.push(text === null ? attachment : { ...attachment, read: true });
    }
    return { ...message, attachments, segments: segments.slice(0, SEGMENTS_MAX) };
  };
}

/** A file of a message that its channel can open. */
interface LocatedFile {
  readonly messageKey: string;
  readonly place: number;
  readonly ref: string;
  readonly attachment: Attachment;
}

/** False where the source has put another file in its place, such as after a redaction. */
function isSameFile(stored: StoredFile, { ref, attachment }: LocatedFile): boolean {
  return stored.ref === ref && stored.name === attachment.name;
}

async function recordFile(
  { store, blobs, ids, clock }: JobContext,
  { id: conversationId, channel }: Conversation,
  file: LocatedFile,
  outcome: FileOutcome,
): Promise<void> {
  const row = { ...file, id: ids.next("f"), conversationId, channel };
  const added = await store.run(addFile, row, outcome, clock.now());
  if (!added && outcome.state === "kept") await blobs.remove(outcome.blobRef);
}

interface OpenedFile {
  readonly outcome: FileOutcome;
  readonly bytes: Uint8Array | null;
}

function unreadFile(outcome: FileOutcome): OpenedFile {
  return { outcome, bytes: null };
}

/** One try at one file; `tries` were made before. */
async function openOne(
  context: Pick<JobContext, "store" | "blobs" | "clock" | "channels">,
  file: Pick<Conversation, "id" | "channel"> & {
    readonly ref: string;
    readonly attachment: Pick<Attachment, "bytes">;
  },
  tries: number,
  turn: AbortSignal,
): Promise<OpenedFile> {
  const kept = await context.store.run(keptBytes, file.id);
  const room = Math.min(FILES.bytesMax, FILES.conversationBytesMax - kept);
  if (file.attachment.bytes > FILES.bytesMax)
    return unreadFile(refusedOutcome("it is larger than 10 MB"));
  if (file.attachment.bytes > room)
    return unreadFile(
      refusedOutcome("the files of this conversation are larger than 50 MB together"),
    );
  const signal = AbortSignal.any([turn, AbortSignal.timeout(FILES.openMs)]);
  try {
    const channel = connectedChannel(context, file.channel);
    const opened = await channel.openFile(file.ref, { bytesMax: room, signal });
    if (opened.state !== "open")
      return unreadFile(
        opened.state === "refused"
          ? refusedOutcome(opened.reason)
          : retryOutcome(context, tries, opened.reason),
      );
    const { bytes } = opened;
    const blobRef = await context.blobs.put(bytes);
    return { outcome: { state: "kept", blobRef, bytes: bytes.byteLength }, bytes };
  } catch (error) {
    const passes = signal.aborted || (error instanceof DeskhandError && error.retry);
    return unreadFile(
      passes ? retryOutcome(context, tries, reasonOf(error)) : refusedOutcome(reasonOf(error)),
    );
  }
}

function refusedOutcome(reason: string): FileOutcome {
  return { state: "refused", reason };
}

function retryOutcome(
  context: Pick<JobContext, "clock">,
  tries: number,
  reason: string,
): FileOutcome {
  const minutes = AGAIN_MINUTES[tries];
  if (minutes === undefined) return refusedOutcome(`given up: ${reason}`);
  const nextAt = new Date(context.clock.now().getTime() + minutes * MINUTE_MS);
  return { state: "waiting", reason, nextAt };
}

/** Tries waiting files whose time has come, such as after a virus scan or when a host is back. */
export async function openWaitingAttachments(
  context: Pick<JobContext, "store" | "blobs" | "clock" | "channels">,
): Promise<void> {
  const now = context.clock.now();
  const until = new Date(now.getTime() + MINUTE_MS);
  const waiting = await context.store.run(takeWaiting, { now, until, limit: ROUND_MAX });
  for (const file of waiting) {
    const { conversationId: id, channel, ref, bytes, attempts } = file;
    const signal = AbortSignal.timeout(FILES.openMs);
    const opening = { id, channel, ref, attachment: { bytes } };
    const { outcome } = await openOne(context, opening, attempts, signal);
    const settled = await context.store.run(settleFile, file.id, outcome);
    if (!settled && outcome.state === "kept") await context.blobs.remove(outcome.blobRef);
  }
}

// Reads the text of attached text files.

/** Plain-text file types that people attach to say something. */
const TEXT_TYPES = new Set(["text/plain", "text/csv", "text/markdown", "application/json"]);

const BYTES_MAX = 200_000;
const CHARACTERS_MAX = 20_000;

function isTextFile({ mediaType }: Attachment): boolean {
  const [type = ""] = mediaType.toLowerCase().split(";");
  return TEXT_TYPES.has(type.trim());
}

/**
 * The text of a text file; null for one that is too large to be a message, and for bytes that are not UTF-8 text. It
 * stays third-party data: the guard reads it, and it cannot ask for anything.
 */
function attachmentText(bytes: Uint8Array): string | null {
  if (bytes.byteLength > BYTES_MAX) return null;
  const text = decoded(bytes);
  if (text === null || text.includes("\u0000")) return null;
  if (text.length <= CHARACTERS_MAX) return text;
  const kept = text.slice(0, CHARACTERS_MAX).toWellFormed();
  return `${kept}\n[${text.length - kept.length} more characters of this file were left out]`;
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
