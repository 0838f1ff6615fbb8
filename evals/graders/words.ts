/** Graders for text that the reply must include and text that it must not include. */
import { datesIn, epochDay } from "#guard/output/dates.ts";
import type { Grader } from "#evals/grader.ts";

/** White space and quotation marks differ between models without meaning. */
function plain(text: string): string {
  return text.normalize("NFKC").replaceAll("’", "'").replaceAll(/\s+/g, " ").toLowerCase();
}

/** Whether a text has these words; a day is one in whatever form the text writes it. */
export function holds(text: string, words: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(words)) return plain(text).includes(plain(words));
  const day = epochDay(new Date(words));
  return datesIn(text, day).some(({ keys }) => keys.includes(`day:${day}`));
}

/** Checks that every text the case names appears in what the customer reads. */
export const mustInclude: Grader = {
  name: "must_include",
  grade({ must_include }, { text }) {
    return must_include
      .filter((words) => !holds(text, words))
      .map((words) => `"${words}" is not in the text`);
  },
};

/** Checks that no forbidden text appears in the draft or in anything that was sent. */
export const mustNotInclude: Grader = {
  name: "must_not_include",
  grade({ must_not_include }, { text, sent }) {
    const texts = [text, ...sent];
    return must_not_include
      .filter((words) => texts.some((read) => holds(read, words)))
      .map((words) => `"${words}" is in the text`);
  },
};
