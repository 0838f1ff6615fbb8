import { digest } from "#core/canonical.ts";
import { DeskhandError, reasonOf } from "#core/errors.ts";
import type { Clock, Log } from "#core/ports.ts";
import { slackWord } from "./calls.ts";
import type { ChannelRoles } from "./events.ts";
import type { Posted, Post, Posting } from "./posting.ts";
import { escapeMarkup, literal, SECTION_MAX } from "./text.ts";
import type { Workspace } from "./workspace.ts";

/** A card that has to wait longer than this for its turn is tried again later, so that others are not held up by it. */
const CARD_WAIT_MS_MAX = 500;

/** Slack's words for a channel that takes no message of ours, in words for the team. */
const WORDS: Readonly<Record<string, string>> = {
  is_archived: "it is archived",
  not_in_channel: "the app is not in it",
  channel_not_found: "it is not there, or the app is not in it",
  restricted_action: "the app may not write there",
  restricted_action_read_only_channel: "the app may not write there",
};

/** What a card's place has to say when it is not the one it belongs in. */
export const ELSEWHERE_FLAG =
  "This card could not be posted in the channel it belongs in, so it is in this one";

export interface CardPlacesParts {
  readonly workspace: Workspace;
  readonly posting: Posting;
  readonly roles: ChannelRoles;
  /** Who hears of a channel that takes no cards any more, by address or id. */
  readonly fallbackLead: () => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Where cards can stand: the channel they belong in, else the approvals channel, else that of alerts. */
export interface CardPlaces {
  /** Posts where it is taken. Throws `channel.refused` when none of the channels takes it; the console has it then. */
  post(
    wanted: string,
    make: (place: { readonly channel: string; readonly elsewhere: boolean }) => Post,
  ): Promise<Posted & { readonly elsewhere: boolean }>;
  /** Throws `channel.refused` where another company reads along. */
  refuseShared(channel: string): Promise<void>;
}

/** Somebody leads is told once a day of each channel that takes no cards, not of each card. */
export function cardPlaces(parts: CardPlacesParts): CardPlaces {
  const { workspace, posting, roles } = parts;
  const told = new Set<string>();

  const tell = async (wanted: string, why: string, instead: string | null): Promise<void> => {
    const day = parts.clock.now().toISOString().slice(0, 10);
    const key = `${day}:${wanted}:${why}`;
    if (told.has(key)) return;
    told.add(key);
    try {
      await tellLead(parts, key, sentenceFor(await nameOf(workspace, wanted), why, instead));
    } catch (error) {
      told.delete(key);
      parts.log.warn("nobody could be told that a channel takes no cards", {
        reason: reasonOf(error),
      });
    }
  };

  return {
    async post(wanted, make) {
      const refused: string[] = [];
      for (const channel of new Set([wanted, roles.approvals, roles.alerts])) {
        const elsewhere = channel !== wanted;
        const tried = await unlessUnfit(workspace, channel, () =>
          posting.once(make({ channel, elsewhere }), CARD_WAIT_MS_MAX),
        );
        if ("posted" in tried) {
          const [why] = refused;
          if (why !== undefined) await tell(wanted, why, await nameOf(workspace, channel));
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

/** Why a channel takes nothing, or what was posted there. Everything that may pass by itself is thrown. */
async function unlessUnfit(
  workspace: Workspace,
  channel: string,
  post: () => Promise<Posted>,
): Promise<{ readonly posted: Posted } | { readonly why: string }> {
  try {
    const { shared, archived } = await workspace.channel(channel);
    // Customers' words never go where another company reads along.
    if (shared) return { why: "it is shared with another company" };
    if (archived) return { why: WORDS["is_archived"] ?? "" };
    return { posted: await post() };
  } catch (error) {
    const why = WORDS[slackWord(error) ?? ""];
    if (why === undefined) throw error;
    return { why };
  }
}

function sentenceFor(name: string, why: string, instead: string | null): string {
  const where =
    instead === null
      ? "No other channel takes them either: they wait on the console."
      : `They go to ${instead} until that is mended.`;
  return `Cards cannot be posted in ${name}: ${why}. ${where}`;
}

async function nameOf(workspace: Workspace, channel: string): Promise<string> {
  try {
    return `#${(await workspace.channel(channel)).name}`;
  } catch {
    return `the channel ${channel}`;
  }
}

/** In the alerts channel with a mention, or where that is not possible by direct message. */
async function tellLead(
  { workspace, posting, roles, fallbackLead }: CardPlacesParts,
  key: string,
  text: string,
): Promise<void> {
  const name = fallbackLead();
  const lead = name.includes("@")
    ? await workspace.userByEmail(name)
    : await workspace.user(name, "patient");
  const marker = `dh:${digest(["no cards", key]).slice(0, 40)}`;
  const alert = (channel: string, mention: string): Post => ({
    channel,
    thread: null,
    marker,
    text: `${mention}${escapeMarkup(text)}`,
    blocks: [
      ...(mention === ""
        ? []
        : [{ type: "section" as const, text: { type: "mrkdwn" as const, text: mention.trim() } }]),
      { type: "section", block_id: marker, text: literal(text, SECTION_MAX) },
    ],
  });
  const mention = lead === null ? "" : `<@${lead.id}> `;
  const inAlerts = await unlessUnfit(workspace, roles.alerts, () =>
    posting.once(alert(roles.alerts, mention)),
  );
  if ("posted" in inAlerts) return;
  if (lead === null) throw new DeskhandError("channel.refused", `alerts: ${inAlerts.why}`);
  await posting.once(alert(await workspace.directChannel(lead.id), ""));
}
