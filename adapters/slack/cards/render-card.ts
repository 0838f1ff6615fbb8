/**
 * Room: renders cards as Slack blocks; this file renders the whole card, with its buttons.
 * In: a card of the desk, and how much of it fits.
 * Out: blocks and a notification text; the channel that takes the card; the full text as a file.
 * May touch: Slack (only `card-channels.ts`).
 */

import type { types } from "@slack/bolt";
import type { Card, Button } from "#core/contracts/approval-desk.ts";
import {
  notificationText,
  cardSections,
  type CardSection,
  type Quote,
  cardButtons,
  CONFIRM_MAX,
  confirmText,
} from "#core/contracts/card-sections.ts";
import { oneLine } from "#core/values/words.ts";
import {
  clip,
  escapeMarkup,
  literal,
  shortLine,
  visible,
  bold,
  lineElements,
  linkButton,
  literalSection,
  note,
  sectionBlocks,
  webLink,
  button as buttonElement,
  plainText,
  SECTION_MAX,
} from "#slack/api/text.ts";
import {
  ACTION_PREFIX,
  buttonValue,
  MORE,
  optionValue,
  WHY,
} from "#slack/approvals/parse-interaction.ts";
import { BUTTON_LABELS } from "#core/values/card-text.ts";

/** All blocks of a message together; Slack refuses at about 13,200 characters (measured by users, bolt-js#2509). */
export const CARD_MAX = 13_000;
/** A header block holds 150 characters (Block Kit reference). */
const HEADER_MAX = 150;
/** A message holds 50 blocks (Block Kit reference). */
const BLOCKS_MAX = 50;
const CLOSED_MAX = 800;

/** A list that only informs is short by nature; an unusually long one is cut so that the buttons still fit. */
const LINES_MAX = 6;
const LINE_MAX = 300;
const FACT_MAX = 200;
/** Up to this many lines get a section each. */
const SPREAD_MAX = 4;
/** Every edit is in the trace; the card shows the newest ones. */
const EDITS_MAX = 3;
/** The newest own answers are shown, up to this length each; the console shows all of them in full. */
const ANSWERS_SHOWN = 3;
const ANSWER_MAX = 600;

/** How much of each long text a card shows, in characters, and in how many sections at most; and how long a line is. */
interface Share extends Readonly<Record<Exclude<Quote["of"], "opinion">, number>> {
  readonly sections: number;
  readonly line: number;
}

const SCARCEST: Share = { asked: 100, draft: 200, translated: 100, sections: 1, line: 80 };
const GENEROUS: Share = { asked: 2_850, draft: 8_000, translated: 2_850, sections: 10, line: 300 };

/** From generous to scarce; the first one with which the whole card fits into a message is used. */
const SHARES: readonly Share[] = [
  GENEROUS,
  { asked: 1_400, draft: 6_000, translated: 1_400, sections: 10, line: 300 },
  { asked: 700, draft: 3_000, translated: 700, sections: 5, line: 300 },
  { asked: 300, draft: 1_000, translated: 300, sections: 3, line: 200 },
  SCARCEST,
];

/** The remark below a cut text. */
const REST = "The full text is in the console.";

/** The remark above the buttons of a card that does not fit whole, by what it lacks. */
const LACKING = {
  approve: "Not all that counts fits here: read and decide this card in the console.",
  text: "Not all of it fits here: the rest is in the console.",
} as const;

/** How much of its texts a card shows, and what it lacks; null while what a press decides on is whole. */
type Room = Share & { readonly lacks: keyof typeof LACKING | null };

type Block = types.KnownBlock;

/** A Slack message: what notifications show, and what the channel shows. */
interface RenderedCard {
  readonly text: string;
  readonly blocks: readonly Block[];
}

/**
 * A card as blocks. Text of customers, teammates and models goes into plain text objects, which Slack neither parses
 * nor links, or into markup that shows exactly the same characters. The notification text is the headline, or the line
 * that stands for it where names are kept out of notifications; neither contains a message's text. What Approve does
 * and what is warned of are whole, or there is no Approve, and a link leads to the console.
 */
export function renderCard(card: Card): RenderedCard {
  const text = escapeMarkup(literal(notificationText(card), LINE_MAX).text);
  const sections = withNewestEdits(cardSections(card));
  if (card.state === "closed") return { text, blocks: closed(card, sections) };
  const under = (share: Share, shown = card, lacks: Room["lacks"] = null): RenderedCard => ({
    text,
    blocks: open(shown, sections, { ...share, lacks }),
  });
  for (const share of SHARES) {
    const rendered = under(share);
    if (fits(rendered)) return rendered;
  }
  const buttons = card.buttons.filter((button) => button !== "approve");
  const lacks = buttons.length < card.buttons.length ? "approve" : "text";
  return under(SCARCEST, { ...card, buttons }, lacks);
}

function fits({ blocks }: RenderedCard): boolean {
  return blocks.length <= BLOCKS_MAX && JSON.stringify(blocks).length <= CARD_MAX;
}

