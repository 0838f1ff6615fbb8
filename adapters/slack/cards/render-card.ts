/**
 * Room: renders cards as Slack blocks; this file renders the whole card.
 * In: a card of the desk, and how much of it fits.
 * Out: blocks and a notification text; the channel that takes the card; the full text as a file.
 * May touch: Slack (only `card-channels.ts` and `full-text-file.ts`).
 */

import type { types } from "@slack/bolt";
import {
  citationLines,
  procedureLine,
  citationsIn,
  claimLine,
  conflictLines,
  limitLines,
  orderLines,
  readersLine,
  recordLines,
  senderText,
  expiryText,
  urgencyText,
  waitText,
  withNumbers,
} from "#core/values/card-text.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { buttonRow, cardMarker } from "./card-buttons.ts";
import { fileBlocks, contextBlocks } from "./context-blocks.ts";
import { notificationText, opinionBlocks, shadowBand } from "./shadow-band.ts";
import {
  noteBlock,
  quoteBlocks,
  title,
  translationBlocks,
  type FullTextPlace,
  type TextBudget,
} from "./quoted-text.ts";
import { isCut, SHARES, fitBudget } from "./length-budget.ts";
import { clip, escapeMarkup, literal, visible } from "#slack/api/text.ts";
import { textObject } from "#slack/api/mrkdwn.ts";
import { oneLine } from "#core/values/words.ts";

/** All blocks of a message together; Slack refuses at about 13,200 characters (measured by users, bolt-js#2509). */
export const CARD_MAX = 13_000;
/** A header block holds 150 characters (Block Kit reference). */
const HEADER_MAX = 150;

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

/**
 * A card as blocks. Text of customers, teammates and models goes into plain text objects, which Slack neither parses
 * nor links, or into markup that shows exactly the same characters. The notification text is the headline, or the line
 * that stands for it where names are kept out of notifications; neither contains a message's text. `rest` says where
 * the full text is when the card cuts it.
 */
export function renderCard(card: Card, rest: FullTextPlace = "console"): RenderedCard {
  const text = escapeMarkup(literal(notificationText(card), LINE_MAX).text);
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
  const buttons = buttonRow(card);
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
    noteBlock([card.conversationLabel, expiryText(card)].filter((part) => part !== "").join(" · ")),
  ];
}

/** In the order it is read: what and for whom, what looks odd, the facts, the words, the draft, the decision. */
function openCard(card: Card, room: TextBudget): readonly Block[] {
  const buttons = buttonRow(card);
  const header: Block = { type: "header", text: literal(oneLine(card.headline), HEADER_MAX) };
  return [
    ...shadowBand(card),
    buttons === null ? { ...header, block_id: cardMarker(card) } : header,
    ...contextBlocks(aboutLines(card)),
    ...statusBlocks(card),
    ...fileBlocks(card),
    ...titledList(
      "Changed since it was posted",
      card.changes.map((change) => `• ${change}`),
    ),
    ...edits(card),
    ...actions(card),
    ...quoteBlocks(`${card.requester.name} wrote`, card.asked, "literal", room.asked, room),
    ...translationBlocks("In", card.translation?.asked, card, room),
    ...draft(card, room),
    ...translationBlocks("The draft in", card.translation?.draft, card, room),
    ...opinionBlocks(card, room),
    ...(buttons === null ? [] : [buttons]),
    footer(card),
  ];
}

/** Who wrote, how urgent it is, and what the records say, each in a line of small type. */
function aboutLines(card: Card): readonly string[] {
  const { requester, context } = card;
  // A stranger's name may be nothing but the address.
  const who = new Set([senderText(requester), requester.name, requester.address, waitText(card)]);
  return [
    urgencyText(context),
    [...who].filter((part) => part !== "").join(" · "),
    ...orderLines(context),
    ...recordLines(context.records),
  ].filter((line) => line !== "");
}

/** What teammates changed in the draft, so that readers learn what was wrong with it. */
function edits(card: Card): readonly Block[] {
  return card.edits.flatMap(({ by, lines: changed }) => titledList(`Changed by ${by}`, changed));
}

/** What has to be read first: what is about to happen, how many have approved, what looks odd. */
function statusBlocks(card: Card): readonly Block[] {
  const claim = claimLine(card);
  return lines([
    ...(card.status === null
      ? []
      : [`${card.status.kind === "paused" ? "⏸️" : "🔁"} ${card.status.text}`]),
    ...(claim === "" ? [] : [claim]),
    ...(card.state === "undoable" && card.closing !== "" ? [`⏳ ${card.closing}`] : []),
    ...(card.progress === "" ? [] : [`👥 ${card.progress}`]),
    ...conflictLines(card.context),
    ...limitLines(card),
    // Files have a line of their own.
    ...card.flags.flatMap(({ text, about }) => (about === "files" ? [] : [`⚠️ ${text}`])),
  ]);
}

/** What happens besides the reply; the rules behind it stand under "Why?". */
function actions(card: Card): readonly Block[] {
  const will = card.state === "shadow" ? "Would" : "Will";
  const [first] = card.actions;
  if (first === undefined) return [];
  if (card.actions.length === 1) return lines([`${will} do: ${first.label}`]);
  return titledList(
    `${will} do, in this order`,
    card.actions.map(({ label }, index) => `${index + 1}. ${label}`),
  );
}

/** What is sent where. */
function draftHeading({ state, channel }: Card, to: string): string {
  if (state === "shadow") return `What I would have written to ${to}`;
  return `Draft, goes out ${SENT_BY.get(channel) ?? "to "}${to}`;
}

/** How a draft is sent, by the channel of its conversation. */
const SENT_BY: ReadonlyMap<string, string> = new Map([
  ["email", "by mail to "],
  ["zendesk", "as "],
  ["slack", "in Slack to "],
  ["chat", "in the chat to "],
]);

/** The draft is what goes out, so it is shown as far as Slack allows, with a remark where the rest is. */
function draft(card: Card, room: TextBudget): readonly Block[] {
  const { draft: shown, context } = card;
  if (shown === null) return [];
  const citations = citationsIn(shown.text, context.citations);
  const sources = shown.sources
    .slice(0, LINES_MAX)
    .map((source, index) => `[${index + 1}] ${clip(oneLine(source), LINE_MAX)}`);
  const readers = readersLine(context);
  const [heading, ...text] = quoteBlocks(
    draftHeading(card, shown.to),
    withNumbers(shown.text, citations),
    "inert",
    room.draft,
    room,
  );
  return [
    ...(heading === undefined ? [] : [heading]),
    ...contextBlocks(readers === "" ? [] : [readers]),
    ...text,
    ...contextBlocks(citationLines(citations)),
    ...contextBlocks([procedureLine(context)].filter((line) => line !== "")),
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
    expiryText(card),
    card.model === "" ? "" : `drafted by ${card.model}`,
  ];
  const shown = parts.filter((part) => part !== "").map((part) => clip(oneLine(part), LINE_MAX));
  return noteBlock(shown.join(" · "));
}
