/** Compares a snapshot with what its source says now: what is new, what is open, what is stale. */

import { isHelpdesk } from "#core/values/vocabulary.ts";
import {
  type Attachment,
  bySentAt,
  isErased,
  type PassedOver,
  type Conversation,
  type Message,
  type Signal,
  isTeamAnswer,
  isFromRequester,
} from "#core/values/message.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { Resolved } from "#core/contracts/channel.ts";
import { isSameOwnership, type Ownership } from "#core/cases/ownership.ts";
import { asksBack } from "#text/about-text.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import { leftToHere } from "#jobs/cases/facts.ts";
import {
  isBareThanks,
  leftByPeople,
  openMessages,
  unprovenMessages,
  wasPutAside,
  answeredBy,
  type ConversationSnapshot,
  type Participants,
  participantColumns,
  participantsAfter,
} from "./snapshot.ts";
import { foldOwnership, type OwnershipNow, type ResolvedHints } from "./resolve-hints.ts";
import type { Due } from "#core/values/card-context.ts";

/** A new message that needs no answer, and the reason its outcome gets. */
interface IgnoredMessage {
  readonly message: Message;
  readonly reason: string;
  readonly passedOver: PassedOver | null;
}

const ONLY_THANKS = { reason: "only thanks, nothing to answer", passedOver: "thanks" } as const;
const UNPROVEN = {
  reason: "put aside: its sender is not proven, and what waits here rests on proof",
  passedOver: "unproven",
} as const;

/**
 * What is new in a conversation and what is still to be answered. Pure: the same snapshot and news give the same
 * changes.
 */
export interface ConversationChanges {
  readonly ownership: OwnershipNow;
  readonly newMessages: readonly Message[];
  /** Stored messages whose text has changed at their source, and answers of teammates that are internal now. */
  readonly edited: readonly Message[];
  readonly newSignals: readonly Signal[];
  /** New messages that need no answer, with the reason each outcome gets. */
  readonly ignored: readonly IgnoredMessage[];
  /** Those of them whose author is not proven while what waits rests on proof: the team is alerted. */
  readonly putAside: readonly Message[];
  /** Requesters' messages without an outcome, oldest first, new ones included. */
  readonly open: readonly Message[];
  /** Bundles decided but not begun that the news makes stale, or whose conversation people took over. */
  readonly overtaken: readonly string[];
  /**
   * True while an answer to earlier messages has begun and not ended: later messages wait, or they would be answered
   * first.
   */
  readonly isAnswering: boolean;
  /** Messages before the open ones, for the agent. */
  readonly history: readonly Message[];
  readonly subject: string;
  readonly externalId: string | null;
  readonly brand: string;
  /** Who takes part now, and whether the bot may write to them. */
  readonly participants: Participants;
  /** The deadline its source sets for an answer; null where it sets none. */
  readonly due: Due | null;
  /** Messages that had ended because the bot could not write or people had them, which are open again. */
  readonly reopened: readonly Message[];
  /** All messages as their source reads them now, after the conversation passed to another customer. */
  readonly reread: readonly Message[];
}

