/**
 * Drafts the change that a lesson proposes, from the teammates' words and by code, and says which stored cards would have
 * gone otherwise with it, as far as code can tell: no model is asked.
 */

import { DeskhandError } from "#core/values/errors.ts";
import { currentText, type ProcedureShelf } from "#jobs/procedures/shelf.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import {
  cardsCiting,
  cardsUnderRule,
  pageHolding,
  slugTitled,
} from "#store/reports/draft-differences.ts";
import { folded } from "#text/normalize.ts";
import { isRequest, sharedWords } from "#jobs/notes/compare-texts.ts";
import { draftRule, draftTone } from "./draft-policy.ts";
import {
  addedSentences,
  type AgreedChange,
  agreedChanges,
  type DraftedChange,
  type Lesson,
  citedMost,
  mostCommon,
} from "./find-lessons.ts";
import { sentencePieces } from "#guard/output/sentences.ts";
import { newPage } from "#jobs/gaps/list-gaps.ts";
import { nameOfWritten } from "#jobs/knowledge/pages.ts";
import { pageMarkdown, wholePage } from "#store/console/help-pages.ts";
import { writtenVersions } from "#store/knowledge/page-notes.ts";
import { literally, capitalised, inWords } from "#core/values/words.ts";

/** Where the texts are that lessons are about. */
export interface LessonTexts {
  readonly store: Store;
  /** The policy in force as it is written; null where it is not stored. */
  readonly policyText: () => Promise<string | null>;
  /** A procedure's text as it would be edited now; null where there is none of this name. */
  readonly procedureText: (name: string) => Promise<string | null>;
}

/** The drafted change. Nothing is stored by it. */
export async function draftChange(texts: LessonTexts, lesson: Lesson): Promise<DraftedChange> {
  switch (lesson.change) {
    case "page":
      return texts.store.run(draftPage, lesson);
    case "procedure":
      return draftProcedure(texts, lesson);
    case "tone":
      return draftTone(await texts.policyText(), lesson);
    case "rule": {
      const text = await texts.policyText();
      return texts.store.run(draftRule, text, lesson);
    }
  }
}

/** The texts of procedures as they would be edited now; none where no procedures are known. */
export function procedureTexts(shelf: ProcedureShelf | null): LessonTexts["procedureText"] {
  return async (name) => {
    if (shelf === null) return null;
    try {
      return (await currentText(shelf, name)).text;
    } catch (error) {
      if (error instanceof DeskhandError && error.code === "input.invalid") return null;
      throw error;
    }
  };
}

const STEPS_MAX = 4;

/** The procedure that most of the drafts followed with a step more; a new one where they followed none. */
async function draftProcedure(
  { procedureText }: LessonTexts,
  lesson: Lesson,
): Promise<DraftedChange> {
  const { differences, conversations, topic } = lesson;
  const followed = mostCommon(differences.flatMap(({ content }) => content.procedures));
  const before = followed === null ? null : await procedureText(followed.value);
  const steps = lessonSteps(lesson);
  const words = "Put the step where it belongs: it is added as the last one.";
  if (followed === null || before === null)
    return {
      place: "procedure",
      name: "",
      title: topic.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"),
      before: "",
      after: newProcedure(lesson, steps),
      notes: [
        `The drafts of these ${conversations} conversations followed no procedure, so this would be a new one.`,
      ],
    };
  return {
    place: "procedure",
    name: followed.value,
    title: followed.value,
    before,
    after: withSteps(before, steps),
    notes: [words],
  };
}

/** Requests first; statements where nothing was requested. */
function lessonSteps({ differences }: Lesson): readonly string[] {
  const added = addedSentences(differences).map((sentence) => sentence.replaceAll(/\s+/g, " "));
  const requests = added.filter(isRequest);
  return (requests.length > 0 ? requests : added).slice(0, STEPS_MAX);
}

