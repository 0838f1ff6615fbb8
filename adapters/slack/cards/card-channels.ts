/** Chooses the channel a card is posted in. */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import type { Alerts } from "#slack/approvals/alerts.ts";
import type { ChannelRoles } from "#slack/channel/parse-events.ts";
import {
  channelName,
  type Post,
  type Posted,
  type Posting,
  postOrProblem,
} from "#slack/api/post-once.ts";
import type { Workspace } from "#slack/api/workspace.ts";

/** A card that has to wait longer than this for its turn is retried later, so that it does not hold up other work. */
const CARD_WAIT_MS_MAX = 500;

/** What a card says when it is not in the channel it belongs in. */
export const ELSEWHERE_FLAG =
  "This card could not be posted in the channel it belongs in, so it is in this one";

export interface CardChannelsParts {
  readonly workspace: Workspace;
  readonly posting: Posting;
  readonly alerts: Pick<Alerts, "post">;
  readonly roles: ChannelRoles;
  /** The person told about a channel that takes no cards any more, by address or id. */
  readonly fallbackLead: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The channels for a card: the one it belongs in, else the approvals channel, else the alerts channel. */
export interface CardChannels {
  /**
   * Posts in the first channel that takes it. Throws `channel.refused` when none does; only the console then shows the
   * card.
   */
  post(
    wanted: string,
    make: (place: { readonly channel: string; readonly elsewhere: boolean }) => Post,
  ): Promise<Posted & { readonly elsewhere: boolean }>;
  /** Throws `channel.refused` where another company can read the channel. */
  refuseShared(channel: string): Promise<void>;
}

/** Alerts the fallback lead once a day per channel and reason, not per card. */
export function cardChannels(parts: CardChannelsParts): CardChannels {
  const { workspace, posting, roles } = parts;
  const told = new Set<string>();

  const tell = async (wanted: string, why: string, instead: string | null): Promise<void> => {
    const day = parts.clock.now().toISOString().slice(0, 10);
    const key = `${day}:${wanted}:${why}`;
    if (told.has(key)) return;
    told.add(key);
    try {
      const text = sentenceFor(await channelName(workspace, wanted), why, instead);
      await parts.alerts.post({ text, people: [parts.fallbackLead()], key: `no cards:${key}` });
    } catch (error) {
      told.delete(key);
      parts.log.warn("no lead could be told that a channel takes no cards", {
        reason: reasonOf(error),
      });
    }
  };

  return {
    async post(wanted, make) {
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
      throw new DeskhandError(
        "channel.refused",
        `no channel takes the card: ${refused.join("; ")}`,
      );
    },
    async refuseShared(channel) {
      const { shared, name } = await workspace.channel(channel);
      if (shared)
        throw new DeskhandError("channel.refused", `#${name} is shared with another workspace`);
    },
  };
}

function sentenceFor(name: string, why: string, instead: string | null): string {
  const where =
    instead === null
      ? "No other channel takes them either: they wait on the console."
      : `They go to ${instead} until that is mended.`;
  return `Cards cannot be posted in ${name}: ${why}. ${where}`;
}
