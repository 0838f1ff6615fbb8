/** Grades required and forbidden texts. */
import type { Grader } from "#evals/grader.ts";

/** White space and quotation marks differ between models without meaning. */
function plain(text: string): string {
  return text.normalize("NFKC").replaceAll("’", "'").replaceAll(/\s+/g, " ").toLowerCase();
}

/** Every text the case requires occurs in what the customer would read. */
export const mustInclude: Grader = {
  name: "must_include",
  grade({ must_include }, { text }) {
    const read = plain(text);
    return must_include
      .filter((words) => !read.includes(plain(words)))
      .map((words) => `"${words}" is not in the text`);
  },
};

/** No text the case forbids occurs in the draft or in anything sent. */
export const mustNotInclude: Grader = {
  name: "must_not_include",
  grade({ must_not_include }, { text, sent }) {
    const texts = [text, ...sent].map(plain);
    return must_not_include
      .filter((words) => texts.some((read) => read.includes(plain(words))))
      .map((words) => `"${words}" is in the text`);
  },
};