export function changesSince(
  snapshot: ConversationSnapshot,
  gathered: ResolvedHints,
  { thanksNeedNone }: Pick<Policy["cards"], "thanksNeedNone"> = THANKS_NEED_NONE,
): ConversationChanges {
  const newMessages = newestVersions(
    gathered.resolved.flatMap((resolved) => resolved.messages),
    snapshot.messageKeys,
  );
  const edited = editedMessages(snapshot, gathered);
  const newSignals = [
    ...gathered.resolved.flatMap((resolved) => resolved.signals),
    ...snapshot.linkedSignals,
  ].filter(({ key }) => !snapshot.signalKeys.has(key));
  const { owner, reason } = snapshot.state;
  const ownership = withTicketOwner(
    snapshot.linked,
    foldOwnership({ owner, reason }, newMessages, newSignals),
  );
  const settings = { owner: ownership.owner, thanksNeedNone };
  const { ignored, putAside } = ignoredMessages(snapshot, newMessages, settings);
  const last = latestResolved(gathered, putAside);
  const participants = participantsAfter(snapshot.state, last);
  const reread = participants.hasChanged ? (last?.messages ?? []) : [];
  const ignoredKeys = new Set(ignored.map(({ message }) => message.key));
  const news = { ignored: ignoredKeys, participants, ownership };
  const newTexts = [...newMessages, ...edited];
  const { overtaken, underWay, isAnswering } = effectsInTheWay(snapshot, newTexts, news);
  const asTheyReadNow = new Map([...edited, ...reread].map((message) => [message.key, message]));
  const left = ownership.handedBack
    ? leftByPeople(snapshot, newMessages, ignoredKeys, asTheyReadNow)
    : [];
  const reopened = [...new Set([...endedWhileBarred(snapshot, participants), ...left])];
  const unanswered = [...reopened, ...openMessages(snapshot, newMessages, ignoredKeys)]
    .filter((message) => !underWay.has(message.key))
    .map((message) => asTheyReadNow.get(message.key) ?? message);
  const open = leftToHere(snapshot, unanswered, edited);
  const openKeys = new Set(open.map((message) => message.key));
  return {
    ownership,
    newMessages,
    edited,
    newSignals,
    ignored,
    putAside,
    open,
    overtaken,
    // What comes in while an answer for the case goes out from another conversation follows it.
    isAnswering: isAnswering || snapshot.caseOthers.some((other) => other.isAnswering),
    history: earlierMessages(snapshot, newMessages, {
      asTheyReadNow,
      isElsewhere: ({ key }) => openKeys.has(key) || ignoredKeys.has(key),
    }),
    subject: isShown(last) ? last.subject : snapshot.state.conversation.subject,
    externalId: last?.externalId ?? null,
    brand: participants.brand,
    participants,
    due: last?.due ?? null,
    reopened,
    reread,
  };
}

/** True for a look at a source, of a conversation of the bot's own, after which everything is as it was. */
export function bringsNothing(
  { state }: ConversationSnapshot,
  changes: ConversationChanges,
): boolean {
  const { conversation, participants: before } = state;
  const { ownership, participants } = changes;
  const news = [
    changes.newMessages,
    changes.edited,
    changes.newSignals,
    changes.open,
    changes.overtaken,
    changes.reopened,
    changes.reread,
  ];
  return (
    ownership.owner === "bot" &&
    isSameOwnership(state, ownership) &&
    news.every((list) => list.length === 0) &&
    participants.barred === null &&
    participants.unserved === null &&
    Object.keys(participantColumns(before, participants)).length === 0 &&
    changes.subject === conversation.subject &&
    changes.brand === conversation.brand &&
    (changes.externalId ?? conversation.externalId) === conversation.externalId
  );
}

/** What was said before the messages that are open now, as their source reads them. */
function earlierMessages(
  snapshot: ConversationSnapshot,
  newMessages: readonly Message[],
  how: {
    readonly asTheyReadNow: ReadonlyMap<string, Message>;
    /** True for a message that is open or needs no answer. */
    readonly isElsewhere: (message: Message) => boolean;
  },
): readonly Message[] {
  const stored = snapshot.stored
    .filter((one) => !wasPutAside(one))
    .map(({ message }) => how.asTheyReadNow.get(message.key) ?? message);
  return [...staffNotes(snapshot), ...stored, ...newMessages].filter(
    (message) => !how.isElsewhere(message) && !isErased(message),
  );
}
const THANKS_NEED_NONE = { thanksNeedNone: true };

/** New messages that need no answer, and which of them are put aside because their author is not proven. */
function ignoredMessages(
  snapshot: ConversationSnapshot,
  newMessages: readonly Message[],
  { owner, thanksNeedNone }: Pick<Ownership, "owner"> & { readonly thanksNeedNone: boolean },
): Pick<ConversationChanges, "ignored" | "putAside"> {
  const said = [...snapshot.stored.map(({ message }) => message), ...newMessages];
  const ignored = newMessages.flatMap((message) => {
    const before = said.slice(0, said.indexOf(message));
    return ignoredFor(message, snapshot, thanksNeedNone && !answersUs(message, before));
  });
  const keys = new Set(ignored.map(({ message }) => message.key));
  const others = newMessages.filter(({ key }) => !keys.has(key));
  const putAside = unprovenMessages(snapshot, others, owner);
  const withReason = putAside.map((message) => ({ message, ...UNPROVEN }));
  return { ignored: [...ignored, ...withReason], putAside };
}