function withNewestEdits(sections: readonly CardSection[]): readonly CardSection[] {
  const edits = sections.filter(isEdit);
  const left = new Set(edits.slice(0, -EDITS_MAX));
  return sections.filter((section) => !left.has(section));
}

/** What Approve does, or does in spite of, is read first: every line of it, and to its end. */
function extentOf(section: CardSection, { kind }: Card, { line, lacks }: Room): Extent {
  const isDecisive =
    section.kind === "warnings" ||
    (section.kind === "list" && (section.of === "actions" || kind === "policy"));
  return { line, isWhole: lacks === null && isDecisive };
}

function isEdit(section: CardSection): boolean {
  return section.kind === "list" && section.of === "edits";
}

/** A decided card needs no more than who, what and when in one line, and what people changed or decided about rules. */
function closed(card: Card, sections: readonly CardSection[]): readonly Block[] {
  const line = [card.headline, card.closing].filter((part) => part !== "").join(" · ");
  const kept = sections.filter(
    (section) => isEdit(section) || (card.kind === "policy" && section.kind === "list"),
  );
  const room = { ...GENEROUS, lacks: "text" } as const;
  return [
    { type: "section", block_id: cardMarker(card), text: literal(oneLine(line), CLOSED_MAX) },
    ...kept.flatMap((section) => cardSectionBlocks(section, card, room)),
  ];
}

function open(card: Card, sections: readonly CardSection[], room: Room): readonly Block[] {
  const header: Block = { type: "header", text: literal(oneLine(card.headline), HEADER_MAX) };
  const marked = card.buttons.length === 0 ? { ...header, block_id: cardMarker(card) } : header;
  const [first, ...others] = sections;
  // A band stands above the headline.
  const [above, below] = first?.kind === "band" ? [[first], others] : [[], sections];
  return [
    ...above.flatMap((section) => cardSectionBlocks(section, card, room)),
    marked,
    ...below.flatMap((section) => cardSectionBlocks(section, card, room)),
  ];
}

function cardSectionBlocks(section: CardSection, card: Card, room: Room): readonly Block[] {
  const extent = extentOf(section, card, room);
  switch (section.kind) {
    case "band":
      return [
        { type: "header", text: { type: "plain_text", text: `👁️ ${section.title}`, emoji: true } },
        literalSection(section.text),
      ];
    case "facts":
      return facts(section.lines);
    case "warnings":
      return lines(section.lines, extent);
    case "files":
      // Third-party files are opened in the console only.
      return [linkedSection(section.text, card, "Open files", "files")];
    case "list":
      return list(section, extent);
    case "quote":
      return quote(section, card, room);
    case "draft":
      return draft(section, card, room);
    case "opinions":
      return opinions(section, card, room);
    case "buttons":
      return buttonRow(card, room);
    case "note":
      return [note(section.parts.map((part) => clip(oneLine(part), LINE_MAX)).join(" · "))];
    default:
      throw new Error(`unknown section ${String(section satisfies never)}`);
  }
}

/** A line with a button beside it that opens the card in the console, as far as its address is known. */
function linkedSection(text: string, { context }: Card, label: string, name: string): Block {
  const url = webLink(context.link);
  return {
    type: "section",
    text: literal(text, FACT_MAX),
    ...(url === null ? {} : { accessory: linkButton(label, url, name) }),
  };
}

function list(
  { of, title: heading, lines: all }: CardSection & { kind: "list" },
  extent: Extent,
): readonly Block[] {
  const shown = of === "changes" ? all.map((one) => `• ${one}`) : all;
  return [...(heading === null ? [] : [title(heading)]), ...lines(shown, extent)];
}

/** Third-party text under a title, in as many sections as it needs; what the customer wrote is never markup. */
function quote({ of, title: heading, text }: Quote, card: Card, room: Room): readonly Block[] {
  if (text.trim() === "") return [];
  const shown = visible(text);
  const manner = of === "asked" ? "literal" : "inert";
  const max = of === "opinion" ? Math.min(ANSWER_MAX, room.asked) : room[of];
  return [
    title(heading),
    ...sectionBlocks(clip(shown, max), { manner, sectionsMax: room.sections }),
    ...(shown.length > max ? [linkedSection(REST, card, "Open in the console", of)] : []),
  ];
}

/** The draft is what goes out, so it is shown as far as Slack allows. */
function draft(
  { quote: text, readers, receipts, procedure, sources }: CardSection & { kind: "draft" },
  card: Card,
  room: Room,
): readonly Block[] {
  const [heading, ...shown] = quote(text, card, room);
  const listed = sources
    .slice(0, LINES_MAX)
    .map((source, index) => `[${index + 1}] ${clip(oneLine(source), room.line)}`);
  return [
    ...(heading === undefined ? [] : [heading]),
    ...facts([readers]),
    ...shown,
    ...facts(receipts),
    ...facts([procedure]),
    ...(listed.length === 0 ? [] : [note(`Sources: ${listed.join("  ")}`)]),
  ];
}

