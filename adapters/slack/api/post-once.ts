/**
 * Posts a Slack message exactly once, by finding it again through a marker, within Slack's rate limits for writing,
 * and says why a channel takes none; and names what desk and channel share.
 */
import type { types } from "@slack/bolt";
import { DeskhandError } from "#core/values/errors.ts";
import {
  type Allowance,
  type Allowances,
  bookingAheadInCrowds,
  inProcessAllowances,
  NOT_NOW_MS,
  waitForTurn,
} from "#core/connection/rate-limit.ts";
import { digest } from "#core/values/canonical-json.ts";
import { Done, pagedAnswers, slackWord, type Call } from "./web-api.ts";
import { HistoryPage, PostAnswer, type PostedMessage } from "./schema.ts";
import type { Workspace } from "./workspace.ts";
import type { ChannelRoles } from "#slack/channel/parse-events.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";

/** Largest page that Slack recommends for histories (conversations.history reference). */
const PAGE_SIZE = 200;
/** Threads are read whole, up to this many pages; of a channel only recent posts matter. */
const THREAD_PAGES_MAX = 5;
const CHANNEL_PAGES_MAX = 2;

/** A channel, or one thread of it. */
interface PostLocation {
  readonly channel: string;
  readonly thread: string | null;
}

/** One message of ours. The marker is the id of one of its blocks and identifies it. */
export interface Post extends PostLocation {
  readonly marker: string;
  /** What the markers of all its versions begin with: one that is there already is changed into this one. */
  readonly versions?: string;
  /** What notifications show, already escaped. */
  readonly text: string;
  readonly blocks: readonly types.KnownBlock[];
}

/** Where a message was posted. */
export interface Posted {
  readonly channel: string;
  readonly ts: string;
}

/** Posting in turn, and reading back what was posted. */
export interface Posting extends Pacing {
  /** All messages of a channel or thread, oldest first, and whether the beginning was reached. */
  read(
    place: PostLocation & { readonly oldest?: string },
  ): Promise<{ readonly messages: readonly PostedMessage[]; readonly complete: boolean }>;
  find(post: Pick<Post, "channel" | "thread" | "marker" | "versions">): Promise<{
    readonly posted: Posted | null;
    /** The oldest of its versions, this one or another. */
    readonly version: Posted | null;
    readonly complete: boolean;
  }>;
  /**
   * Posts the message unless it is already there. Slack offers no idempotency, so the marker is searched before
   * posting, and again when the answer was lost: only if it is not found then does this throw `channel.uncertain`.
   * Throws `channel.rate_limited` when the channel's turn would come later than `waitMsMax`. What is surely never sent
   * before when its turn comes (`isFirst`) is posted without that search.
   */
  once(
    post: Post,
    how?: {
      readonly waitMsMax?: number | undefined;
      readonly isFirst?: (() => boolean) | undefined;
    },
  ): Promise<Posted>;
  /** Like `once`, but without waiting or searching: for a caller that has the channel's turn and has just searched. */
  unseen(post: Post): Promise<Posted>;
}

/**
 * How long a message waits for its channel's turn by default: that of the next one. No longer, because the waiting worker
 * is needed elsewhere, and a postponed message is retried later.
 */
const WAIT_MS_MAX = 1_500;

