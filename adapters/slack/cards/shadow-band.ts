import type { types } from "@slack/bolt";
import type { Card } from "#core/contracts/approval-desk.ts";
import { quoted, type Room } from "./quoted-text.ts";
import { literal, SECTION_MAX } from "#slack/api/text.ts";

type Block = types.KnownBlock;

const SHADOW = "Shadow: nothing is sent";

/** Of the own answers that were given the newest are shown, and so much of each; the console shows them all, whole. */
const OWN_ANSWERS_SHOWN = 3;
const OWN_ANSWER_SHOWN = 600;

/**
 * Above everything else, as large as the headline: nobody may take a card in shadow for one that does something. Empty on
 * every other card.
 */
export function shadowBand({ state }: Card): readonly Block[] {
  if (state !== "shadow") return [];
  return [
    { type: "header", text: { type: "plain_text", text: `👁️ ${SHADOW}`, emoji: true } },
    plainSection("People answer this customer. Would you have sent the draft below?"),
  ];
}

/** What a lock screen shows of a card: in shadow it must not read like something that is about to happen. */
export function shadowHeadline({ state, headline }: Card): string {
  return state === "shadow" ? `${SHADOW}. ${headline}` : headline;
}

/** Who thinks what of a draft in shadow, and what they would have written, line by line as they wrote it. */
export function opinionBlocks({ opinions = [] }: Card, room: Room): readonly Block[] {
  if (opinions.length === 0) return [];
  const said = opinions.map(({ name, wouldSend }) => `${wouldSend ? "👍" : "👎"} ${name}`);
  const written = opinions.filter(({ ownAnswer }) => ownAnswer !== "");
  const max = Math.min(OWN_ANSWER_SHOWN, room.asked);
  return [
    { type: "divider" },
    plainSection(said.join(" · ")),
    // The file in the thread has the draft and what was asked, so that the rest of these is in the console alone.
    ...written
      .slice(-OWN_ANSWERS_SHOWN)
      .flatMap(({ name, ownAnswer }) =>
        quoted(`${name} would have written`, ownAnswer, "inert", max, { ...room, rest: "console" }),
      ),
  ];
}

function plainSection(words: string): Block {
  return { type: "section", text: literal(words, SECTION_MAX) };
}
