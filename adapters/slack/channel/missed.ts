/**
 * Questions that customers asked while no process listened. Slack tries an event three times within six minutes (Events API,
 * "Retries") and sends none to an app without an open socket, so they are read back where they were asked.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { type Cursors, cursorsUnder, type DutyLease } from "#core/contracts/ports.ts";
import { type EventCallback, Id, type PostedMessage } from "#slack/api/schema.ts";
import { compareTimestamps, type SlackRoom } from "#slack/api/post-once.ts";
import { mentionedUsers } from "#slack/api/text.ts";
import { Paged, pagedAnswers, slackWord } from "#slack/api/web-api.ts";
import type { Self } from "#slack/api/workspace.ts";
import type { Listening } from "#slack/transport/slack-app.ts";

/** The cursor that says until when a process listened, in seconds. */
const HEARD = "slack:heard";

/** How often that is written down. */
const HEARD_MS = 60_000;

/** Slack's clock is not ours, and what it sent last may not have been taken in: known messages are no news. Seconds. */
const OVERLAP_S = 180;

/** Answers in a thread that began longer before are not looked for. Seconds. */
const THREADS_S = 86_400;

const AGAIN_MS = 30_000;
const PAGES_MAX = 10;

/** `users.conversations`: where we are a member, and with whom we have a direct message channel. */
const Places = Paged.extend({
  channels: z.array(
    z.object({
      id: Id,
      is_im: z.boolean().nullish(),
      /** With another company or another workspace: which team an event from there names is not told here. */
      is_shared: z.boolean().nullish(),
    }),
  ),
});
type Place = z.infer<typeof Places>["channels"][number];

/** What reading them needs. */
interface MissedRoom extends SlackRoom {
  readonly cursors: Cursors;
}

/** Reads what was missed whenever payloads begin to arrive, then notes as long as they do that they are heard. */
export function missedQuestions(
  room: MissedRoom,
  take: (event: EventCallback, lease: DutyLease | null) => Promise<void>,
): Listening {
  return (lease) => {
    const stopping = new AbortController();
    const cursors = cursorsUnder(lease, room.cursors);
    void stayHeard({ ...room, cursors }, (event) => take(event, lease), stopping.signal);
    return () => stopping.abort();
  };
}

/**
 * Never throws. What could not be read is tried again, when Slack says so, and until all is read nothing is noted. What
 * was read is not read again, or a process that is in more places than Slack shows in a minute would never be done.
 */
async function stayHeard(
  room: MissedRoom,
  take: (event: EventCallback) => Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  let left: Unread[] | null = null;
  while (!stopping.aborted) {
    let waitMs = HEARD_MS;
    try {
      const now = room.clock.now().getTime() / 1_000;
      left ??= await whatWasMissed(room);
      await takeMissed(room, left, take, stopping);
      stopping.throwIfAborted();
      await room.cursors.write(HEARD, now.toFixed(6));
    } catch (error) {
      if (stopping.aborted) return;
      room.log.warn("slack was not asked for what was missed", { reason: reasonOf(error) });
      waitMs = (error instanceof DeskhandError && error.retryAfterMs) || AGAIN_MS;
    }
    await delay(waitMs, undefined, { signal: stopping, ref: false }).catch(() => {});
  }
}

/** A channel, or one thread of it, and since when. */
interface Unread {
  readonly place: Place;
  readonly thread: string | null;
  readonly since: string;
}

/** Before the first note nothing was missed: older messages are from before the installation. */
async function whatWasMissed(room: MissedRoom): Promise<Unread[]> {
  const heard = await room.cursors.read(HEARD);
  if (heard === null) return [];
  const since = (Number(heard) - OVERLAP_S).toFixed(6);
  const ours = (await ownPlaces(room)).filter(({ is_shared }) => is_shared !== true);
  return ours.map((place) => ({ place, thread: null, since }));
}

/** Takes what is read off the list; a channel leaves its threads there. */
async function takeMissed(
  room: MissedRoom,
  left: Unread[],
  take: (event: EventCallback) => Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  for (let next = left[0]; next !== undefined; next = left[0]) {
    const { place, thread, since } = next;
    const isLater = (ts: string | null | undefined): boolean =>
      ts != null && compareTimestamps(ts, since) > 0;
    const said = await messagesOf(room, next);
    const self = await room.workspace.self();
    for (const one of said.filter(({ ts }) => isLater(ts) && ts !== thread)) {
      stopping.throwIfAborted();
      const event = eventOf(room, self, place, one);
      if (event !== null) await take(event);
    }
    const answered =
      thread === null ? said.filter(({ latest_reply }) => isLater(latest_reply)) : [];
    left.splice(0, 1, ...answered.map(({ ts }) => ({ ...next, thread: ts })));
  }
}

/** An app that customers do not ask may have been given no right to list its places: nothing is asked there. */
async function ownPlaces({ call }: SlackRoom): Promise<readonly Place[]> {
  const asked = { types: "public_channel,private_channel,im", exclude_archived: true, limit: 200 };
  try {
    const { pages } = await pagedAnswers(call, "users.conversations", asked, Places, PAGES_MAX);
    return pages.flatMap(({ channels }) => channels);
  } catch (error) {
    if (slackWord(error) === "missing_scope") return [];
    throw error;
  }
}

/** What was written there since then, and in a channel of the day before as well; nothing where Slack refuses this alone. */
async function messagesOf(
  { posting, log }: SlackRoom,
  { place: { id: channel }, thread, since }: Unread,
): Promise<readonly PostedMessage[]> {
  const oldest = thread === null ? (Number(since) - THREADS_S).toFixed(6) : since;
  try {
    const { messages, complete } = await posting.read({ channel, thread, oldest });
    if (!complete) log.warn("slack has more messages than were read back", { channel, since });
    return messages;
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    log.warn("slack does not show a channel that we are in", { channel, reason: reasonOf(error) });
    return [];
  }
}

/** The event Slack sent, or would have sent, of this message; null where people talk among themselves. */
function eventOf(
  { roles }: SlackRoom,
  { teamId, userId }: Self,
  { id: channel, is_im }: Place,
  said: PostedMessage,
): EventCallback | null {
  const isMention = mentionedUsers(said.text ?? "").includes(userId);
  const isHere = is_im === true || roles.help.includes(channel);
  if (!isHere && !isMention) return null;
  const type = isHere ? "message" : "app_mention";
  return {
    type: "event_callback",
    team_id: teamId,
    authorizations: [{ user_id: userId }],
    event: { ...said, type, channel, channel_type: is_im === true ? "im" : "channel" },
  };
}
