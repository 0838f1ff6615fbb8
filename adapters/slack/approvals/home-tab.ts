/** Renders the app's Home tab. */

import type { types } from "@slack/bolt";
import { ageText, momentText } from "#core/values/moment.ts";
import {
  clip,
  shortLine,
  bold,
  linkButton,
  note,
  plainText,
  section,
  webLink,
} from "#slack/api/text.ts";
import { caseActions, caseButton, caseTitle } from "./alerts.ts";
import { oneLine } from "#core/values/words.ts";
import type { CaseForPeople, DeskOverview, WaitingCard } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { Done } from "#slack/api/web-api.ts";
import { type ClaimedPerson, deskTeammate } from "#slack/api/workspace.ts";
import type { CommandParts } from "./slash-commands.ts";

/** A section holds 3000 characters, a page 100 blocks (Block Kit reference). */
const LINE_MAX = 300;
const FLAG_MAX = 80;
const BLOCKS_MAX = 100;
/** An expiry is only worth a word when it is near. */
const EXPIRES_SOON_MS = 2 * 3_600_000;

type Block = types.KnownBlock;

/** The page for a person without a role: what this is, and no data. */
function homeWithoutRole(): types.HomeView {
  return {
    type: "home",
    blocks: [
      { type: "header", text: plainText("Deskhand") },
      section(
        "Deskhand helps the support team with customers' questions. This page shows the team what waits for a decision.",
      ),
      note("You have no role in Deskhand's policy. If you should have one, ask a lead."),
    ],
  };
}

/**
 * Pending cards, conversations no teammate has taken, and today's figures: one line a case, with a button that opens it.
 * `address` gives a card's link, or null; `said` is what a click on this page has just done.
 */
export function renderHome(
  overview: DeskOverview,
  address: (card: WaitingCard) => string | null,
  said: CaseSaid | null = null,
): types.HomeView {
  const { at, zone, paused, waiting, waitingCount, untaken, untakenCount } = overview;
  const blocks: readonly Block[] = [
    ...(said === null ? [] : [saidBlock(said)]),
    section(paused === "" ? "▶️ Running" : `⏸️ ${paused}`, LINE_MAX),
    { type: "header", text: plainText(`Waiting for a decision: ${waitingCount}`) },
    ...(waiting.length === 0 ? [section("Nothing waits.")] : []),
    ...waiting.map((card, index) => cardLine(card, at, address(card), index)),
    ...moreNote(waitingCount - waiting.length),
    { type: "header", text: plainText(`With people, not taken yet: ${untakenCount}`) },
    ...(untaken.length === 0 ? [section("No customer is left waiting.")] : []),
    ...untaken.flatMap((one, index) => caseBlocks(one, at, index)),
    ...moreNote(untakenCount - untaken.length),
    { type: "header", text: plainText("Today") },
    ...today(overview),
    note(
      `As of ${momentText(at, zone)}, times in ${zone}. Open this tab again for newer figures. “/deskhand help” shows what can be typed.`,
    ),
  ];
  return { type: "home", blocks: blocks.slice(0, BLOCKS_MAX) };
}

function today({
  today: { received, answered, toPeople, refunds, refunded },
}: DeskOverview): readonly Block[] {
  const sums = refunded.length === 0 ? "" : ` · ${refunded.join(" + ")}`;
  return [
    {
      type: "section",
      fields: [
        figure("Received", String(received)),
        figure("Answered", String(answered)),
        figure("Handed to people", String(toPeople)),
        figure("Refunds", `${refunds}${sums}`),
      ],
    },
  ];
}

/** Our own numbers and amounts, which cannot contain markup. */
function figure(name: string, value: string): types.MrkdwnElement {
  return { type: "mrkdwn", text: `${name}\n*${value}*` };
}

