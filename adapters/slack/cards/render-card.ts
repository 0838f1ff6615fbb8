/**
 * Room: renders cards as Slack blocks; this file renders the whole card.
 * In: a card of the desk, and how much of it fits.
 * Out: blocks and a notification text; the channel that takes the card; the full text as a file.
 * May touch: Slack (only `card-channels.ts` and `full-text-file.ts`).
 */

import type { types } from "@slack/bolt";
import {
  citationLines,
  citationsIn,
  readersLine,
  recordLines,
  timeLine,
  withNumbers,
} from "#core/values/card-text.ts";
import type { Button, Card } from "#core/contracts/approval-desk.ts";
import { fileBlocks, isAboutFiles, contextBlocks } from "./context-blocks.ts";
import { opinionBlocks, shadowBand, shadowHeadline } from "./shadow-band.ts";
import { ACTION_PREFIX, buttonValue, WHY } from "#slack/approvals/parse-interaction.ts";
import {
  noteBlock,
  oneLine,
  quoteBlocks,
  title,
  translationBlocks,
  type FullTextPlace,
  type TextBudget,
} from "./quoted-text.ts";
import { isCut, SHARES, fitBudget } from "./length-budget.ts";
import { clip, escapeMarkup, literal, visible } from "#slack/api/text.ts";
import { textObject } from "#slack/api/mrkdwn.ts";

/** All blocks of a message together; Slack refuses at about 13,200 characters (measured by users, bolt-js#2509). */
export const CARD_MAX = 13_000;
/** A header block holds 150 characters, a confirm dialog 300, its buttons 30, a button 75 (Block Kit reference). */
const HEADER_MAX = 150;
const CONFIRM_MAX = 300;
const CONFIRM_BUTTON_MAX = 30;
const BUTTON_MAX = 75;
/** A block id holds 255 characters. */
const BLOCK_ID_MAX = 255;

/** A card's lists are short by nature; an unusually long one is cut so that the buttons still fit. */
const LINES_MAX = 6;
const LINE_MAX = 300;
/** Up to this many lines get a section each. */
const SPREAD_MAX = 4;
/** A message holds 50 blocks (Block Kit reference). */
const BLOCKS_MAX = 50;

type Block = types.KnownBlock;

/** A Slack message: what notifications show, and what the channel shows. */
interface RenderedCard {
  readonly text: string;
  readonly blocks: readonly Block[];
  /** True when the card shows one of its texts cut. */
  readonly isCut: boolean;
}

/** The block id that identifies this version of this card in the channel. */
export function cardMarker({ approvalId, version }: Card): string {
  return clip(`ap:${approvalId}:v${version}`, BLOCK_ID_MAX);
}

/**
 * A card as blocks. Text of customers, teammates and models goes into plain text objects, which Slack neither parses
 * nor links, or into markup that shows exactly the same characters. The notification text is the headline, which
 * contains no customer's text. `rest` says where the full text is when the card cuts it.
 */
export function renderCard(card: Card, rest: FullTextPlace = "console"): RenderedCard {
  const text = escapeMarkup(literal(shadowHeadline(card), LINE_MAX).text);
  const whole = { text, isCut: false };
  if (card.kind === "policy") return { ...whole, blocks: policyCard(card) };
  if (card.state === "closed") return { ...whole, blocks: closedCard(card) };
  const attempts = SHARES.map((share) => ({
    text,
    isCut: isCut(card, share),
    blocks: openCard(fitBudget(card, share.line), { ...share, rest }),
  }));
  return attempts.find(fits) ?? attempts.at(-1) ?? { ...whole, blocks: closedCard(card) };
}

function fits({ blocks }: RenderedCard): boolean {
  return blocks.length <= BLOCKS_MAX && JSON.stringify(blocks).length <= CARD_MAX;
}

/** One line, and what people changed. */
function closedCard(card: Card): readonly Block[] {
  return [closedLine(card), ...edits(fitBudget(card, LINE_MAX))];
}

/** A decided card needs no more than who, what and when. */
function closedLine(card: Card): Block {
  const line = [card.headline, card.closing].filter((part) => part !== "").join(" · ");
  return { type: "section", block_id: cardMarker(card), text: literal(oneLine(line), 800) };
}

