/**
 * Room: Slack as a channel where customers ask and are answered. This file is the channel itself.
 * In: events of messages in help channels, threads and direct messages, and of mentions.
 * Out: hints, conversations read back from Slack with evidence about each writer, replies.
 * May touch: Slack, through `adapters/slack/api`.
 */

import type { types } from "@slack/bolt";
import { z } from "zod";
import { ReplyArguments, type Action } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { type Channel, OPENS_NO_FILES, type Resolved } from "#core/contracts/channel.ts";
import { DeskhandError, readAs, reasonOf } from "#core/values/errors.ts";
import type { Message } from "#core/values/message.ts";
import { parsedArguments, type CommitResult, type EffectLookup } from "#core/contracts/tool.ts";
import type { SlackApp, TakeEvent } from "#slack/transport/slack-app.ts";
import type { DutyLease } from "#core/contracts/ports.ts";
import { missedQuestions } from "./missed.ts";
import { slackHints } from "./parse-events.ts";
import { type ChannelRoom, readThread, type SlackThread } from "./history.ts";
import type { Posting, Post, SlackRoom } from "#slack/api/post-once.ts";
import { Address, HintData } from "#slack/api/schema.ts";
import { escapeMarkup, sectionBlocks } from "#slack/api/text.ts";
import { Done, slackWord } from "#slack/api/web-api.ts";

/** Slack takes 50 blocks and about 13,000 characters of blocks in one message; a longer reply becomes several. */
const SECTIONS_MAX = 40;
const MESSAGE_MAX = 10_000;
/** A reply that has begun is finished, although each further message has to wait for its turn. */
const NEXT_PART_MS_MAX = 10_000;
/** A direct message channel never ends; older messages belong to an earlier matter. */
const DIRECT_WINDOW_MS = 24 * 60 * 60 * 1_000;

/** Customers in help channels, threads, direct messages and mentions. Slack keeps the history. */
export function slackChannel(parts: ChannelRoom, app: SlackApp): Channel {
  const { posting, roles } = parts;
  const showStatus = statusIn(parts);
  const windowStart = (): Date => new Date(parts.clock.now().getTime() - DIRECT_WINDOW_MS);

  return {
    name: "slack",
    supports: ["reply"],
    keepsHistory: true,
    // Slack identifies each writer by user id.
    keepsSender: true,
    ...OPENS_NO_FILES,

    receive(delivery) {
      if (delivery.source !== "socket")
        throw new DeskhandError(
          "input.unverified",
          `Slack deliveries come by socket, not by ${delivery.source}`,
        );
      return slackHints(delivery, roles);
    },

    async resolve(hint, context) {
      context.signal.throwIfAborted();
      const data = readAs(HintData, hint.data, "input.invalid", "not a hint of this channel");
      return readThread(parts, data, windowStart());
    },

    async fetch(conversation, signal): Promise<Resolved> {
      signal.throwIfAborted();
      return readThread(parts, slackThread(conversation.externalId), windowStart());
    },

    // One after another, so that the parts of a long reply stand side by side; gives the wait for the first.
    async reserve(action, key) {
      const waits: number[] = [];
      for (const post of await replyPosts(parts, slackReply(action), key))
        waits.push(await posting.reserve(post));
      return waits[0] ?? 0;
    },

    commit: (action, key, signal, isFirst) => send(parts, action, key, { signal, isFirst }),

    async find(action, key, signal): Promise<EffectLookup> {
      const reply = slackReply(action);
      signal.throwIfAborted();
      try {
        return await foundPosts(posting, await replyPosts(parts, reply, key));
      } catch (error) {
        if (error instanceof DeskhandError && error.retry) throw error;
        return { state: "unknowable", reason: reasonOf(error) };
      }
    },

    async showWork(message, isWorking) {
      const place = threadOfMessage(message);
      if (place !== null) await showStatus(place, isWorking);
    },

    start(accept) {
      const take: TakeEvent = async (body, arrived) => {
        const bytes = new TextEncoder().encode(JSON.stringify(body));
        await accept({ source: "socket", headers: {}, body: bytes, ...arrived });
      };
      const takeMissed = (event: unknown, lease: DutyLease | null): Promise<void> =>
        take(event, { receivedAt: parts.clock.now(), lease });
      return app.openEvents(take, missedQuestions(parts, takeMissed));
    },
    stop: () => app.closeEvents(),
  };
}

/**
 * Posts the parts of a reply in order, each found again by its own marker, so that an interrupted long reply continues
 * where it stopped. The wait for a later part counts as not sent, so only a reply of one part is ever the first try.
 */
async function send(
  parts: ChannelRoom,
  action: Action,
  key: string,
  {
    signal,
    isFirst,
  }: { readonly signal: AbortSignal; readonly isFirst: (() => boolean) | undefined },
): Promise<CommitResult> {
  const reply = slackReply(action);
  signal.throwIfAborted();
  const posts = await replyPosts(parts, reply, key);
  const refs: string[] = [];
  for (const [index, post] of posts.entries()) {
    const { channel, ts } = await parts.posting.once(post, {
      waitMsMax: index === 0 ? undefined : NEXT_PART_MS_MAX,
      isFirst: posts.length === 1 ? isFirst : undefined,
    });
    refs.push(`${channel}:${ts}`);
  }
  return committedAs(refs);
}