/** The card in one line: what would happen and for whom, its age, and what to know before opening it. */
function cardLine(
  { headline, urgency = "", flags, since, expiresAt, claimedBy }: WaitingCard,
  at: Date,
  address: string | null,
  index: number,
): Block {
  const [first] = flags;
  const isSoon = expiresAt !== null && expiresAt.getTime() - at.getTime() < EXPIRES_SOON_MS;
  const rest = [
    ageText(since, at),
    ...(isSoon ? [`expires in ${ageText(at, expiresAt)}`] : []),
    ...(claimedBy === undefined ? [] : [`🙋 ${clip(oneLine(claimedBy), FLAG_MAX)} has this`]),
    ...(urgency === "" ? [] : [urgency]),
    ...(first === undefined
      ? []
      : [
          `⚠️ ${clip(oneLine(first), FLAG_MAX)}${flags.length > 1 ? `, ${flags.length - 1} more` : ""}`,
        ]),
  ].join(" · ");
  return {
    ...line(headline, rest),
    ...(address === null ? {} : { accessory: linkButton("Open", address, `${index}`) }),
  };
}

/** A case that people have to take: who, about what, why, since when, in which words, what they know, and where. */
function caseBlocks(waiting: CaseForPeople, at: Date, index: number): readonly Block[] {
  const { name, subject, reason, since, words, told, expects } = waiting;
  const known = [told, expects].filter((part) => part !== "").join(" ");
  const buttons = caseActions(waiting, `case-${index}`);
  return [
    line(
      caseTitle(name, subject) || "A customer",
      [reason, ageText(since, at)].filter((part) => part !== "").join(" · "),
    ),
    ...(words === "" ? [] : [section(`“${oneLine(words)}”`, LINE_MAX)]),
    ...(known === "" ? [] : [note(known)]),
    ...(buttons.length === 0 ? [] : [{ type: "actions" as const, elements: buttons }]),
  ];
}

/** What a click on this page did, with the way back while there is one. */
interface CaseSaid {
  readonly conversationId: string;
  readonly said: string;
  readonly isUndoable: boolean;
}

function saidBlock({ conversationId, said, isUndoable }: CaseSaid): Block {
  const undo = caseButton("undo", conversationId);
  return { ...section(said, LINE_MAX), ...(isUndoable ? { accessory: undo } : {}) };
}

function moreNote(count: number): readonly Block[] {
  return count > 0 ? [note(`… and ${count} more in the console`)] : [];
}

/** The first words in bold where that is safe; text that markup could act on stays plain. */
function line(first: string, rest: string): types.SectionBlock {
  const after = shortLine(rest, LINE_MAX);
  return { type: "section", text: bold(shortLine(first, LINE_MAX), ` · ${after}`) };
}

/**
 * Shows one person their Home tab. It only displays data, so a failure changes nothing: the next opening shows it. A
 * person who cannot be looked up sees no data. `said` is what a click of theirs on it has just done.
 */
export async function showHome(
  { handler, call, workspace, log }: CommandParts,
  person: ClaimedPerson,
  said: CaseSaid | null = null,
): Promise<void> {
  try {
    const teammate = await deskTeammate(person, workspace);
    const overview = teammate.eligible ? await handler.overview(teammate) : null;
    const { url } = await workspace.self();
    const view =
      overview === null
        ? homeWithoutRole()
        : renderHome(overview, ({ ref, link }) => messageLink(url, ref) ?? webLink(link), said);
    await call("patient", "views.publish", { user_id: person.userId, view }, Done);
  } catch (error) {
    log.warn("slack refused to show a home tab", { reason: reasonOf(error) });
  }
}

/** A message's permalink consists of the workspace's address, the channel and the timestamp without its point. */
function messageLink(workspaceUrl: string | null, ref: string | null): string | null {
  const [channel, ts] = ref?.split(":") ?? [];
  if (workspaceUrl === null || channel === undefined || ts === undefined) return null;
  return webLink(new URL(`archives/${channel}/p${ts.replace(".", "")}`, workspaceUrl).href);
}