/** The steps after the last one, with the numbers that follow. */
function withSteps(text: string, steps: readonly string[]): string {
  const lines = text.split("\n");
  const tests = lines.findIndex((line) => /^##\s+Tests\b/i.test(line));
  const until = tests < 0 ? lines.length : tests;
  const last = lines.slice(0, until).findLastIndex((line) => /^\d+\.\s/.test(line));
  const number = last < 0 ? 0 : Number.parseInt(lines[last] ?? "", 10);
  // A step may go on in lines that are set in.
  let place = last < 0 ? until : last + 1;
  while (last >= 0 && place < until && /^\s+\S/.test(lines[place] ?? "")) place += 1;
  const added = steps.map((step, index) => `${number + index + 1}. ${step}`);
  return [...lines.slice(0, place), ...added, ...lines.slice(place)].join("\n");
}

function newProcedure({ topic, differences }: Lesson, steps: readonly string[]): string {
  const [question = ""] = differences.map(({ content }) => content.question);
  const title = inWords(topic);
  return [
    "---",
    `title: ${JSON.stringify(capitalised(title))}`,
    `when: ${JSON.stringify(`The customer asks as in: ${question.slice(0, 120)}`)}`,
    `words: [${JSON.stringify(title)}]`,
    "tools: []",
    "owner: you@your-company.example",
    "---",
    "",
    ...steps.map((step, index) => `${index + 1}. ${step}`),
    "",
  ].join("\n");
}

/** What a change would do to cards that are stored. */
export interface Replay {
  /** Null where code cannot tell. */
  readonly flips: readonly { readonly card: string; readonly conversationId: string }[] | null;
  /** What was looked at and what it came to, in one sentence. */
  readonly words: string;
}

/** Looks at the newest cards that rest on the page or the rule. Of tone and procedures only a model's answer would tell. */
export async function replayChange(
  store: Store,
  lesson: Lesson,
  draft: DraftedChange,
): Promise<Replay> {
  const rests = `It rests on ${lesson.conversations} conversations.`;
  if (draft.after === draft.before) return { flips: null, words: rests };
  if (draft.place === "page" && draft.name !== "") return replayPage(store, lesson, draft);
  if (draft.ruleChange !== undefined) return replayRule(store, lesson, draft.ruleChange);
  return { flips: null, words: `${rests} Which others it would change cannot be told by code.` };
}

async function replayPage(store: Store, lesson: Lesson, { title }: DraftedChange): Promise<Replay> {
  const cards = await store.run(cardsCiting, title);
  const old = agreedChanges(lesson.differences).map(({ from }) => folded(from.fact));
  const flips = cards
    .filter(({ draft }) => old.some((fact) => folded(draft).includes(fact)))
    .map(({ id, conversationId }) => ({ card: id, conversationId }));
  if (old.length === 0)
    return {
      flips: null,
      words: `Stored cards that cite this page: ${cards.length}. Nothing is replaced, so what they would say otherwise cannot be told by code.`,
    };
  return {
    flips,
    words: `Stored cards that cite this page: ${cards.length}. Of these, those that say what would be replaced: ${flips.length}.`,
  };
}

async function replayRule(
  store: Store,
  lesson: Lesson,
  change: NonNullable<DraftedChange["ruleChange"]>,
): Promise<Replay> {
  const rule = lesson.differences[0]?.content.action?.rule ?? "";
  const cards = await store.run(cardsUnderRule, rule);
  const flips = cards
    .filter(({ amount }) => change === "denied" || (amount !== null && amount.minor > change.upTo))
    .map(({ id, conversationId }) => ({ card: id, conversationId }));
  const result =
    change === "denied"
      ? "would be denied without a card"
      : "are above the new amount, so another rule would decide";
  return {
    flips,
    words: `Of ${cards.length} cards under ${rule}, ${flips.length} ${result}; told by the rule and the amount alone.`,
  };
}

// The draft of a help page.

/** The page that most of the drafts cited, else one that states a replaced fact, else a new one. */
async function draftPage(transaction: Transaction, lesson: Lesson): Promise<DraftedChange> {
  const { differences, conversations } = lesson;
  const changes = agreedChanges(differences);
  const added = addedSentences(differences);
  const slug = await affectedPageSlug(transaction, lesson, changes);
  const page = slug === null ? null : await newestPage(transaction, slug);
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

async function affectedPageSlug(
  transaction: Transaction,
  { differences }: Lesson,
  changes: readonly AgreedChange[],
): Promise<string | null> {
  const cited = citedMost(differences);
  const slug = cited === null ? null : await slugTitled(transaction, cited);
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

async function newestPage(
  transaction: Transaction,
  slug: string,
): Promise<{ readonly title: string; readonly body: string } | null> {
  const written = nameOfWritten(slug);
  const [newest] = written === null ? [] : await writtenVersions(transaction, written);
  if (newest !== undefined) return newest;
  const whole = await wholePage(transaction, slug);
  return whole === null ? null : { title: whole.page.title, body: pageMarkdown(whole.passages) };
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
