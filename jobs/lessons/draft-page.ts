/** Drafts a help page, or its next version, from what teammates wrote instead of what drafts had said. */
import { sentencePieces } from "#guard/output/sentences.ts";
import { newPage } from "#jobs/gaps/list-gaps.ts";
import { nameOfWritten } from "#jobs/knowledge/pages.ts";
import { markdownOf, wholePage } from "#store/console/help-pages.ts";
import type { Transaction } from "#store/db/database.ts";
import { writtenVersions } from "#store/knowledge/written-pages.ts";
import { pageHolding, slugTitled } from "#store/reports/draft-differences.ts";
import { folded } from "#text/fold.ts";
import { sharedWords } from "#jobs/notes/compare-texts.ts";
import {
  addedSentences,
  agreedChanges,
  type AgreedChange,
  mostCommon,
  titleOf,
} from "./lesson-words.ts";
import { literally } from "#core/values/words.ts";
import type { Lesson, DraftedChange } from "./lesson.ts";

/** The page that most of the drafts cited, else one that states a replaced fact, else a new one. */
export async function draftPage(transaction: Transaction, lesson: Lesson): Promise<DraftedChange> {
  const { differences, conversations } = lesson;
  const changes = agreedChanges(differences);
  const added = addedSentences(differences);
  const slug = await pageOf(transaction, lesson, changes);
  const page = slug === null ? null : await textOf(transaction, slug);
  const notes = [
    ...changes.flatMap(({ to, count, others }) =>
      others.length === 0
        ? []
        : [`Teammates do not agree: ${count} wrote “${to.fact}”, others “${others.join("”, “")}”.`],
    ),
    ...(await heldElsewhere(transaction, slug, changes, added)),
  ];
  const note = `> **Draft from ${conversations} conversations.** Check every figure, then remove this line.`;
  if (slug === null || page === null) {
    const said = [...changes.map(({ to }) => to.sentence), ...added];
    const questions = differences.map(({ content }) => content.question);
    return {
      place: "page",
      name: "",
      title: questions[0]?.slice(0, 80) ?? lesson.headline,
      before: "",
      after: newPage(
        note,
        said.length > 0 ? said : differences.slice(0, 3).map(({ content }) => content.teammate),
        questions,
      ),
      notes: [...notes, "No help page says it, so this would be a new one."],
    };
  }
  const after = changedText(page.body, changes, added);
  return {
    place: "page",
    name: slug,
    title: page.title,
    before: page.body,
    after: after === page.body ? after : `${note}\n\n${after}`,
    notes:
      after === page.body
        ? [
            ...notes,
            "What teammates took out cannot be told from the page's text; edit it by hand.",
          ]
        : notes,
  };
}

async function pageOf(
  transaction: Transaction,
  { differences }: Lesson,
  changes: readonly AgreedChange[],
): Promise<string | null> {
  const cited = mostCommon(differences.flatMap(({ content }) => content.pages));
  const slug = cited === null ? null : await slugTitled(transaction, titleOf(cited.value));
  if (slug !== null) return slug;
  for (const { from } of changes) {
    const found = await pageHolding(transaction, from);
    if (found !== null) return found.slug;
  }
  return null;
}

/** Another page may say already what teammates wrote: then the search, and no page, was wrong. */
async function heldElsewhere(
  transaction: Transaction,
  slug: string | null,
  changes: readonly AgreedChange[],
  added: readonly string[],
): Promise<readonly string[]> {
  const facts = [
    ...changes.map(({ to }) => to),
    ...added.map((sentence) => ({ fact: sentence, sentence })),
  ];
  const notes = new Set<string>();
  for (const fact of facts.slice(0, 5)) {
    const found = await pageHolding(transaction, fact);
    if (found !== null && found.slug !== slug)
      notes.add(`The page “${found.title}” says “${fact.fact}” already.`);
  }
  return [...notes];
}

async function textOf(
  transaction: Transaction,
  slug: string,
): Promise<{ readonly title: string; readonly body: string } | null> {
  const written = nameOfWritten(slug);
  const [newest] = written === null ? [] : await writtenVersions(transaction, written);
  if (newest !== undefined) return newest;
  const whole = await wholePage(transaction, slug);
  return whole === null ? null : { title: whole.page.title, body: markdownOf(whole.passages) };
}

/** A sentence of the page with this share of the replaced sentence's words is the one that was replaced. */
const SAME_SENTENCE_MIN = 0.5;

/** The page with the facts that teammates wrote; what has no place in it is added at its end. */
function changedText(
  body: string,
  changes: readonly Pick<AgreedChange, "from" | "to">[],
  added: readonly string[],
): string {
  let text = body;
  const rest: string[] = [];
  for (const { from, to } of changes) {
    const next = withFact(text, from, to.fact);
    if (next === null) rest.push(to.sentence);
    else text = next;
  }
  const missing = [...rest, ...added].filter(
    (sentence) => !folded(text).includes(folded(sentence)),
  );
  return missing.length === 0 ? text : `${text.trimEnd()}\n\n${missing.join("\n\n")}\n`;
}

/** Null where no sentence of the page states the fact. */
function withFact(
  text: string,
  from: { readonly fact: string; readonly sentence: string },
  to: string,
): string | null {
  const [best] = sentencePieces(text)
    .filter((piece) => folded(piece.text).includes(folded(from.fact)))
    .map((piece) => ({ piece, shared: sharedWords(piece.text, from.sentence) }))
    .filter(({ shared }) => shared >= SAME_SENTENCE_MIN)
    .toSorted((one, other) => other.shared - one.shared);
  if (best === undefined) return null;
  const { piece } = best;
  const sentence = piece.text.replace(new RegExp(literally(from.fact), "iu"), () => to);
  if (sentence === piece.text) return null;
  return `${text.slice(0, piece.start)}${sentence}${text.slice(piece.start + piece.text.length)}`;
}
