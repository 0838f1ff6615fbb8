/** Finds quotations of the team's internal notes in a draft. */
import type { Receipts } from "#core/contracts/guard.ts";
import { foldedForms } from "#text/normalize.ts";

/** This many words in a note's order are a quotation; a shorter note is quoted when the whole of it stands there. */
const RUN_WORDS = 6;
const RUN_WORDS_MIN = 4;
const NOTES_MAX = 50;
const WORDS_PER_NOTE_MAX = 2_000;
const CHARACTERS_PER_NOTE_MAX = 20_000;

/** What a text quotes from the team's notes, each run once, unless the customer or a help page said the same. */
export function notesIn(
  text: string,
  { teamNotes = [], asked, passages }: Pick<Receipts, "teamNotes" | "asked" | "passages">,
): readonly string[] {
  if (teamNotes.length === 0) return [];
  const words = lowerCaseWords(text);
  const said = new Set(
    [RUN_WORDS_MIN, RUN_WORDS - 1, RUN_WORDS].flatMap((length) => runsOf(words, length)),
  );
  // What the customer wrote or a help page says is not secret.
  const open = [asked, ...passages.map((passage) => passage.text)].map(
    (source) => ` ${lowerCaseWords(source).join(" ")} `,
  );
  return teamNotes.slice(-NOTES_MAX).flatMap((note) => {
    const noted = lowerCaseWords(note.slice(0, CHARACTERS_PER_NOTE_MAX)).slice(
      0,
      WORDS_PER_NOTE_MAX,
    );
    const length = Math.min(RUN_WORDS, noted.length);
    if (length < RUN_WORDS_MIN) return [];
    const quoted = runsOf(noted, length).find(
      (run) => said.has(run) && !open.some((source) => source.includes(` ${run} `)),
    );
    return quoted === undefined ? [] : [quoted];
  });
}

function runsOf(words: readonly string[], length: number): readonly string[] {
  return words
    .slice(0, Math.max(0, words.length - length + 1))
    .map((_word, start) => words.slice(start, start + length).join(" "));
}

function lowerCaseWords(text: string): readonly string[] {
  return (
    foldedForms(text)
      .text.toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}