/** The latest state its source gave. A message that was put aside does not even rename the conversation. */
function latestResolved(
  { resolved }: ResolvedHints,
  putAside: readonly Message[],
): Resolved | undefined {
  const keys = new Set(putAside.map(({ key }) => key));
  return resolved.findLast(
    ({ keepsConversation, messages }) =>
      keepsConversation !== true &&
      (messages.length === 0 || messages.some(({ key }) => !keys.has(key))),
  );
}

/**
 * Linked conversations share one owner, and the ticket leads: while people own it, the bot does not work at its origin.
 */
function withTicketOwner(
  linked: ConversationSnapshot["linked"],
  ownership: OwnershipNow,
): OwnershipNow {
  const leads = linked !== null && isHelpdesk(linked.conversation.channel);
  return leads && linked.owner === "human" && ownership.owner === "bot"
    ? { owner: "human", reason: linked.reason, handedBack: false, takenAt: linked.handedOverAt }
    : ownership;
}

/** False for a conversation its source no longer shows; it keeps its subject. */
function isShown(last: Resolved | undefined): last is Resolved {
  return last !== undefined && last.participants?.customer !== null;
}

/** Messages that ended for the very reason that is gone now. */
function endedWhileBarred(
  { stored }: ConversationSnapshot,
  { isUnbarred }: Participants,
): readonly Message[] {
  if (!isUnbarred) return [];
  return stored
    .filter(({ message, passedOver }) => isFromRequester(message) && passedOver === "barred")
    .map(({ message }) => message);
}

/** Internal notes of people in the linked ticket; their public replies are relayed here anyway. */
function staffNotes({ state, linked, linkedMessages }: ConversationSnapshot): readonly Message[] {
  if (linked === null || isHelpdesk(state.conversation.channel)) return [];
  return linkedMessages
    .map(({ message }) => message)
    .filter(({ author, visibility }) => author.kind === "teammate" && visibility === "internal");
}

/** The conversation after the news; before the first turn only its id is known. */
export function conversationAfter(
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): Conversation {
  const { conversation } = snapshot.state;
  return {
    ...conversation,
    subject: changes.subject,
    brand: changes.brand,
    externalId: changes.externalId ?? conversation.externalId,
  };
}

function newestVersions(
  messages: readonly Message[],
  known: ReadonlySet<string>,
): readonly Message[] {
  const byKey = new Map(
    messages.filter(({ key }) => !known.has(key)).map((item) => [item.key, item]),
  );
  return [...byKey.values()].toSorted(bySentAt);
}

/** An edit is no new event: it changes no owner, and ended messages stay ended. */
function editedMessages(
  snapshot: ConversationSnapshot,
  gathered: ResolvedHints,
): readonly Message[] {
  const stored = new Map(
    snapshot.stored
      // A message erased here may still exist at its source; that is no edit.
      .filter(({ message }) => !isErased(message))
      .map(({ message }) => [message.key, message]),
  );
  const newest = new Map(
    gathered.resolved.flatMap(({ messages }) => messages).map((item) => [item.key, item]),
  );
  return [...newest.values()].filter((message) => {
    const before = stored.get(message.key);
    if (before === undefined) return false;
    const isOtherText = before.text !== storable(message.text);
    const { channel } = snapshot.state.conversation;
    if (isHelpdesk(channel) && hasLostFile(before, message)) return true;
    // What a teammate wrote for the customer and took back from them is no answer any more.
    return isOtherText || isTeamAnswer(before) !== isTeamAnswer(message);
  });
}

