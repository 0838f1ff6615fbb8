/** Reads conversations back from Slack, and decides how far the writer of a message is proven. */

import {
  claimedIdentity,
  type IdentityEvidence,
  provenIdentity,
  unknownIdentity,
} from "#core/values/identity.ts";
import type { SlackUser, HintData, PostedMessage } from "#slack/api/schema.ts";
import type { Resolved } from "#core/contracts/channel.ts";
import type { Cursors } from "#core/contracts/ports.ts";
import { type Destination, type Message, plainMessage } from "#core/values/message.ts";
import { slackWord } from "#slack/api/web-api.ts";
import { formPerson, threadExternalId, PERSON_SUBTYPES } from "./parse-events.ts";
import { compareTimestamps, type Posting, type SlackRoom } from "#slack/api/post-once.ts";
import { clip, mentionedUsers, readableText } from "#slack/api/text.ts";
import {
  isActivePerson,
  isAtHome,
  isFromOutside,
  isGuest,
  isOwnMember,
  slackUserName,
  type Self,
  type Workspace,
} from "#slack/api/workspace.ts";

/** Trusted mail domains, by workspace or Enterprise organisation. */
export type TrustedWorkspaces = ReadonlyMap<string, ReadonlySet<string>>;

/** Evidence about the writer. Missing evidence is never taken for proof. */
function writerIdentity(
  user: SlackUser | null,
  userTeam: string | null,
  { self, trusted }: { readonly self: Self; readonly trusted: TrustedWorkspaces },
): IdentityEvidence {
  const email = user?.profile?.email ?? null;
  const claimed = (reason: string): IdentityEvidence => claimedIdentity(reason, email);
  if (user === null) return unknownIdentity("Slack does not say who wrote this.");
  // A user without proof of belonging to the home workspace counts as from elsewhere.
  if (!isAtHome(user, self, userTeam === null ? [] : [userTeam]))
    return (
      trustedMember(user, userTeam, { self, trusted }) ??
      claimed("Member of another Slack workspace.")
    );
  if (isGuest(user)) return claimed("Guest of this Slack workspace.");
  if (!isOwnMember(user, self)) return claimed("Not an active member of this Slack workspace.");
  if (email === null) return claimed("Member of this Slack workspace without a visible e-mail.");
  const reason = `Member of this Slack workspace with the e-mail address ${email}.`;
  return provenIdentity("slack-workspace", reason, email);
}

/**
 * A Slack Connect member the operator trusts: both the workspace and the domain of the address are on the list, and
 * nothing from Slack contradicts it. Null for all others.
 */
function trustedMember(
  user: SlackUser,
  userTeam: string | null,
  { self, trusted }: { readonly self: Self; readonly trusted: TrustedWorkspaces },
): IdentityEvidence | null {
  // A user marked `is_stranger` shares no channel with us, so no teammate invited them.
  const isKnown = isActivePerson(user) && user.is_stranger !== true && isFromOutside(user, self);
  const from = [user.team_id, user.enterprise_user?.enterprise_id].filter((id) => id != null);
  // The message and the directory must name the same workspace for the writer.
  if (!isKnown || (userTeam !== null && !from.includes(userTeam))) return null;
  const email = user.profile?.email ?? "";
  const domain = emailDomain(email);
  const workspace = from.find((id) => domain !== null && trusted.get(id)?.has(domain));
  if (workspace === undefined) return null;
  const reason = `Member of the Slack workspace ${workspace} with the e-mail address ${email}; both are on the operator's list.`;
  return provenIdentity("slack-connect", reason, email);
}