function committedAs(refs: readonly string[]): CommitResult {
  // An answer in the thread finds the conversation by the thread; a direct message stays a conversation of its own, so
  // that private messages never become history of a shared thread.
  return { ref: refs[0] ?? "", conversationKeys: [] };
}

async function foundPosts(posting: Posting, posts: readonly Post[]): Promise<EffectLookup> {
  const refs: string[] = [];
  for (const post of posts) {
    const { posted, complete } = await posting.find(post);
    if (posted === null) {
      if (refs.length > 0)
        return { state: "unknowable", reason: "only the beginning of the reply was posted" };
      return complete
        ? { state: "absent" }
        : { state: "unknowable", reason: "the channel is too long to be read back whole" };
    }
    refs.push(`${posted.channel}:${posted.ts}`);
  }
  return { state: "done", committed: committedAs(refs) };
}

function slackReply(action: Action): ReplyArguments & { readonly address: Address } {
  if (action.operation !== "reply")
    throw new DeskhandError("channel.unsupported", `slack has no operation ${action.operation}`);
  const reply = parsedArguments(ReplyArguments, action);
  const { address } = reply.to;
  return {
    ...reply,
    address: readAs(Address, address, "channel.refused", "not an address in Slack"),
  };
}

/** The text as given, in as many messages as it needs, each with a marker of its own. */
async function replyPosts(
  { workspace }: ChannelRoom,
  { text, address }: ReturnType<typeof slackReply>,
  key: string,
): Promise<readonly Post[]> {
  const place =
    "dmUser" in address
      ? { channel: await workspace.directChannel(address.dmUser), thread: null }
      : { channel: address.channel, thread: address.thread_ts };
  const marker = `dh:${digest(key).slice(0, 40)}`;
  const sections = sectionBlocks(text, { manner: "linked", sectionsMax: SECTIONS_MAX });
  return messageGroups(sections).map((group, index) => {
    const marked = index === 0 ? marker : `${marker}:${index}`;
    return {
      ...place,
      marker: marked,
      text: escapeMarkup(group.map((section) => section.text?.text ?? "").join("")),
      blocks: group.map((section, at) => (at === 0 ? { ...section, block_id: marked } : section)),
    };
  });
}

/** Sections in groups that fit into one message. */
function messageGroups(
  sections: readonly types.SectionBlock[],
): readonly (readonly types.SectionBlock[])[] {
  const groups: types.SectionBlock[][] = [[]];
  let room = MESSAGE_MAX;
  for (const section of sections) {
    const length = section.text?.text.length ?? 0;
    if (length > room) {
      groups.push([]);
      room = MESSAGE_MAX;
    }
    groups.at(-1)?.push(section);
    room -= length;
  }
  return groups;
}

/** The thread a message is answered in; a message outside of threads would start its own. */
function threadOfMessage({ answerTo, key }: Message): { channel: string; thread: string } | null {
  const address = Address.safeParse(answerTo?.address);
  if (!address.success || !("channel" in address.data)) return null;
  const { channel, thread_ts } = address.data;
  const thread = thread_ts ?? key.split(":").at(-1);
  return thread === undefined ? null : { channel, thread };
}

function slackThread(externalId: string): SlackThread {
  const [team, channel, thread] = z
    .tuple([z.string(), z.string()], z.string())
    .parse(externalId.split(":"));
  return { team, channel, thread: thread ?? null, direct: thread === undefined, ts: null };
}

/** Shown after the app's name, as "Deskhand is looking into it …". */
const WORKING = "is looking into it …";

/** Refusals that concern one channel or thread; any other concerns the whole workspace. */
const OF_ONE_PLACE = new Set(["channel_not_found", "invalid_thread_ts", "not_in_channel"]);

/** The pause after a 429 that names no time. */
const QUIET_MS = 60_000;

/**
 * Sets and clears the status of a thread. Never throws: the answer does not depend on it. Not every workspace and plan
 * supports it, and Slack does not tell in advance: after the first refusal that concerns the whole workspace, this process
 * stops trying. Slack removes the status with the answer, and by itself after two minutes (assistant.threads.setStatus).
 */
function statusIn({ call, log }: SlackRoom) {
  const standing = { refused: false, quietUntil: 0 };
  return async (
    { channel, thread }: NonNullable<ReturnType<typeof threadOfMessage>>,
    isWorking: boolean,
  ): Promise<void> => {
    if (standing.refused || performance.now() < standing.quietUntil) return;
    const status = isWorking ? WORKING : "";
    try {
      const parameters = { channel_id: channel, thread_ts: thread, status };
      await call("quick", "assistant.threads.setStatus", parameters, Done);
    } catch (error) {
      const word = slackWord(error);
      if (error instanceof DeskhandError && error.code === "channel.rate_limited")
        standing.quietUntil = performance.now() + (error.retryAfterMs ?? QUIET_MS);
      else if (word !== null && !OF_ONE_PLACE.has(word)) {
        standing.refused = true;
        log.info("slack does not show here that an answer is being worked on", {
          reason: reasonOf(error),
        });
      }
    }
  };
}