/**
 * A change of the policy file: it has no requester and sends nothing, so the card shows only its lines, each under the
 * heading in the rule's field. The lines stay after the decision, so that the channel shows what was decided.
 */
function policyCard(card: Card): readonly Block[] {
  const buttons = actionsBlock(card);
  const headings = [...new Set(card.actions.map(({ rule }) => rule))];
  const listed = headings.flatMap((heading) =>
    titledList(
      heading,
      card.actions.filter(({ rule }) => rule === heading).map(({ label }) => `• ${label}`),
    ),
  );
  if (buttons === null) return [closedLine(card), ...listed];
  return [
    { type: "header", text: literal(oneLine(card.headline), HEADER_MAX) },
    ...statusBlocks(card),
    ...listed,
    buttons,
    noteBlock([card.conversationLabel, expiry(card)].filter((part) => part !== "").join(" · ")),
  ];
}

function openCard(card: Card, room: TextBudget): readonly Block[] {
  const buttons = actionsBlock(card);
  const marker = cardMarker(card);
  const header: Block = { type: "header", text: literal(oneLine(card.headline), HEADER_MAX) };
  return [
    ...shadowBand(card),
    buttons === null ? { ...header, block_id: marker } : header,
    ...statusBlocks(card),
    ...fileBlocks(card),
    ...titledList(
      "Changed since it was posted",
      card.changes.map((change) => `• ${change}`),
    ),
    ...edits(card),
    ...requester(card),
    ...contextBlocks(recordLines(card.context.records)),
    ...actions(card),
    ...quoteBlocks(`${card.requester.name} wrote`, card.asked, "literal", room.asked, room),
    ...translationBlocks("In", card.translation?.asked, card, room),
    ...draft(card, room),
    ...translationBlocks("The draft in", card.translation?.draft, card, room),
    ...opinionBlocks(card, room),
    ...(buttons === null ? [] : [buttons]),
    ...seldomButtons(card),
    footer(card),
  ];
}

/** What teammates changed in the draft, so that readers learn what was wrong with it. */
function edits(card: Card): readonly Block[] {
  return card.edits.flatMap(({ by, lines: changed }) => titledList(`Changed by ${by}`, changed));
}

/** What has to be read first: what is about to happen, how many have approved, what looks odd. */
function statusBlocks(card: Card): readonly Block[] {
  return lines([
    ...(card.status === null
      ? []
      : [`${card.status.kind === "paused" ? "⏸️" : "🔁"} ${card.status.text}`]),
    ...claimLine(card),
    ...(card.state === "undoable" && card.closing !== "" ? [`⏳ ${card.closing}`] : []),
    ...(card.progress === "" ? [] : [`👥 ${card.progress}`]),
    ...card.flags.filter((flag) => !isAboutFiles(flag, card)).map((flag) => `⚠️ ${flag}`),
  ]);
}

/** Who has claimed the card, so that no other teammate starts on it. */
function claimLine({ claim }: Card): readonly string[] {
  return claim === undefined
    ? []
    : [`🙋 ${claim.name} has this until ${claim.until.slice(11, 16)} UTC`];
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
  const will = card.state === "shadow" ? "Would" : "Will";
  const labels = card.actions.map(({ label }, index) =>
    numbered ? `${index + 1}. ${label}` : label,
  );
  const rules = [...new Set(card.actions.map(({ rule }) => oneLine(rule)))]
    .filter((rule) => rule !== "")
    .slice(0, LINES_MAX)
    .map((rule) => clip(rule, LINE_MAX));
  return [
    ...titledList(numbered ? `${will} do, in this order` : `${will} do`, labels),
    ...(rules.length === 0 ? [] : [noteBlock(`Rule: ${rules.join("; ")}`)]),
  ];
}

/** The draft is what goes out, so it is shown as far as Slack allows, with a remark where the rest is. */
function draft(card: Card, room: TextBudget): readonly Block[] {
  const { draft: shown, context } = card;
  if (shown === null) return [];
  const citations = citationsIn(shown.text, context.citations);
  const sources = shown.sources
    .slice(0, LINES_MAX)
    .map((source, index) => `[${index + 1}] ${clip(oneLine(source), LINE_MAX)}`);
  const readers = readersLine(context);
  const [divider, heading, ...text] = quoteBlocks(
    `${card.state === "shadow" ? "What I would have written" : "Draft"} to ${shown.to}`,
    withNumbers(shown.text, citations),
    "inert",
    room.draft,
    room,
  );
  return [
    ...(divider === undefined || heading === undefined ? [] : [divider, heading]),
    ...contextBlocks(readers === "" ? [] : [readers]),
    ...text,
    ...contextBlocks(citationLines(citations)),
    ...(sources.length === 0 || citations.length > 0
      ? []
      : [noteBlock(`Sources: ${sources.join("  ")}`)]),
  ];
}

