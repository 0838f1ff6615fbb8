import type { Receipts } from "#core/guard.ts";

/** So many words in the order of a note are a quotation; a note of fewer is quoted when it stands there whole. */
const RUN_WORDS = 6;
const RUN_WORDS_MIN = 4;
const NOTES_MAX = 50;
const WORDS_PER_NOTE_MAX = 2_000;
const CHARACTERS_PER_NOTE_MAX = 20_000;

/** What a text quotes from the team's notes, each run once, as far as nobody else said the same. */
export function notesIn(
  text: string,
  { teamNotes = [], asked, passages }: Pick<Receipts, "teamNotes" | "asked" | "passages">,
): readonly string[] {
  if (teamNotes.length === 0) return [];
  const said = ` ${wordsOf(text).join(" ")} `;
  // What the customer wrote or a help page says is nobody's secret.
  const open = ` ${wordsOf([asked, ...passages.map((passage) => passage.text)].join("\n")).join(" ")} `;
  return teamNotes.slice(-NOTES_MAX).flatMap((note) => {
    const words = wordsOf(note.slice(0, CHARACTERS_PER_NOTE_MAX)).slice(0, WORDS_PER_NOTE_MAX);
    const length = Math.min(RUN_WORDS, words.length);
    if (length < RUN_WORDS_MIN) return [];
    for (let start = 0; start + length <= words.length; start += 1) {
      const run = words.slice(start, start + length).join(" ");
      if (said.includes(` ${run} `) && !open.includes(` ${run} `)) return [run];
    }
    return [];
  });
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
