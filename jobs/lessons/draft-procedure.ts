/** Drafts a step of a procedure, or a new procedure, from what teammates asked customers for. */
import { isRequest } from "./compare-texts.ts";
import type { DraftedChange, LessonTexts } from "./draft-change.ts";
import type { Lesson } from "./find-lessons.ts";
import { addedSentences, mostCommon } from "./lesson-words.ts";

const STEPS_MAX = 4;

/** The procedure that most of the drafts followed with a step more; a new one where they followed none. */
export async function draftProcedure(
  { procedureText }: Pick<LessonTexts, "procedureText">,
  lesson: Lesson,
): Promise<DraftedChange> {
  const { differences, conversations, topic } = lesson;
  const followed = mostCommon(differences.flatMap(({ content }) => content.procedures));
  const before = followed === null ? null : await procedureText(followed.value);
  const steps = stepsOf(lesson);
  const words = "Put the step where it belongs: it is added as the last one.";
  if (followed === null || before === null)
    return {
      place: "procedure",
      name: "",
      title: nameFrom(topic),
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
function stepsOf({ differences }: Lesson): readonly string[] {
  const added = addedSentences(differences).map((sentence) => sentence.replaceAll(/\s+/g, " "));
  const requests = added.filter(isRequest);
  return (requests.length > 0 ? requests : added).slice(0, STEPS_MAX);
}

/** The steps after the last one, with the numbers that follow. */
export function withSteps(text: string, steps: readonly string[]): string {
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
  const title = topic.replaceAll("_", " ");
  return [
    "---",
    `title: ${JSON.stringify(title.charAt(0).toUpperCase() + title.slice(1))}`,
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

function nameFrom(topic: string): string {
  return topic.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
