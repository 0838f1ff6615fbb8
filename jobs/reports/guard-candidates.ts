/** Texts that teammates said to be harmless, as lines that the guard's training reads. */
import { excerpt } from "#core/values/card-text.ts";
import type { Store } from "#store/db/database.ts";
import { harmlessTexts, type HarmlessText } from "#store/reports/harmless-texts.ts";

const LISTED_MAX = 10_000;
const SHOWN_MAX = 100;

/** One line of JSON for each, in the form of `evals/guard/texts`. The words are masked; a person reads them first. */
export async function candidateLines(store: Store): Promise<readonly string[]> {
  const texts = await kept(store);
  return texts.map(({ id, segment, lang, words }) =>
    JSON.stringify({
      id: `desk-${id}`,
      kind: "hard-benign",
      lang: lang === "" ? "und" : lang,
      text: words,
      ...(segment === "body" ? {} : { segment }),
      split: "train",
      source: "desk",
    }),
  );
}

/** The same for people: when, on which card, where in the message, and how the text begins. */
export async function candidateTable(store: Store): Promise<readonly string[]> {
  const texts = await kept(store);
  if (texts.length === 0) return ["No message was said to be harmless yet."];
  return texts.map(
    ({ id, at, approvalId, segment, words }) =>
      `desk-${id}  ${at.toISOString().slice(0, 10)}  ${approvalId}  ${segment}  ${excerpt(words, SHOWN_MAX)}`,
  );
}

function kept(store: Store): Promise<readonly HarmlessText[]> {
  return store.run((transaction) => harmlessTexts(transaction, LISTED_MAX));
}
