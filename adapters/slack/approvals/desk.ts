/**
 * Room: the team's desk in Slack, with cards, buttons, forms, alerts and reports. This file is the desk itself.
 * In: cards, alerts and reports to show; clicks, forms and slash commands of people.
 * Out: Slack messages and views; decisions with the proven person, passed to the desk handler.
 * May touch: Slack, through `adapters/slack/api`.
 */

import type { Action } from "#core/values/action.ts";
import { plainFlag, type ApprovalDesk, type Card } from "#core/contracts/approval-desk.ts";
import { DeskhandError, readAs, reasonOf } from "#core/values/errors.ts";
import { literally } from "#core/values/words.ts";
import { slackAlerts } from "./alerts.ts";
import type { SlackApp } from "#slack/transport/slack-app.ts";
import { Done, type Call, type SendTo } from "#slack/api/web-api.ts";
import { cardMarker } from "#slack/cards/card-buttons.ts";
import { renderCard } from "#slack/cards/render-card.ts";
import {
  cardChannels,
  ELSEWHERE_FLAG,
  type CardChannelsParts,
} from "#slack/cards/card-channels.ts";
import { interactionHandlers } from "./interaction-handlers.ts";
import { reportChannel, reportPost } from "./report-post.ts";
import type { Pacing } from "#slack/api/rate-limit.ts";
import type { Posted } from "#slack/api/post-once.ts";
import { AlertArguments } from "#slack/api/schema.ts";
import type { AttachText } from "#slack/cards/full-text-file.ts";
import { currentGroups } from "./teammates.ts";

/** A card update that has to wait longer than this for its turn is made later. */
const UPDATE_WAIT_MS_MAX = 500;

export interface SlackDeskParts extends Omit<CardChannelsParts, "alerts"> {
  readonly app: SlackApp;
  readonly call: Call;
  readonly pacing: Pacing;
  readonly attach: AttachText;
  /** Channel ids by the names the policy uses; a card with any other name goes to the approvals channel. */
  readonly places: ReadonlyMap<string, string>;
  /** Answers at the address a command came with. */
  readonly respond: SendTo;
}

/**
 * Cards go to the approvals channel or the one they name, alerts to their own. The database rows are authoritative;
 * Slack only shows them.
 */
export function slackDesk(parts: SlackDeskParts): ApprovalDesk {
  const { app, attach, posting, roles } = parts;
  const alerts = slackAlerts({ ...parts, channel: roles.alerts });
  const cards = cardChannels({ ...parts, alerts });

  return {
    name: "desk",
    supports: ["alert", "digest"],
    findIsReliable: false,

    async post(card, _key, signal) {
      signal.throwIfAborted();
      const wanted = parts.places.get(card.deskChannel ?? "") ?? roles.approvals;
      const posted = await cards.post(wanted, ({ channel, elsewhere }) => {
        const { text, blocks } = renderCard(cardOnDesk(card, parts.places, elsewhere));
        return { channel, thread: null, marker: cardMarker(card), text, blocks };
      });
      const shown = cardOnDesk(card, parts.places, posted.elsewhere);
      if (renderCard(shown).isCut && (await attach(posted, card, signal)))
        await showAttachment(parts, posted, shown);
      return `${postReference(posted)}${posted.elsewhere ? ELSEWHERE : ""}`;
    },

    async update(ref, card, signal) {
      signal.throwIfAborted();
      const { elsewhere, ...place } = postLocation(ref);
      // A decided card shows only one line; until then it contains the customer's text.
      if (card.state === "pending") await cards.refuseShared(place.channel);
      const shown = cardOnDesk(card, parts.places, elsewhere);
      const attached = renderCard(shown).isCut && (await attach(place, card, signal));
      await updateCard(parts, place, renderCard(shown, attached ? "thread" : "console"));
    },

    async notify(text, people, key, signal) {
      signal.throwIfAborted();
      await alerts.post({ text, people: [...people], key });
    },

    async groupsOf(deskId, signal) {
      signal.throwIfAborted();
      return currentGroups(deskId, parts.workspace);
    },

    async reserve(action, key) {
      const isAlert = action.operation === "alert";
      return isAlert ? parts.pacing.reserve({ channel: roles.alerts, marker: key }) : 0;
    },

    async commit(action, key, signal, isFirst) {
      signal.throwIfAborted();
      const posted =
        action.operation === "digest"
          ? await posting.once(await reportPost({ ...parts, cards }, action, key), { isFirst })
          : await alerts.post({ ...alertArguments(action), key }, isFirst);
      return { ref: postReference(posted), conversationKeys: [] };
    },

    async find(action, key, signal) {
      signal.throwIfAborted();
      const isDigest = action.operation === "digest";
      if (!isDigest) alertArguments(action);
      const { posted, complete } = await (isDigest
        ? posting.find(await reportChannel(parts, action, key))
        : alerts.find(key));
      if (posted !== null)
        return { state: "done", committed: { ref: postReference(posted), conversationKeys: [] } };
      return complete
        ? { state: "absent" }
        : { state: "unknowable", reason: "the channel is too long to be read back whole" };
    },

    start: (handler) => app.openClicks(interactionHandlers({ ...parts, handler })),
    stop: () => app.closeClicks(),
  };
}

