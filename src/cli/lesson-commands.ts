/** The commands that list what teammates' edits, rejections and answers propose to change. */
import { lineDifference } from "#text/diff.ts";
import type { Command } from "commander";
import { z } from "zod";
import type { Clock } from "#core/contracts/ports.ts";
import { vectorsBy } from "#jobs/gaps/group-questions.ts";
import {
  draftChange,
  type LessonTexts,
  procedureTexts,
  type Replay,
  replayChange,
} from "#jobs/lessons/draft-change.ts";
import { lessonWith, openLessons } from "#jobs/lessons/find-lessons.ts";
import { CHANGE_WORDS, DIFFERED_WORDS, KIND_WORDS } from "#jobs/lessons/lesson-words.ts";
import { counted } from "#core/values/words.ts";
import type { Store } from "#store/db/database.ts";
import type { CommandParts } from "./command-parts.ts";
import type { Lesson, DraftedChange } from "#jobs/lessons/lesson.ts";

/** What the commands work on. Without help pages, words alone are compared. */
interface LessonContext extends Partial<CommandParts> {
  readonly store: Store;
  readonly clock: Clock;
}

const Options = z.object({ json: z.boolean().default(false) });
const Id = z.coerce.number().int().min(1);

/** Adds `lessons list` and `lessons show`. `policyText` is the policy in force; null where none is known. */
export function addLessonCommands(
  program: Command,
  context: LessonContext,
  policyText: (() => Promise<string>) | null,
  print: (text: string) => void,
): void {
  const lessons = program
    .command("lessons")
    .description("what three and more alike edits, rejections or answers propose to change");
  lessons
    .command("list")
    .description("lists the proposals on which no lead has decided")
    .option("--json", "for a program: an array of proposals")
    .action(async (typed: unknown) => {
      const { json } = Options.parse(typed);
      const open = await openLessons(await searchOf(context));
      print(json ? JSON.stringify(open.map(forPrograms), null, 2) : listText(open));
    });
  lessons
    .command("show <number>")
    .description(
      "shows a proposal: the differences, the drafted change, and which cards it would flip",
    )
    .option("--json", "for a program: one object")
    .action(async (number: string, typed: unknown) => {
      const { json } = Options.parse(typed);
      const id = Id.safeParse(number).data ?? 0;
      const lesson = await lessonWith(await searchOf(context), id);
      if (lesson === null)
        throw new Error(`there is no lesson ${number}; deskhand lessons list names all`);
      const draft = await draftChange(textsOf(context, policyText), lesson);
      const replay = await replayChange(context.store, lesson, draft);
      print(
        json
          ? JSON.stringify({ ...forPrograms(lesson), draft, replay }, null, 2)
          : showText(lesson, draft, replay),
      );
    });
}

async function searchOf({ store, clock, knowledge }: LessonContext) {
  const search = { store, now: clock.now() };
  if (knowledge === undefined) return search;
  const { knowledge: pages } = await knowledge();
  return { ...search, vectors: vectorsBy((text, signal) => pages.vectorOf(text, signal)) };
}

function textsOf(
  { store, procedures }: LessonContext,
  policyText: (() => Promise<string>) | null,
): LessonTexts {
  return {
    store,
    policyText: async () => (await policyText?.()) ?? null,
    procedureText: procedureTexts(procedures ?? null),
  };
}

function forPrograms({ differences, ...lesson }: Lesson) {
  return {
    ...lesson,
    differences: differences.map(({ id, conversationId, kind, topic, at, content }) => ({
      id,
      conversationId,
      kind,
      topic,
      at,
      ...content,
    })),
  };
}

function listText(lessons: readonly Lesson[]): string {
  if (lessons.length === 0) return "Nothing that three conversations show alike waits for a lead.";
  return [
    ...lessons.flatMap(({ id, change, headline, topic, conversations, people }) => [
      `${id}  ${headline}`,
      `   ${CHANGE_WORDS[change]} · ${topic} · ${conversations} conversations, ${counted(people, "teammate")}`,
    ]),
    "The drafted change of one: deskhand lessons show NUMBER. Leads decide in the console.",
  ].join("\n");
}

function showText(lesson: Lesson, draft: DraftedChange, replay: Replay): string {
  const { headline, change, conversations, people, differences, decided } = lesson;
  const marks = { out: "-", in: "+", same: " " } as const;
  const changed = lineDifference(draft.before, draft.after).filter(({ kind }) => kind !== "same");
  return [
    headline,
    `${CHANGE_WORDS[change]} · ${conversations} conversations, ${counted(people, "teammate")}`,
    ...(decided === null ? [] : [`${decided.decision}: ${decided.decisionReason}`]),
    "",
    ...differences.map(
      ({ kind, content, conversationId }) =>
        `${conversationId}: ${KIND_WORDS[kind]}, ${DIFFERED_WORDS[content.differs]}: ${content.teammate.replaceAll(/\s+/g, " ").slice(0, 200)}`,
    ),
    "",
    `Drafted by code from the teammates' words: ${draft.title}`,
    ...changed.map(({ kind, text }) => `${marks[kind]} ${text}`),
    ...draft.notes.map((note) => `Note: ${note}`),
    replay.words,
  ].join("\n");
}
