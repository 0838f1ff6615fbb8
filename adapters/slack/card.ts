import type { types } from "@slack/bolt";
import {
  footnoteLines,
  footnotesIn,
  readersLine,
  recordLines,
  timeLine,
  withNumbers,
} from "#core/card-words.ts";
import type { Button, Card } from "#core/desk.ts";
import { fileBlocks, isAboutFiles, smallLines } from "./card-around.ts";
import { ACTION_PREFIX, buttonValue } from "./interaction.ts";
import { clip, escapeMarkup, literal, SECTION_MAX, visible } from "./text.ts";
import { sectionsOf, textObject } from "./words.ts";

/** All blocks of a message together; Slack refuses at about 13,200 characters (measured by users, bolt-js#2509). */
export const CARD_MAX = 13_000;
/** A header block holds 150 characters, a confirm dialog 300, its buttons 30, a button 75 (Block Kit reference). */
const HEADER_MAX = 150;
const CONFIRM_MAX = 300;
const CONFIRM_BUTTON_MAX = 30;
const BUTTON_MAX = 75;
/** A block id holds 255 characters. */
const BLOCK_ID_MAX = 255;

/** How much of the two long texts is shown; the first pair under which the whole card fits is taken. */
const SHARES: readonly { readonly asked: number; readonly draft: number }[] = [
  { asked: 2_850, draft: 8_000 },
  { asked: 1_400, draft: 6_000 },
  { asked: 700, draft: 3_000 },
  { asked: 300, draft: 1_000 },
  { asked: 100, draft: 200 },
];

/** The lists of a card are short by nature; a strange one is cut instead of hiding the buttons. */
const LINES_MAX = 6;
const LINE_MAX = 300;
/** Up to so many lines get a section each; a message holds 50 blocks. */
const SPREAD_MAX = 4;
const SECTIONS_MAX = 10;

type Block = types.KnownBlock;