/** The domain of a plain address in lower case; null for an ambiguous address. */
function emailDomain(email: string): string | null {
  const [, domain] = /^[\w.!#$%&'*+/=?^`{|}~-]+@([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i.exec(email) ?? [];
  return domain?.toLowerCase() ?? null;
}

/** A conversation in Slack's terms; `ts` names the announced message, if there is one. */
export type SlackThread = Omit<HintData, "ts"> & { readonly ts: string | null };

/** The room, with what tells teammates and trusted people among those who write in it. */
export interface ChannelRoom extends SlackRoom {
  readonly cursors: Cursors;
  readonly teammates: (email: string) => boolean;
  readonly trusted: TrustedWorkspaces;
}

/** Reads a conversation back and determines, for each message, who wrote it and where an answer goes. */
export async function readThread(
  parts: ChannelRoom,
  thread: SlackThread,
  windowStart: Date,
): Promise<Resolved> {
  const said = await readMessages(parts.posting, thread, windowStart);
  const self = await parts.workspace.self();
  const first = said.find(({ ts }) => ts === thread.thread);
  const scene: HistoryContext = {
    thread,
    self,
    starter: (first && (formPerson(first, parts.roles, [self.userId]) ?? first.user)) ?? null,
    place: thread.direct ? "" : (await parts.workspace.channel(thread.channel)).name,
    onlyMentions: !thread.direct && !parts.roles.help.includes(thread.channel),
  };
  const messages: Message[] = [];
  for (const one of said) {
    const message = await historyMessage(one, scene, parts);
    if (message !== null) messages.push(message);
  }
  return {
    subject: clip(messages[0]?.text.split("\n")[0] ?? "", 80),
    brand: "",
    externalId: threadExternalId(thread),
    messages,
    signals: [],
  };
}

/** What all messages of one reading share. */
interface HistoryContext {
  readonly thread: SlackThread;
  readonly self: Self;
  /**
   * Who began the thread: a teammate's message is a question in their own thread, and an answer in another person's.
   */
  readonly starter: string | null;
  readonly place: string;
  /** Outside the help channels people talk among themselves; only messages that mention us are meant for us. */
  readonly onlyMentions: boolean;
}

async function readMessages(
  posting: Posting,
  { channel, thread, direct, ts }: SlackThread,
  windowStart: Date,
): Promise<readonly PostedMessage[]> {
  const found = new Map<string, PostedMessage>();
  if (direct) {
    const start = (windowStart.getTime() / 1_000).toFixed(6);
    // What was announced is read however long ago that was. `oldest` itself is not in Slack's answer.
    const from = ts !== null && compareTimestamps(ts, start) < 0 ? ts : start;
    const oldest = (Number(from) - 1).toFixed(6);
    const { messages } = await posting.read({ channel, thread: null, oldest });
    for (const message of messages)
      if (compareTimestamps(message.ts, from) >= 0) found.set(message.ts, message);
  }
  if (thread !== null) {
    for (const message of await threadMessages(posting, channel, thread))
      found.set(message.ts, message);
  }
  return [...found.values()].toSorted((one, other) => compareTimestamps(one.ts, other.ts));
}

/** A thread whose first message was deleted is gone, and with it the question. */
async function threadMessages(
  posting: Posting,
  channel: string,
  thread: string,
): Promise<readonly PostedMessage[]> {
  try {
    return (await posting.read({ channel, thread })).messages;
  } catch (error) {
    if (slackWord(error) === "thread_not_found") return [];
    throw error;
  }
}

async function historyMessage(
  said: PostedMessage,
  scene: HistoryContext,
  parts: ChannelRoom,
): Promise<Message | null> {
  const { self, thread } = scene;
  if (isOurs(said, self)) return ownMessage(said, scene);
  const asker = await messageAsker(said, scene, parts);
  if (asker === null) return null;

  const { id, user, identity } = asker;
  const text = await readText(said.text ?? "", self, parts.workspace);
  const base = { text, attachments: postAttachments(said) };
  const name = user === null ? id : slackUserName(user);
  if (await isTeammate(user, scene, parts)) {
    const author = { kind: "teammate", id: `slack:${id}`, name } as const;
    return messageFrom(said, thread, { ...base, author, identity: NO_CUSTOMER });
  }
  return messageFrom(said, thread, {
    ...base,
    author: { kind: "requester", id: `slack:${id}`, name },
    identity,
    ...answerAddresses(said, id, name, scene),
    ignore:
      scene.onlyMentions && !mentionedUsers(said.text ?? "").includes(self.userId)
        ? "not addressed to the bot"
        : null,
  });
}

/** Whose message it is, and on what proof: the writer's, or the person's whom a form names. Null for all others. */
async function messageAsker(
  said: PostedMessage,
  { self }: HistoryContext,
  { workspace, roles, trusted }: ChannelRoom,
) {
  const named = formPerson(said, roles, [self.userId]);
  const id = named ?? writingPerson(said);
  if (id === null) return null;
  const user = await workspace.user(id, "patient");
  if (named === null)
    return { id, user, identity: writerIdentity(user, said.user_team ?? null, { self, trusted }) };
  // A form that mentions a program names no person.
  if (user === null || user.is_bot === true) return null;
  return { id, user, identity: claimedIdentity(NAMED_BY_FORM, user.profile?.email ?? null) };
}

const NAMED_BY_FORM = "A form in Slack names this person; Slack does not say who filled it in.";

const NO_CUSTOMER = unknownIdentity("Not written by a customer.");

function isOurs(said: PostedMessage, self: Self): boolean {
  return said.user === self.userId || (said.bot_id != null && said.bot_id === self.botId);
}

/** The user id of the person who wrote it; null for bots and for lines such as "joined the channel". */
function writingPerson(said: PostedMessage): string | null {
  const isBot = said.bot_id != null || said.app_id != null;
  const isRemark = said.subtype != null && !PERSON_SUBTYPES.has(said.subtype);
  return isBot || isRemark ? null : (said.user ?? null);
}

function ownMessage(said: PostedMessage, { self, thread }: HistoryContext): Message {
  return messageFrom(said, thread, {
    author: { kind: "bot", id: `slack:${self.userId}`, name: "Deskhand" },
    text: readableText(said.text ?? "", { self: self.userId, users: new Map() }),
    identity: NO_CUSTOMER,
  });
}

function messageFrom(
  said: PostedMessage,
  { team, channel }: SlackThread,
  written: Pick<Message, "author" | "text" | "identity"> & Partial<Message>,
): Message {
  return plainMessage({
    ...written,
    key: `slack:${team}:${channel}:${said.ts}`,
    sentAt: new Date(Number(said.ts) * 1_000).toISOString(),
  });
}

function answerAddresses(
  said: PostedMessage,
  userId: string,
  name: string,
  { thread, place }: HistoryContext,
): { readonly answerTo: Destination; readonly answerPrivatelyTo: Destination | null } {
  const { channel } = thread;
  const label = `direct message to ${name}`;
  if (thread.direct) {
    // The first message of a thread names itself as its thread; it was written outside the thread and is answered
    // there.
    const inThread = said.thread_ts !== said.ts;
    const address = { channel, thread_ts: inThread ? (said.thread_ts ?? null) : null };
    return { answerTo: { label, audience: "private", address }, answerPrivatelyTo: null };
  }
  return {
    answerTo: {
      label: `thread in #${place}`,
      audience: "shared",
      address: { channel, thread_ts: thread.thread },
    },
    answerPrivatelyTo: { label, audience: "private", address: { dmUser: userId } },
  };
}

async function isTeammate(
  user: SlackUser | null,
  { thread, starter, self }: HistoryContext,
  { teammates, workspace }: ChannelRoom,
): Promise<boolean> {
  if (thread.direct || user === null || user.id === starter || !isOwnMember(user, self))
    return false;
  const email = user.profile?.email;
  return (email != null && teammates(email)) || (await workspace.groupsOf(user.id)).length > 0;
}

async function readText(text: string, self: Self, workspace: Workspace): Promise<string> {
  const users = new Map<string, string>();
  for (const id of mentionedUsers(text).filter((one) => one !== self.userId)) {
    const user = await workspace.user(id, "patient");
    if (user !== null) users.set(id, slackUserName(user));
  }
  return readableText(text, { self: self.userId, users });
}

function postAttachments(said: PostedMessage): Message["attachments"] {
  return (said.files ?? []).slice(0, 100).map(({ name, mimetype, size }) => ({
    name: name ?? "file",
    mediaType: mimetype ?? "application/octet-stream",
    bytes: Math.max(0, Math.trunc(size ?? 0)),
  }));
}
