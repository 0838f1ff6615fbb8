/** Chooses the channel a card is posted in, and attaches the full text of a long one as a file in its thread. */

import { utcDay } from "#core/values/moment.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Alerts } from "#slack/approvals/alerts.ts";
import {
  channelName,
  type Post,
  type Posted,
  postOrProblem,
  type SlackRoom,
} from "#slack/api/post-once.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { Done, type SendTo } from "#slack/api/web-api.ts";
import { UploadAnswer } from "#slack/api/schema.ts";
import { visible } from "#slack/api/text.ts";

/** A card that has to wait longer than this for its turn is retried later, so that it does not hold up other work. */
const CARD_WAIT_MS_MAX = 500;

/** What a card says when it is not in the channel it belongs in. */
export const ELSEWHERE_FLAG =
  "This card could not be posted in the channel it belongs in, so it is in this one";

/**
 * Posts a card in the first channel that takes it: the one it belongs in, else the approvals channel, else the alerts
 * channel. Throws `channel.refused` when none does; only the console then shows the card. Alerts the fallback lead once a
 * day per channel and reason, not per card.
 */
export function cardPoster(parts: SlackRoom, alerts: Alerts) {
  const { workspace, posting, roles } = parts;
  const told = new Set<string>();

  const tell = async (wanted: string, why: string, instead: string | null): Promise<void> => {
    const day = utcDay(parts.clock.now());
    const key = `${day}:${wanted}:${why}`;
    if (told.has(key)) return;
    told.add(key);
    try {
      const text = sentenceFor(await channelName(workspace, wanted), why, instead);
      await alerts.post({ text, people: [parts.fallbackLead()], key: `no cards:${key}` });
    } catch (error) {
      told.delete(key);
      parts.log.warn("no lead could be told that a channel takes no cards", {
        reason: reasonOf(error),
      });
    }
  };

  return async (
    wanted: string,
    make: (place: { readonly channel: string; readonly elsewhere: boolean }) => Post,
  ) => {
    const refused: string[] = [];
    for (const channel of new Set([wanted, roles.approvals, roles.alerts])) {
      const elsewhere = channel !== wanted;
      const tried = await postOrProblem(workspace, channel, () =>
        posting.once(make({ channel, elsewhere }), { waitMsMax: CARD_WAIT_MS_MAX }),
      );
      if ("posted" in tried) {
        const [why] = refused;
        if (why !== undefined) await tell(wanted, why, await channelName(workspace, channel));
        return { ...tried.posted, elsewhere };
      }
      refused.push(tried.why);
    }
    await tell(wanted, refused[0] ?? "", null);
    throw new DeskhandError("channel.refused", `no channel takes the card: ${refused.join("; ")}`);
  };
}

/** Throws `channel.refused` where people from outside can read the channel. */
export async function refuseShared({ workspace }: SlackRoom, channel: string): Promise<void> {
  const { sharedWith, name } = await workspace.channel(channel);
  if (sharedWith !== null)
    throw new DeskhandError("channel.refused", `#${name} is shared with ${sharedWith}`);
}

function sentenceFor(name: string, why: string, instead: string | null): string {
  const where =
    instead === null
      ? "No other channel takes them either: they wait on the console."
      : `They go to ${instead} until that is mended.`;
  return `Cards cannot be posted in ${name}: ${why}. ${where}`;
}

/** How long a card waits for its attachment; after that it is posted without and says so. */
const ATTACH_MAX_MS = 10_000;

/** Ids of the files with a card's full text, of all its versions, in its thread. */
export async function attachedTexts(
  room: SlackRoom,
  place: Posted,
  approvalId: string,
): Promise<readonly string[]> {
  const files = await threadFiles(room, place);
  return files.flatMap(({ id, name }) =>
    id != null && name?.startsWith(`${fileStem(approvalId)}-v`) === true ? [id] : [],
  );
}

async function threadFiles({ posting }: SlackRoom, { channel, ts: thread }: Posted) {
  const { messages } = await posting.read({ channel, thread });
  return messages.flatMap((message) => message.files ?? []);
}

/** What the names of a card's files begin with. */
function fileStem(approvalId: string): string {
  return approvalId.replaceAll(/[^\w-]/g, "_");
}

/**
 * Uploads the full text, through the address that Slack names. True when the text of this version is in the card's thread,
 * new or from before; never throws. Slack offers no idempotency for files either, so a version's file is recognized by its
 * name: it is searched before the upload, and again after a lost answer.
 */
export function attachFullText(room: SlackRoom, send: SendTo) {
  const { call, log } = room;
  const upload = async (place: Posted, card: Card, signal: AbortSignal): Promise<boolean> => {
    // One name per card and version, by which the file is found again.
    const name = `${fileStem(card.approvalId)}-v${card.version}.txt`;
    const isThere = async (): Promise<boolean> =>
      (await threadFiles(room, place)).some((file) => file.name === name);
    if (await isThere()) return true;
    const bytes = new TextEncoder().encode(fullText(card));
    const given = await call(
      "patient",
      "files.getUploadURLExternal",
      { filename: name, length: bytes.length, snippet_type: "text" },
      UploadAnswer,
    );
    await send(given.upload_url, { type: "text/plain; charset=utf-8", body: bytes, signal });
    // Once aborted, another process may handle the card and upload the file again, so stop before completing.
    signal.throwIfAborted();
    const title = `Full text of card ${card.approvalId}, version ${card.version}`;
    const files = [{ id: given.file_id, title }];
    const where = { channel_id: place.channel, thread_ts: place.ts };
    try {
      await call("once", "files.completeUploadExternal", { files, ...where }, Done);
      return true;
    } catch (error) {
      if (!(error instanceof DeskhandError) || error.code !== "channel.uncertain") throw error;
      return isThere();
    }
  };

  return async (place: Posted, card: Card, signal: AbortSignal): Promise<boolean> => {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(ATTACH_MAX_MS)]);
    try {
      return await upload(place, card, inTime);
    } catch (error) {
      log.warn("the full text of a card could not be attached", { reason: reasonOf(error) });
      return false;
    }
  };
}

/**
 * The full text of what the card shows in part. Each line of third-party text gets a leading bar, so that none can be
 * mistaken for a heading of ours.
 */
function fullText({ approvalId, version, requester, asked, draft, translation }: Card): string {
  const parts = [
    ...(draft === null ? [] : [textWithHeading(`Draft to ${draft.to}`, draft.text)]),
    textWithHeading(`${requester.name} wrote`, asked),
    ...(translation === null
      ? []
      : [
          textWithHeading(
            `Translation of what was written, for the team (${translation.into})`,
            translation.asked,
          ),
          textWithHeading(
            `Translation of the draft, never sent (${translation.into})`,
            translation.draft,
          ),
        ]),
  ];
  return [`Card ${approvalId}, version ${version}`, ...parts.filter((words) => words !== "")].join(
    "\n\n",
  );
}

function textWithHeading(heading: string, text: string): string {
  if (text.trim() === "") return "";
  const title = visible(heading).replaceAll(/\s+/g, " ");
  const lines = visible(text).split("\n");
  return [title, ...lines.map((line) => `| ${line}`)].join("\n");
}
