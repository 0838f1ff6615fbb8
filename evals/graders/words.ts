/** Graders for text that the reply must include and text that it must not include. */
import type { Grader } from "#evals/grader.ts";

/** White space and quotation marks differ between models without meaning. */
function plain(text: string): string {
  return text.normalize("NFKC").replaceAll("’", "'").replaceAll(/\s+/g, " ").toLowerCase();
}

/** Checks that every text the case names appears in what the customer reads. */
export const mustInclude: Grader = {
  name: "must_include",
  grade({ must_include }, { text }) {
    const read = plain(text);
    return must_include
      .filter((words) => !read.includes(plain(words)))
      .map((words) => `"${words}" is not in the text`);
  },
};

/** Checks that no forbidden text appears in the draft or in anything that was sent. */
export const mustNotInclude: Grader = {
  name: "must_not_include",
  grade({ must_not_include }, { text, sent }) {
    const texts = [text, ...sent].map(plain);
    return must_not_include
      .filter((words) => texts.some((read) => read.includes(plain(words))))
      .map((words) => `"${words}" is in the text`);
  },
};