function titledList(heading: string, list: readonly string[]): readonly Block[] {
  return list.length === 0 ? [] : [title(heading), ...lines(list)];
}

/** Short remarks, one per line. */
function lines(list: readonly string[]): readonly Block[] {
  if (list.length === 0) return [];
  const shown = list
    .slice(0, LINES_MAX)
    .map((line) => clip(oneLine(visible(line)), LINE_MAX) || "–");
  const more = list.length > LINES_MAX ? ["… more in the console"] : [];
  const together = textObject([...shown, ...more].join("\n"), "inert");
  if (together.type === "mrkdwn" || shown.length > SPREAD_MAX)
    return [{ type: "section", text: together }];
  // Some clients drop line breaks of a plain text object, so each line gets a section.
  return [...shown, ...more].map((line) => ({ type: "section", text: textObject(line, "inert") }));
}

function footer(card: Card): Block {
  const parts = [
    `${card.channel}, ${card.conversationLabel}`,
    card.model === "" ? "" : `drafted by ${card.model}`,
  ];
  const shown = parts.filter((part) => part !== "").map((part) => clip(oneLine(part), LINE_MAX));
  return noteBlock(shown.join(" · "));
}

function expiry({ expiresAt }: Card): string {
  return expiresAt === null ? "" : `expires ${expiresAt.slice(0, 16).replace("T", " ")} UTC`;
}

/** Rarely used buttons go into a second row, so that the decision is easy to reach in the first. */
const SELDOM: ReadonlySet<Button> = new Set(["claim", "release", "redo", "take_over"]);

function actionsBlock(card: Card): types.ActionsBlock | null {
  const buttons = card.buttons.filter((button) => !SELDOM.has(button));
  return buttons.length === 0 ? null : row(card, cardMarker(card), buttons);
}

function seldomButtons(card: Card): readonly types.ActionsBlock[] {
  const buttons = card.buttons.filter((button) => SELDOM.has(button));
  return buttons.length === 0 ? [] : [row(card, `${cardMarker(card)}:beside`, buttons)];
}

function row(card: Card, marker: string, buttons: readonly Button[]): types.ActionsBlock {
  return {
    type: "actions",
    block_id: clip(marker, BLOCK_ID_MAX),
    elements: [
      ...buttons.map((button) => buttonOf(button, card)),
      ...(marker === cardMarker(card) ? whyButton(card) : []),
    ],
  };
}

const LABELS: Readonly<Record<Exclude<Button, "approve">, string>> = {
  edit: "Edit",
  reject: "Reject",
  escalate: "Escalate",
  undo: "Undo",
  dismiss: "Dismiss",
  claim: "Claim",
  release: "Give back",
  redo: "Redo",
  take_over: "Take over",
  thumbs_up: "👍 I would send it",
  thumbs_down: "👎 I would not",
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

/**
 * Shown on every pending and shadow card except policy cards; it decides nothing, so it is not among the card's
 * buttons. An undoable card leaves no time to read, so it has none.
 */
function whyButton({ approvalId, version, state, kind }: Card): types.Button[] {
  if ((state !== "pending" && state !== "shadow") || kind === "policy") return [];
  const value = buttonValue(approvalId, version);
  return [{ type: "button", action_id: WHY, value, text: { type: "plain_text", text: "Why?" } }];
}

/** Asks before money moves; on a phone it is easy to press the wrong button. */
function confirmation(card: Card, label: string): types.ConfirmationDialog {
  return {
    title: { type: "plain_text", text: "Please confirm" },
    text: literal(card.confirm, CONFIRM_MAX),
    confirm: { type: "plain_text", text: clip(label, CONFIRM_BUTTON_MAX) },
    deny: { type: "plain_text", text: "Not yet" },
  };
}
