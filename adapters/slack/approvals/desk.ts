/**
 * Room: the team's desk in Slack, with cards, buttons, forms, alerts and reports. This file is the desk itself, with the weekly report.
 * In: cards, alerts and reports to show; clicks, forms and slash commands of people.
 * Out: Slack messages and views; decisions with the proven person, passed to the desk handler.
 * May touch: Slack, through `adapters/slack/api`.
 */

import type { Action } from "#core/values/action.ts";
import { plainFlag, type ApprovalDesk, type Card } from "#core/contracts/approval-desk.ts";
import { DeskhandError, readAs } from "#core/values/errors.ts";
import { literally } from "#core/values/words.ts";
import { slackAlerts } from "./alerts.ts";
import type { SlackApp } from "#slack/transport/slack-app.ts";
import { Done, slackWord, type Respond } from "#slack/api/web-api.ts";
import { renderCard, cardMarker, versionMarkers } from "#slack/cards/render-card.ts";
import {
  attachedTexts,
  cardPoster,
  ELSEWHERE_FLAG,
  refuseShared,
} from "#slack/cards/card-channels.ts";
import { interactionHandlers } from "./interaction-handlers.ts";
import type { Posted, Post, SlackRoom } from "#slack/api/post-once.ts";
import { AlertArguments } from "#slack/api/schema.ts";
import { ReportArguments, type ReportTables } from "#core/values/alert.ts";
import type { types } from "@slack/bolt";
import { digest } from "#core/values/canonical-json.ts";
import { clip, escapeMarkup, literal, SECTION_MAX, note as remark } from "#slack/api/text.ts";
import { isOwnMember, currentGroups } from "#slack/api/workspace.ts";

/** A card update that has to wait longer than this for its turn is made later. */
const UPDATE_WAIT_MS_MAX = 500;

interface DeskWays {
  readonly app: SlackApp;
  /** Answers at the address a command came with. */
  readonly respond: Respond;
}

/**
 * Cards go to the approvals channel or the one they name, alerts to their own. The database rows are authoritative;
 * Slack only shows them.
 */