/** A message of Slack: what notifications show, and what the channel shows. */
interface Rendered {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** The block id that tells this version of this card from everything else in the channel. */
export function cardMarker({ approvalId, version }: Card): string {
  return clip(`ap:${approvalId}:v${version}`, BLOCK_ID_MAX);
}

/**
 * A card as blocks. Words of customers, teammates and models stand in plain text objects, which Slack neither parses
 * nor links, or where markup shows exactly the same characters. The notification text is the headline, which holds no
 * customer's words.
 */
export function renderCard(card: Card): Rendered {
  const text = escapeMarkup(literal(card.headline, LINE_MAX).text);
  if (card.kind === "policy") return { text, blocks: policyCard(card) };
  if (card.state === "closed") return { text, blocks: [closedLine(card), ...edits(card)] };
  const attempts = SHARES.map((share) => openCard(card, share));
  const fitting = attempts.find((blocks) => JSON.stringify(blocks).length <= CARD_MAX);
  return { text, blocks: fitting ?? attempts.at(-1) ?? [] };
}

/** A decided card needs no more than who, what and when. */
function closedLine(card: Card): Block {
  const line = [card.headline, card.closing].filter((part) => part !== "").join(" · ");
  return { type: "section", block_id: cardMarker(card), text: literal(oneLine(line), 800) };
}

/**
 * A change of the policy file: nobody asks for it and nothing is sent, so there are only its lines, each under the
 * heading that stands in the place of a rule. Once decided the lines stay, so that the channel shows what came of what.
 */
function policyCard(card: Card): readonly Block[] {
  const buttons = actionsBlock(card);
  const headings = [...new Set(card.actions.map(({ rule }) => rule))];
  const listed = headings.flatMap((heading) =>
    titled(
      heading,
      card.actions.filter(({ rule }) => rule === heading).map(({ label }) => `• ${label}`),
    ),
  );
  if (buttons === null) return [closedLine(card), ...listed];
  return [
    { type: "header", text: literal(oneLine(card.headline), HEADER_MAX) },
    ...standing(card),
    ...listed,
    buttons,
    note([card.conversationLabel, expiry(card)].filter((part) => part !== "").join(" · ")),
  ];
}

function openCard(card: Card, share: { asked: number; draft: number }): readonly Block[] {
  const buttons = actionsBlock(card);
  const marker = cardMarker(card);
  const header: Block = { type: "header", text: literal(oneLine(card.headline), HEADER_MAX) };
  return [
    buttons === null ? { ...header, block_id: marker } : header,
    ...standing(card),
    ...fileBlocks(card),
    ...titled(
      "Changed since it was posted",
      card.changes.map((change) => `• ${change}`),
    ),
    ...edits(card),
    ...requester(card),
    ...smallLines(recordLines(card.around.records)),
    ...actions(card),
    ...quoted(`${card.requester.name} wrote`, card.asked, "literal", share.asked),
    ...draft(card, share.draft),
    ...(buttons === null ? [] : [buttons]),
    footer(card),
  ];
}

/** What became of the draft in other hands, so that whoever looks learns what was wrong with it. */
function edits(card: Card): readonly Block[] {
  return card.edits.flatMap(({ by, lines: changed }) => titled(`Changed by ${by}`, changed));
}

/** What has to be read before anything else: what is about to happen, how many said yes, what looks odd. */
function standing(card: Card): readonly Block[] {
  return lines([
    ...(card.aside === null
      ? []
      : [`${card.aside.kind === "paused" ? "⏸️" : "🔁"} ${card.aside.text}`]),
    ...(card.state === "undoable" && card.closing !== "" ? [`⏳ ${card.closing}`] : []),
    ...(card.progress === "" ? [] : [`👥 ${card.progress}`]),
    ...card.flags.filter((flag) => !isAboutFiles(flag, card)).map((flag) => `⚠️ ${flag}`),
  ]);
}

function requester(card: Card): readonly Block[] {
  const { name, address, verification, level } = card.requester;
  const mark = level >= 2 ? "✅ Verified" : "❔ Not verified";
  const times = timeLine(card);
  return lines([
    `👤 ${name} · ${address}`,
    `${mark}, level ${level} · ${verification}`,
    ...(times === "" ? [] : [times]),
  ]);
}

function actions(card: Card): readonly Block[] {
  const numbered = card.actions.length > 1;
  const labels = card.actions.map(({ label }, index) =>
    numbered ? `${index + 1}. ${label}` : label,
  );
  const rules = [...new Set(card.actions.map(({ rule }) => oneLine(rule)))]
    .filter((rule) => rule !== "")
    .slice(0, LINES_MAX)
    .map((rule) => clip(rule, LINE_MAX));
  return [
    ...titled(numbered ? "Will do, in this order" : "Will do", labels),
    ...(rules.length === 0 ? [] : [note(`Rule: ${rules.join("; ")}`)]),
  ];
}

/** The draft is what goes out, so it is shown whole as far as Slack allows, and says where the rest is. */
function draft(card: Card, max: number): readonly Block[] {
  const { draft: shown, around } = card;
  if (shown === null) return [];
  const footnotes = footnotesIn(shown.text, around.footnotes);
  const sources = shown.sources
    .slice(0, LINES_MAX)
    .map((source, index) => `[${index + 1}] ${clip(oneLine(source), LINE_MAX)}`);
  const readers = readersLine(around);
  const [divider, heading, ...text] = quoted(
    `Draft to ${shown.to}`,
    withNumbers(shown.text, footnotes),
    "inert",
    max,
  );
  return [
    ...(divider === undefined || heading === undefined ? [] : [divider, heading]),
    ...smallLines(readers === "" ? [] : [readers]),
    ...text,
    ...smallLines(footnoteLines(footnotes)),
    ...(sources.length === 0 || footnotes.length > 0
      ? []
      : [note(`Sources: ${sources.join("  ")}`)]),
  ];
}

/** Somebody's words under a title, in as many sections as they need. */
function quoted(
  heading: string,
  text: string,
  manner: "literal" | "inert",
  max: number,
): readonly Block[] {
  if (text.trim() === "") return [];
  const shown = visible(text);
  return [
    { type: "divider" },
    title(heading),
    ...sectionsOf(clip(shown, max), { manner, sectionsMax: SECTIONS_MAX }),
    ...(shown.length > max ? [note("The full text is in the console.")] : []),
  ];
}

function titled(heading: string, list: readonly string[]): readonly Block[] {
  return list.length === 0 ? [] : [title(heading), ...lines(list)];
}

/** Short remarks, one a line. */
function lines(list: readonly string[]): readonly Block[] {
  if (list.length === 0) return [];
  const shown = list
    .slice(0, LINES_MAX)
    .map((line) => clip(oneLine(visible(line)), LINE_MAX) || "–");
  const more = list.length > LINES_MAX ? ["… more in the console"] : [];
  const together = textObject([...shown, ...more].join("\n"), "inert");
  if (together.type === "mrkdwn" || shown.length > SPREAD_MAX)
    return [{ type: "section", text: together }];
  // Line breaks of a plain text object are not shown everywhere, so that each line gets a section.
  return [...shown, ...more].map((line) => ({ type: "section", text: textObject(line, "inert") }));
}

/** In bold where that is safe: a name with markup in it stays as it is. */
function title(heading: string): Block {
  const words = clip(oneLine(visible(heading)), LINE_MAX);
  const plain = textObject(words, "inert");
  const element = plain.type === "mrkdwn" ? { ...plain, text: `*${words}*` } : plain;
  return { type: "context", elements: [element] };
}

function note(text: string): Block {
  return { type: "context", elements: [literal(text, SECTION_MAX)] };
}

function footer(card: Card): Block {
  const parts = [
    `${card.channel}, ${card.conversationLabel}`,
    card.model === "" ? "" : `drafted by ${card.model}`,
  ];
  const shown = parts.filter((part) => part !== "").map((part) => clip(oneLine(part), LINE_MAX));
  return note(shown.join(" · "));
}

function expiry({ expiresAt }: Card): string {
  return expiresAt === null ? "" : `expires ${expiresAt.slice(0, 16).replace("T", " ")} UTC`;
}

function actionsBlock(card: Card): types.ActionsBlock | null {
  if (card.buttons.length === 0) return null;
  return {
    type: "actions",
    block_id: cardMarker(card),
    elements: card.buttons.map((button) => buttonOf(button, card)),
  };
}

const LABELS: Readonly<Record<Exclude<Button, "approve">, string>> = {
  edit: "Edit",
  reject: "Reject",
  escalate: "Escalate",
  undo: "Undo",
  dismiss: "Dismiss",
};

function buttonOf(button: Button, card: Card): types.Button {
  const label = button === "approve" ? card.approveLabel || "Approve" : LABELS[button];
  return {
    type: "button",
    action_id: `${ACTION_PREFIX}${button}`,
    value: buttonValue(card.approvalId, card.version),
    text: { type: "plain_text", text: clip(label, BUTTON_MAX) },
    ...(button === "approve" ? { style: "primary" as const } : {}),
    ...(button === "reject" ? { style: "danger" as const } : {}),
    ...(button === "approve" && card.confirm !== "" ? { confirm: confirmation(card, label) } : {}),
  };
}

/** Asked before money moves; on a phone a thumb is wider than a button. */
function confirmation(card: Card, label: string): types.ConfirmationDialog {
  return {
    title: { type: "plain_text", text: "Please confirm" },
    text: literal(card.confirm, CONFIRM_MAX),
    confirm: { type: "plain_text", text: clip(label, CONFIRM_BUTTON_MAX) },
    deny: { type: "plain_text", text: "Not yet" },
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
