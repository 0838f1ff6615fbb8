/** Renders the app's Home tab. */

import type { types } from "@slack/bolt";
import type { DeskOverview, WaitingCard } from "#core/values/desk-overview.ts";
import { clip, literal, visible } from "#slack/api/text.ts";
import { textObject } from "#slack/api/mrkdwn.ts";

/** Prefix of action ids of buttons that only open a link; Slack reports a click on one, and we ignore it. */
export const LINK_PREFIX = "link:";

/** A section holds 3000 characters, a page 100 blocks (Block Kit reference). */
const LINE_MAX = 300;
const NOTE_MAX = 1_000;
const FLAGS_MAX = 2;
const BLOCKS_MAX = 100;
const MINUTE_MS = 60_000;

type Block = types.KnownBlock;

/** The page for a person without a role: what this is, and no data. */
export function homeWithoutRole(): types.HomeView {
  return {
    type: "home",
    blocks: [
      { type: "header", text: plainText("Deskhand") },
      section(
        "Deskhand helps the support team with customers' questions. This page shows the team what waits for a decision.",
      ),
      noteBlock("You have no role in Deskhand's policy. If you should have one, ask a lead."),
    ],
  };
}

/** Pending cards, conversations no teammate has taken, and today's figures; `address` gives a card's link, or null. */
export function renderHome(
  overview: DeskOverview,
  address: (card: WaitingCard) => string | null,
): types.HomeView {
  const { at, paused, waiting, waitingCount, untaken, untakenCount } = overview;
  const blocks: readonly Block[] = [
    { type: "header", text: plainText("Deskhand") },
    section(paused === "" ? "▶️ Running" : `⏸️ ${paused}`),
    { type: "divider" },
    { type: "header", text: plainText(`Waiting for a decision: ${waitingCount}`) },
    ...(waiting.length === 0 ? [section("Nothing waits.")] : []),
    ...waiting.flatMap((card, index) => cardLines(card, at, address(card), index)),
    ...moreNote(waitingCount - waiting.length),
    { type: "divider" },
    { type: "header", text: plainText(`With people, not taken yet: ${untakenCount}`) },
    ...(untaken.length === 0 ? [section("No customer is left waiting.")] : []),
    ...untaken.flatMap(({ label, reason, since }) => [
      section(clip(oneLine(reason), LINE_MAX) || "For people"),
      noteBlock(`waiting ${ageOf(since, at)} · ${label}`),
    ]),
    ...moreNote(untakenCount - untaken.length),
    { type: "divider" },
    { type: "header", text: plainText("Today") },
    ...today(overview),
    noteBlock(
      `As of ${at.toISOString().slice(0, 16).replace("T", " ")} UTC, days begin at midnight UTC. Open this tab again for newer figures. “/deskhand help” shows what can be typed.`,
    ),
  ];
  return { type: "home", blocks: blocks.slice(0, BLOCKS_MAX) };
}

function today({
  today: { received, answered, escalated, refunds, refunded },
}: DeskOverview): readonly Block[] {
  const sums = refunded.length === 0 ? "" : ` · ${refunded.join(" + ")}`;
  return [
    {
      type: "section",
      fields: [
        figure("Received", String(received)),
        figure("Answered", String(answered)),
        figure("Handed to people", String(escalated)),
        figure("Refunds", `${refunds}${sums}`),
      ],
    },
  ];
}

/** Our own numbers and amounts, which cannot contain markup. */
function figure(name: string, value: string): types.MrkdwnElement {
  return { type: "mrkdwn", text: `${name}\n*${value}*` };
}

/** The card in one line, and below it in small type how long it waits and its risks. */
function cardLines(
  card: WaitingCard,
  at: Date,
  address: string | null,
  index: number,
): readonly Block[] {
  const { flags, expiresAt, claimedBy } = card;
  const expires = expiresAt === null ? "" : ` · expires in ${ageOf(at, expiresAt)}`;
  return [
    { ...bold(card.headline), ...(address === null ? {} : { accessory: linkTo(address, index) }) },
    noteBlock(
      [
        ...(claimedBy === undefined ? [] : [`🙋 ${clip(oneLine(claimedBy), LINE_MAX)} has this`]),
        `waiting ${ageOf(card.since, at)}${expires}`,
        ...flags.slice(0, FLAGS_MAX).map((flag) => `⚠️ ${clip(oneLine(flag), LINE_MAX)}`),
        ...(flags.length > FLAGS_MAX ? [`and ${flags.length - FLAGS_MAX} more`] : []),
      ].join(" · "),
    ),
  ];
}

function linkTo(address: string, index: number): types.Button {
  return {
    type: "button",
    action_id: `${LINK_PREFIX}${index}`,
    text: plainText("Open"),
    url: address,
  };
}

function moreNote(count: number): readonly Block[] {
  return count > 0 ? [noteBlock(`… and ${count} more in the console`)] : [];
}

/** "3 min", "2 h 5 min", "4 d": the time from one moment to the other. */
function ageOf(from: Date, to: Date): string {
  const minutes = Math.max(0, Math.round((to.getTime() - from.getTime()) / MINUTE_MS));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

function section(text: string): types.SectionBlock {
  return { type: "section", text: textObject(clip(visible(text), LINE_MAX), "inert") };
}

/** In bold where that is safe; text that markup could act on stays plain. */
function bold(text: string): types.SectionBlock {
  const words = clip(oneLine(visible(text)), LINE_MAX);
  const shown = textObject(words, "inert");
  return {
    type: "section",
    text: shown.type === "mrkdwn" ? { ...shown, text: `*${words}*` } : shown,
  };
}

function noteBlock(text: string): types.ContextBlock {
  return { type: "context", elements: [literal(text, NOTE_MAX)] };
}

function plainText(text: string): types.PlainTextElement {
  return { type: "plain_text", text };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}