export function slackDesk(parts: SlackRoom, { app, respond }: DeskWays): ApprovalDesk {
  const { posting, roles } = parts;
  const alerts = slackAlerts(parts);
  const postCard = cardPoster(parts, alerts);

  return {
    name: "desk",
    supports: ["alert", "digest"],

    async post(card, _key, signal) {
      signal.throwIfAborted();
      const wanted = parts.places.get(card.deskChannel ?? "") ?? roles.approvals;
      const posted = await postCard(wanted, ({ channel, elsewhere }) => {
        const { text, blocks } = renderCard(cardOnDesk(card, parts.places, elsewhere));
        const marks = { marker: cardMarker(card), versions: versionMarkers(card) };
        return { channel, thread: null, ...marks, text, blocks };
      });
      return `${postReference(posted)}${posted.elsewhere ? ELSEWHERE : ""}`;
    },

    async update(ref, card, signal) {
      signal.throwIfAborted();
      const { elsewhere, ...place } = postLocation(ref);
      // A closed card shows only one line; until then it contains the customer's text.
      if (card.state !== "closed") await emptyWhereShared(parts, place, card);
      await updateCard(parts, place, renderCard(cardOnDesk(card, parts.places, elsewhere)));
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
      return isAlert ? posting.reserve({ channel: roles.alerts, marker: key }) : 0;
    },

    async commit(action, key, signal, isFirst) {
      signal.throwIfAborted();
      const posted =
        action.operation === "digest"
          ? await posting.once(await reportPost(parts, action, key), { isFirst })
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

    start: (handler) => app.openClicks(interactionHandlers({ ...parts, handler, respond })),
    stop: () => app.closeClicks(),
  };
}

/** Suffix of a ref: the card is not in the channel it belongs in. */
const ELSEWHERE = ":elsewhere";

function postLocation(ref: string) {
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

async function updateCard(
  { call, posting }: SlackRoom,
  { channel, ts }: Posted,
  { text, blocks }: ReturnType<typeof renderCard>,
): Promise<void> {
  // Always both: an update with text alone removes the blocks (chat.update reference).
  await posting
    .update(`${channel}:${ts}`, UPDATE_WAIT_MS_MAX, () =>
      call("patient", "chat.update", { channel, ts, text, blocks }, Done),
    )
    .catch(unlessGone);
}

/** Throws on what Slack refused: as `channel.refused` only where the card is gone. */
function unlessGone(error: unknown): never {
  const isRefused = error instanceof DeskhandError && error.code === "channel.refused";
  if (!isRefused || GONE.has(slackWord(error) ?? "")) throw error;
  throw new DeskhandError("channel.unsupported", error.message, { cause: error.cause });
}

/** With these words a card is gone, or out of this app's reach. Whatever else Slack refuses, the card is still there. */
const GONE = new Set([
  "message_not_found",
  "channel_not_found",
  "is_archived",
  "not_in_channel",
  "cant_update_message",
  "edit_window_closed",
]);

/**
 * Takes the customer's words out of a card that people from outside can read by now, with the files in its thread, and
 * throws `channel.refused`. Where Slack does not say who reads along, the card stays as it is.
 */
async function emptyWhereShared(parts: SlackRoom, place: Posted, card: Card): Promise<void> {
  const { sharedWith } = await parts.workspace.channel(place.channel).catch(unlessGone);
  if (sharedWith === null) return;
  const text =
    "This channel is shared with people from outside, so this card is elsewhere now: the console has it.";
  await updateCard(parts, place, { text, blocks: [remark(text)] });
  for (const file of await attachedTexts(parts, place, card.approvalId))
    await parts.call("patient", "files.delete", { file }, Done);
  throw new DeskhandError("channel.refused", `the card's channel is shared with ${sharedWith}`);
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

/** A header holds 150 characters, a message 50 blocks (Block Kit reference). */
const HEADER_MAX = 150;

const BLOCKS_MAX = 50;

type Block = types.KnownBlock;

/** The arguments of a report action; `channel.refused` for anything else. */
function reportArguments(action: Action): ReportArguments {
  return readAs(ReportArguments, action.arguments, "channel.refused", "no figures to tell");
}

/** The report as a message: headings and short lines, which a phone shows uncut. */
export function renderReport(
  { summary, title, note, sections }: ReportTables,
  marker: string,
): Pick<Post, "text" | "blocks"> {
  const blocks: Block[] = [
    { type: "header", block_id: marker, text: literal(title, HEADER_MAX) },
    ...(note === "" ? [] : [remark(note)]),
    ...sections.map(({ heading, lines }) => figures(heading, lines)),
  ];
  return { text: escapeMarkup(clip(summary, 300)), blocks: blocks.slice(0, BLOCKS_MAX) };
}

/** Our own text and numbers; a topic's name comes from a model, so nothing in it may act as markup. */
function figures(heading: string, lines: readonly string[]): Block {
  const text = [
    `*${withoutFormatting(heading)}*`,
    ...lines.map((line) => boldFigures(withoutFormatting(line))),
  ].join("\n");
  return {
    type: "section",
    text: { type: "mrkdwn", text: clip(text, SECTION_MAX), verbatim: true },
  };
}

/** Replaces the characters of bold, strike-through, code and emphasis with look-alikes, and drops @ and #. */
function withoutFormatting(words: string): string {
  return escapeMarkup(
    words
      .replaceAll("*", "∗")
      .replaceAll("_", " ")
      .replaceAll("~", "∼")
      .replaceAll("`", "'")
      .replaceAll(/[@#]/g, ""),
  );
}

/** A number, or "none", with its unit, after an arrow. */
const NOW = /→ ((?:\d[\d.]*|none)(?: of \d+| [A-Z]{3}\b| (?:s|min|h|d)\b(?: \d+ (?:min|h)\b)?)?)/g;

/** Sets the current figure in bold; the previous one stays plain. */
function boldFigures(line: string): string {
  // A unit stays on the line of its number.
  return line.replaceAll(NOW, (_, now: string) => `→ *${now.replaceAll(" ", "\u00a0")}*`);
}

/** Notes in the report that its configured channel is missing here. */
function withMissingChannel(
  to: ReportArguments["to"],
  tables: ReportTables,
  places: ReadonlyMap<string, string>,
): ReportTables {
  if (to.kind === "person" || to.name === null || places.has(to.name)) return tables;
  const lost = `There is no place “${to.name}” here, so this is in the usual one`;
  return { ...tables, note: tables.note === "" ? lost : `${tables.note} · ${lost}` };
}

/**
 * Where a report is posted, one person's direct message or a channel, and the marker that finds it there. Throws
 * `channel.refused` for a person not in Slack.
 */
async function reportChannel(
  { workspace, roles, places }: SlackRoom,
  action: Action,
  key: string,
): Promise<Pick<Post, "channel" | "thread" | "marker">> {
  const { to } = reportArguments(action);
  const found = { thread: null, marker: `dg:${digest(key).slice(0, 40)}` };
  if (to.kind === "place") return { ...found, channel: places.get(to.name ?? "") ?? roles.alerts };
  const user = await workspace.named(to.name);
  if (user === null || !isOwnMember(user, await workspace.self()))
    throw new DeskhandError("channel.refused", "a lead to be told the figures is not in Slack");
  return { ...found, channel: await workspace.directChannel(user.id) };
}

/** The report as a message; never in a channel that another company can read. */
async function reportPost(parts: SlackRoom, action: Action, key: string): Promise<Post> {
  const place = await reportChannel(parts, action, key);
  const { to, sheet } = reportArguments(action);
  if (to.kind === "place") await refuseShared(parts, place.channel);
  return { ...place, ...renderReport(withMissingChannel(to, sheet, parts.places), place.marker) };
}