/** Posting and reading back through the Web API. */
export function slackPosting(call: Call, limits: Parameters<typeof slackPacing>[0]): Posting {
  const pacing = slackPacing(limits);
  const underWay = new Map<string, Promise<Posted>>();

  const read: Posting["read"] = async ({ channel, thread, oldest }) => {
    const parameters = {
      channel,
      limit: PAGE_SIZE,
      ...(thread === null ? {} : { ts: thread }),
      ...(oldest === undefined ? {} : { oldest }),
    };
    const { pages, complete } = await (thread === null
      ? pagedAnswers(call, "conversations.history", parameters, HistoryPage, CHANNEL_PAGES_MAX)
      : pagedAnswers(call, "conversations.replies", parameters, HistoryPage, THREAD_PAGES_MAX));
    const messages = pages
      .flatMap((page) => page.messages)
      .filter(({ subtype }) => subtype !== "ephemeral");
    return {
      messages: messages.toSorted((one, other) => compareTimestamps(one.ts, other.ts)),
      complete,
    };
  };

  const find: Posting["find"] = async ({ channel, thread, marker, versions }) => {
    const { messages, complete } = await read({ channel, thread });
    const withBlock = (is: (id: string) => boolean): Posted | null => {
      const found = messages.find((one) => one.blocks?.some((block) => is(block.block_id ?? "")));
      return found === undefined ? null : { channel, ts: found.ts };
    };
    const posted = withBlock((id) => id === marker);
    const version = withBlock((id) => versions !== undefined && id.startsWith(versions));
    return { posted, version, complete };
  };

  const unseen: Posting["unseen"] = async (post) => {
    try {
      const { channel, thread, text, blocks } = post;
      const where = { channel, ...(thread === null ? {} : { thread_ts: thread }) };
      return await call("once", "chat.postMessage", { ...where, text, blocks }, PostAnswer);
    } catch (error) {
      if (!(error instanceof DeskhandError) || error.code !== "channel.uncertain") throw error;
      const after = await find(post).catch(() => null);
      if (after?.posted) return after.posted;
      throw error;
    }
  };

  const once = async (post: Post): Promise<Posted> => {
    const { posted, version } = await find(post);
    if (version === null) return posted ?? unseen(post);
    const place = posted ?? version;
    return (await isChangedInto(post, place, call)) ? place : (posted ?? unseen(post));
  };

  return {
    ...pacing,
    read,
    find,
    unseen,
    once: (post, { waitMsMax = WAIT_MS_MAX, isFirst } = {}) => {
      const name = `${post.channel} ${post.marker}`;
      const running = underWay.get(name);
      if (running !== undefined) return running;
      // Waits before the channel is read: a post that has to be retried later should not cost a read.
      const started = pacing
        .message(post, waitMsMax, () => (isFirst?.() === true ? unseen(post) : once(post)))
        .finally(() => underWay.delete(name));
      underWay.set(name, started);
      return started;
    },
  };
}

/**
 * Changes a message whose answer was lost: what it shows may be old by now, and it must not decide beside a newer one.
 * False where Slack lets nobody change it.
 */
async function isChangedInto({ text, blocks }: Post, place: Posted, call: Call): Promise<boolean> {
  try {
    await call("patient", "chat.update", { ...place, text, blocks }, Done);
    return true;
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.code !== "channel.refused") throw error;
    return false;
  }
}

/** Slack's timestamps are decimal numbers with more digits than a double holds. */
export function compareTimestamps(one: string, other: string): number {
  const [seconds = "", fraction = ""] = one.split(".");
  const [otherSeconds = "", otherFraction = ""] = other.split(".");
  return (
    Number(seconds) - Number(otherSeconds) ||
    Number(fraction.padEnd(9, "0")) - Number(otherFraction.padEnd(9, "0"))
  );
}

/** Slack's error codes for a channel that takes no message of ours, as text for the team. */
const WORDS: Readonly<Record<string, string>> = {
  is_archived: "it is archived",
  not_in_channel: "the app is not in it",
  channel_not_found: "it is not there, or the app is not in it",
  restricted_action: "the app may not write there",
  restricted_action_read_only_channel: "the app may not write there",
};

/** Posts, or returns why the channel takes nothing. Every error that may pass by itself is thrown. */
export async function postOrProblem(
  workspace: Workspace,
  channel: string,
  post: () => Promise<Posted>,
): Promise<{ readonly posted: Posted } | { readonly why: string }> {
  try {
    const { sharedWith, archived } = await workspace.channel(channel);
    // Customers' text never goes where people from outside can read it.
    if (sharedWith !== null) return { why: `it is shared with ${sharedWith}` };
    if (archived) return { why: WORDS["is_archived"] ?? "" };
    return { posted: await post() };
  } catch (error) {
    const why = WORDS[slackWord(error) ?? ""];
    if (why === undefined) throw error;
    return { why };
  }
}

/** The channel's readable name; its id where Slack does not return it. */
export async function channelName(workspace: Workspace, channel: string): Promise<string> {
  try {
    return `#${(await workspace.channel(channel)).name}`;
  } catch {
    return `the channel ${channel}`;
  }
}

const MINUTE_MS = 60_000;

/**
 * Slack takes about one message per second and channel (rate limits, "posting messages"). Each post first reads its
 * channel, and reading is limited to 50 times a minute, so that is the narrower limit.
 */