/** Suffix of a ref: the card is not in the channel it belongs in. */
const ELSEWHERE = ":elsewhere";

function postLocation(ref: string): {
  readonly channel: string;
  readonly ts: string;
  readonly elsewhere: boolean;
} {
  const [channel = "", ts = ""] = ref.split(":");
  return { channel, ts, elsewhere: ref.endsWith(ELSEWHERE) };
}

/** The card with this desk's remarks: marked passages of the draft, and a missing or replaced channel. */
function cardOnDesk(card: Card, places: ReadonlyMap<string, string>, elsewhere: boolean): Card {
  const { draft, deskChannel, flags } = card;
  const lost = deskChannel !== null && !places.has(deskChannel);
  return {
    ...card,
    draft: draft === null ? null : { ...draft, text: withMarks(draft.text, draft.marks) },
    flags: [
      ...flags,
      ...(lost
        ? [plainFlag(`There is no place “${deskChannel}” here, so this card is in the usual one`)]
        : []),
      ...(elsewhere ? [plainFlag(ELSEWHERE_FLAG)] : []),
    ],
  };
}

/** Slack shows bold only where markup is parsed, but a draft is shown literally: marked text gets guillemets. */
function withMarks(text: string, marks: readonly string[]): string {
  const words = marks.filter((mark) => mark !== "");
  if (words.length === 0) return text;
  // Where two marks fit, the longer one counts.
  const longestFirst = words.toSorted((one, other) => other.length - one.length);
  const pattern = new RegExp(longestFirst.map(wholeWordPattern).join("|"), "gu");
  return text.replaceAll(pattern, (found) => `«${found}»`);
}

/** Matches whole words and numbers only: “5.00” is no part of 15.00. */
function wholeWordPattern(mark: string): string {
  const before = /^[\p{L}\p{N}]/u.test(mark) ? "(?<![\\p{L}\\p{N}])" : "";
  const after = /[\p{L}\p{N}]$/u.test(mark) ? "(?![\\p{L}\\p{N}])" : "";
  return `${before}${literally(mark)}${after}`;
}

/** The card is posted and its text attached; if this update fails, the card keeps naming the console. */
async function showAttachment(parts: SlackDeskParts, place: Posted, card: Card): Promise<void> {
  try {
    await updateCard(parts, place, renderCard(card, "thread"));
  } catch (error) {
    parts.log.warn("a card could not be told of its attachment", { reason: reasonOf(error) });
  }
}

async function updateCard(
  { call, pacing }: SlackDeskParts,
  { channel, ts }: Posted,
  { text, blocks }: ReturnType<typeof renderCard>,
): Promise<void> {
  // Always both: an update with text alone removes the blocks (chat.update reference).
  await pacing.update(`${channel}:${ts}`, UPDATE_WAIT_MS_MAX, () =>
    call("patient", "chat.update", { channel, ts, text, blocks }, Done),
  );
}

function postReference({ channel, ts }: Posted): string {
  return `${channel}:${ts}`;
}

/** The arguments of an alert; throws for any other operation. */
function alertArguments(action: Pick<Action, "operation" | "arguments">): AlertArguments {
  if (action.operation !== "alert")
    throw new DeskhandError("channel.unsupported", `the desk has no operation ${action.operation}`);
  return readAs(AlertArguments, action.arguments, "channel.refused", "not an alert");
}
