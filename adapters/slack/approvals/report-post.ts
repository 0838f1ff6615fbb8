/** Posts the weekly report to Slack. */

import { ReportArguments, type ReportTables } from "#core/values/alert.ts";
import type { types } from "@slack/bolt";
import type { Action } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError, readAs } from "#core/values/errors.ts";
import type { CardChannels } from "#slack/cards/card-channels.ts";
import type { ChannelRoles } from "#slack/channel/parse-events.ts";
import type { Post } from "#slack/api/post-once.ts";
import { oneLine } from "#core/values/words.ts";
import { clip, escapeMarkup, literal, SECTION_MAX, visible } from "#slack/api/text.ts";
import { note as remark, section } from "#slack/api/blocks.ts";
import { isOwnMember, type Workspace } from "#slack/api/workspace.ts";

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
    ...sections.flatMap(({ heading, lines, quoted }) => [
      figures(heading, lines),
      ...quoted.map(quoteBlock),
    ]),
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

/** Text of customers or of a model. */
function quoteBlock(words: string): Block {
  return section(`“${oneLine(visible(words))}”`);
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

/** What posting a report needs. */
interface DigestParts {
  readonly workspace: Workspace;
  readonly roles: ChannelRoles;
  readonly places: ReadonlyMap<string, string>;
}

/**
 * Where a report is posted, one person's direct message or a channel, and the marker that finds it there. Throws
 * `channel.refused` for a person not in Slack.
 */
export async function reportChannel(
  { workspace, roles, places }: DigestParts,
  action: Action,
  key: string,
): Promise<Pick<Post, "channel" | "thread" | "marker">> {
  const { to } = reportArguments(action);
  const found = { thread: null, marker: `dg:${digest(key).slice(0, 40)}` };
  if (to.kind === "place") return { ...found, channel: places.get(to.name ?? "") ?? roles.alerts };
  const user = await workspace.named(to.name);
  if (user === null || !isOwnMember(user, await workspace.homeTeam()))
    throw new DeskhandError("channel.refused", "a lead to be told the figures is not in Slack");
  return { ...found, channel: await workspace.directChannel(user.id) };
}

/** The report as a message; never in a channel that another company can read. */
export async function reportPost(
  parts: DigestParts & { readonly cards: CardChannels },
  action: Action,
  key: string,
): Promise<Post> {
  const place = await reportChannel(parts, action, key);
  const { to, sheet } = reportArguments(action);
  if (to.kind === "place") await parts.cards.refuseShared(place.channel);
  return { ...place, ...renderReport(withMissingChannel(to, sheet, parts.places), place.marker) };
}