const MESSAGES_PER_MINUTE = 48;

/** Tier 3, 50 a minute for the whole workspace; a desk that decides many cards at once needs some of them together. */
const UPDATES = { max: 45, windowMs: MINUTE_MS, burst: 15 };

/** The pause after a 429 that names no time. */
const PAUSE_MS = 10_000;

/**
 * Keeps Slack's limits on writing, for all processes together. Calls that a person waits for after a click do not go
 * through here. Every call has a name, under which its place in the queue is booked when it has to come back.
 */
interface Pacing {
  /**
   * Makes a call that posts to this channel when it is its turn. Throws `channel.rate_limited`, without calling Slack,
   * when that would take longer than `waitMsMax`; the error says when its turn is.
   */
  message<Answer>(
    post: QueuedPost,
    waitMsMax: number,
    call: () => Promise<Answer>,
  ): Promise<Answer>;
  /** Books the place of a post without making it: milliseconds until its turn, when `once` goes through. */
  reserve(post: QueuedPost): Promise<number>;
  /** The same as `message` for a call that changes the message of this name. */
  update<Answer>(name: string, waitMsMax: number, call: () => Promise<Answer>): Promise<Answer>;
}

/** A post as far as its turn depends on it. */
interface QueuedPost {
  readonly channel: string;
  /** The same each time it is tried. */
  readonly marker: string;
}

/** The limits of one app in one workspace. Without `allowances` they are kept for this process alone. */
function slackPacing(options: {
  readonly botToken: string;
  readonly allowances?: Allowances | undefined;
  /** Messages per minute and channel; the limit for changes scales with it. */
  readonly messagesPerMinute?: number | undefined;
}): Pacing {
  const kept = bookingAheadInCrowds(options.allowances ?? inProcessAllowances());
  // Slack counts per app and workspace, which a token identifies.
  const prefix = `slack:${digest(options.botToken).slice(0, 12)}`;
  const perMinute = options.messagesPerMinute ?? MESSAGES_PER_MINUTE;
  const times = perMinute / MESSAGES_PER_MINUTE;
  const updates = {
    ...UPDATES,
    name: `${prefix}:update`,
    max: Math.max(2, Math.round(UPDATES.max * times)),
    burst: Math.max(1, Math.round(UPDATES.burst * times)),
  };

  // Evenly, one by one: every message of a burst would notify people separately anyway.
  const messages = (channel: string): Allowance => ({
    name: `${prefix}:message:${channel}`,
    max: perMinute + 1,
    windowMs: MINUTE_MS,
    burst: 1,
  });

  const inTurn = async <Answer>(
    allowance: Allowance,
    name: string,
    waitMsMax: number,
    call: () => Promise<Answer>,
  ): Promise<Answer> => {
    await waitForTurn(kept, [allowance], { waitMsMax, place: name, tooLong: rateLimited });
    try {
      return await call();
    } catch (error) {
      if (error instanceof DeskhandError && error.code === "channel.rate_limited")
        await kept.hold([allowance], error.retryAfterMs ?? PAUSE_MS);
      throw error;
    }
  };

  return {
    message: ({ channel, marker }, waitMsMax, call) =>
      inTurn(messages(channel), marker, waitMsMax, call),
    reserve: async ({ channel, marker }) =>
      (await kept.take([messages(channel)], NOT_NOW_MS, marker)).waitMs,
    update: (name, waitMsMax, call) => inTurn(updates, name, waitMsMax, call),
  };
}

/** Slack was not called, so this counts as no failed try. */
function rateLimited(waitMs: number): DeskhandError {
  return new DeskhandError("channel.rate_limited", "Slack's limit is used up for now", {
    retryAfterMs: Math.ceil(waitMs),
    notTried: true,
  });
}

/** What the desk and the channel of a workspace work with. */
export interface SlackRoom {
  readonly call: Call;
  readonly workspace: Workspace;
  readonly posting: Posting;
  readonly roles: ChannelRoles;
  /** Channel ids by the names the policy uses; a card with any other name goes to the approvals channel. */
  readonly places: ReadonlyMap<string, string>;
  /** The person told when a channel takes nothing any more, by address or id. */
  readonly fallbackLead: () => string;
  readonly clock: Clock;
  readonly log: Log;
}
