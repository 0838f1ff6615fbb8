/** Chooses the channel a card is posted in. */

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

/** Ids of the files with a card's full text in its thread, which 0.4.0 put there. */
export async function attachedTexts(
  { posting }: SlackRoom,
  { channel, ts: thread }: Posted,
  approvalId: string,
): Promise<readonly string[]> {
  const { messages } = await posting.read({ channel, thread });
  const stem = `${approvalId.replaceAll(/[^\w-]/g, "_")}-v`;
  return messages
    .flatMap(({ files }) => files ?? [])
    .flatMap(({ id, name }) => (id != null && name?.startsWith(stem) === true ? [id] : []));
}
