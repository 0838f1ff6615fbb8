/** Marks shadow cards and shows the team's opinions on them. */

import type { types } from "@slack/bolt";
import type { Card } from "#core/contracts/approval-desk.ts";
import { quoteBlocks, type TextBudget } from "./quoted-text.ts";
import { literal, SECTION_MAX } from "#slack/api/text.ts";

type Block = types.KnownBlock;

const SHADOW = "Shadow: nothing is sent";

/** The newest own answers are shown, up to this length each; the console shows all of them in full. */
const OWN_ANSWERS_SHOWN = 3;
const OWN_ANSWER_SHOWN = 600;

/**
 * The band above a shadow card, as large as the headline: no reader may think that the card sends something. Empty on
 * every other card.
 */
export function shadowBand({ state }: Card): readonly Block[] {
  if (state !== "shadow") return [];
  return [
    { type: "header", text: { type: "plain_text", text: `👁️ ${SHADOW}`, emoji: true } },
    plainSection("People answer this customer. Would you have sent the draft below?"),
  ];
}

/** What a lock screen shows of a card: no names where they are kept out, and a shadow card reads like none that acts. */
export function notificationText({ state, headline, notification }: Card): string {
  const shown = notification === "" ? headline : notification;
  return state === "shadow" ? `${SHADOW}. ${shown}` : shown;
}

/** The team's opinions on a shadow draft, and what they would have written, as they wrote it. */
export function opinionBlocks({ opinions = [] }: Card, room: TextBudget): readonly Block[] {
  if (opinions.length === 0) return [];
  const said = opinions.map(({ name, wouldSend }) => `${wouldSend ? "👍" : "👎"} ${name}`);
  const written = opinions.filter(({ ownAnswer }) => ownAnswer !== "");
  const max = Math.min(OWN_ANSWER_SHOWN, room.asked);
  return [
    { type: "divider" },
    plainSection(said.join(" · ")),
    // The file in the thread contains only the draft and the customer's text, so the rest of these is in the console.
    ...written.slice(-OWN_ANSWERS_SHOWN).flatMap(({ name, ownAnswer }) =>
      quoteBlocks(`${name} would have written`, ownAnswer, "inert", max, {
        ...room,
        rest: "console",
      }),
    ),
  ];
}

function plainSection(words: string): Block {
  return { type: "section", text: literal(words, SECTION_MAX) };
}