/** True where the source shows one of the files no longer, or another in its place: it was taken back there. */
function hasLostFile(before: Message, now: Message): boolean {
  const mark = ({ ref, name }: Attachment) => storable(JSON.stringify([ref, name]));
  const shown = new Set(now.attachments.map(mark));
  return before.attachments.some((file) => file.ref !== undefined && !shown.has(mark(file)));
}

function ignoredFor(
  message: Message,
  snapshot: ConversationSnapshot,
  thanksNeedNone: boolean,
): readonly IgnoredMessage[] {
  if (!isFromRequester(message)) return [];
  if (message.ignore !== null) return [{ message, reason: message.ignore, passedOver: null }];
  // In a chat thanks may be a greeting; a mail of thanks in a new thread asks nothing either.
  const spoken =
    snapshot.state.conversation.channel === "email" ||
    snapshot.stored.some(({ message: before }) => before.author.kind !== "requester");
  if (
    thanksNeedNone &&
    (spoken || snapshot.pending !== null) &&
    isBareThanks(message.text, message.author.name)
  )
    return [{ message, ...ONLY_THANKS }];
  return [];
}

/** Signatures, cards and logos below a mail are smaller, and what is asked for as a file is larger. Bytes. */
export const FILE_MIN = 20_000;

/** True for a message that brings files, or whose "OK" may be the answer to what we asked right before it. */
function answersUs({ attachments }: Message, before: readonly Message[]): boolean {
  const last = before.findLast(({ visibility }) => visibility === "public");
  const isAsked = last !== undefined && !isFromRequester(last) && asksBack(last.text);
  return isAsked || attachments.some(({ bytes }) => bytes === 0 || bytes >= FILE_MIN);
}

/**
 * A decided bundle whose first effect has not begun is withdrawn when the customer writes again or people take over,
 * and its messages are open again. A bundle that has begun runs to its end before later messages are answered. An
 * effect that was tried and did not happen, such as while the shop was down, has not begun.
 */
function effectsInTheWay(
  snapshot: ConversationSnapshot,
  newMessages: readonly Message[],
  {
    ignored,
    participants: { hasChanged, barred },
    ownership: { owner, handedBack },
  }: {
    readonly ignored: ReadonlySet<string>;
    readonly participants: Participants;
    readonly ownership: OwnershipNow;
  },
) {
  const wroteAgain = newMessages.some(
    (message) => isFromRequester(message) && !ignored.has(message.key),
  );
  const begun = new Set(
    snapshot.effects
      .filter(
        (effect) =>
          effect.state === "executing" ||
          (effect.position > 0 && isFirstOpen(snapshot, effect.bundle, effect.position)),
      )
      .map((effect) => effect.bundle),
  );
  // What a teammate approved a moment ago must not follow what another teammate has just told the customer.
  const answeredByPeople = newMessages.some(isTeamAnswer);
  const overtaken =
    wroteAgain ||
    answeredByPeople ||
    hasChanged ||
    barred !== null ||
    owner === "human" ||
    handedBack
      ? snapshot.effects
          .filter(
            (effect) =>
              effect.approvedBy !== "teammate" &&
              // A hand-over that has not begun holds for any revision; given back, nothing is left of it to tell.
              (effect.revision !== null || (handedBack && answeredBy(effect).length > 0)) &&
              !begun.has(effect.bundle),
          )
          .map((effect) => effect.bundle)
      : [];
  const taken = new Set(overtaken);
  const underWay = snapshot.effects
    .filter((effect) => !taken.has(effect.bundle))
    .flatMap((effect) => answeredBy(effect));
  const isAnswering = snapshot.effects.some(
    (effect) =>
      effect.revision !== null && begun.has(effect.bundle) && answeredBy(effect).length > 0,
  );
  return { overtaken: [...taken], underWay: new Set(underWay), isAnswering };
}

/** When the first open effect of a bundle comes after done ones, the bundle has begun. */
function isFirstOpen(snapshot: ConversationSnapshot, bundle: string, position: number): boolean {
  return snapshot.effects.every(
    (effect) => effect.bundle !== bundle || effect.position >= position,
  );
}