function opinions(
  { line, answers }: CardSection & { kind: "opinions" },
  card: Card,
  room: Room,
): readonly Block[] {
  return [
    { type: "divider" },
    literalSection(line),
    ...answers.slice(-ANSWERS_SHOWN).flatMap((answer) => quote(answer, card, room)),
  ];
}

/** Lines in small type, together where markup shows exactly these characters, else each in a block of its own. */
function facts(list: readonly string[]): readonly Block[] {
  const shown = list.map((line) => shortLine(line, FACT_MAX)).filter((line) => line !== "");
  return lineElements(shown).map((text) => ({ type: "context", elements: [text] }));
}

interface Extent extends Pick<Room, "line"> {
  readonly isWhole: boolean;
}

/** Short remarks, one per line: the first of them, each up to so many characters, or all to their ends. */
function lines(list: readonly string[], { line, isWhole }: Extent): readonly Block[] {
  if (list.length === 0) return [];
  const [most, max] = isWhole ? [list.length, Infinity] : [LINES_MAX, line];
  const shown = list.slice(0, most).map((one) => shortLine(one, max) || "–");
  const text = [...shown, ...(list.length > most ? ["… more in the console"] : [])].join("\n");
  return shown.length > SPREAD_MAX || text.length > SECTION_MAX
    ? sectionBlocks(text, { manner: "inert", sectionsMax: BLOCKS_MAX })
    : lineElements(shown).map((one) => ({ type: "section", text: one }));
}

/** In bold where that is safe: a name with markup in it stays plain. */
function title(heading: string): Block {
  return { type: "context", elements: [bold(shortLine(heading, LINE_MAX))] };
}

/** The buttons of a confirm dialog hold 30 characters, a button 75, an option 75 (Block Kit reference). */
const CONFIRM_BUTTON_MAX = 30;

const BUTTON_MAX = 75;

/** A menu of this kind holds five options (Block Kit reference). */
const OPTIONS_MAX = 5;

/** A block id holds 255 characters. */
const BLOCK_ID_MAX = 255;

/** The block id that identifies this version of this card in the channel. */
export function cardMarker(card: Card): string {
  return clip(`${versionMarkers(card)}v${card.version}`, BLOCK_ID_MAX);
}

/** What the block ids of all versions of this card begin with. */
export function versionMarkers({ approvalId }: Card): string {
  return `ap:${approvalId}:`;
}

/** The row of buttons with its menu, which carries the card's marker, and above it what the card lacks, and where it is. */
function buttonRow(card: Card, { lacks }: Room): readonly Block[] {
  const missing =
    lacks === null ? [] : [linkedSection(LACKING[lacks], card, "Open in the console", "whole")];
  if (card.buttons.length === 0) return missing;
  const { row, menu, hasWhy } = cardButtons(card);
  const elements = [
    ...row.map((button) => cardButton(button, card)),
    ...overflowMenu(menu, hasWhy, card),
  ];
  return [...missing, { type: "actions", block_id: cardMarker(card), elements }];
}

function buttonLabel(button: Button, { approveLabel }: Card): string {
  return clip(button === "approve" ? approveLabel || "Approve" : BUTTON_LABELS[button], BUTTON_MAX);
}

function cardButton(button: Button, card: Card): types.Button {
  const label = buttonLabel(button, card);
  return buttonElement(`${ACTION_PREFIX}${button}`, label, {
    value: buttonValue(card.approvalId, card.version),
    ...(button === "approve" ? { style: "primary" } : {}),
    ...(button === "reject" ? { style: "danger" } : {}),
    ...(button === "approve" && card.confirm !== "" ? { confirm: confirmation(card, label) } : {}),
  });
}

/**
 * What is needed less often, with "Why?" at its end. A menu of "Why?" alone would hide it behind a second click, so
 * there it is a button.
 */
function overflowMenu(
  rest: readonly Button[],
  why: boolean,
  card: Card,
): (types.Overflow | types.Button)[] {
  const { approvalId, version } = card;
  if (rest.length === 0)
    return why ? [buttonElement(WHY, "Why?", { value: buttonValue(approvalId, version) })] : [];
  const options = [...rest, ...(why ? (["why"] as const) : [])].map((button) => ({
    text: plainText(button === "why" ? "Why?" : buttonLabel(button, card)),
    value: optionValue(button, approvalId, version),
  }));
  return [{ type: "overflow", action_id: MORE, options: options.slice(-OPTIONS_MAX) }];
}

/** Asks before money moves; on a phone it is easy to press the wrong button. */
function confirmation(card: Card, label: string): types.ConfirmationDialog {
  return {
    title: plainText("Please confirm"),
    text: literal(confirmText(card), CONFIRM_MAX),
    confirm: plainText(clip(label, CONFIRM_BUTTON_MAX)),
    deny: plainText("Not yet"),
  };
}
