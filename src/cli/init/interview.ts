/**
 * The questions of `deskhand init`, and the interview: a person is asked one part after another, and each connection
 * is tried as soon as it is known.
 */
import { z } from "zod";
import { isProblem, partLines } from "#cli/doctor-command.ts";
import type { Finding } from "#core/connection/connection-board.ts";
import {
  type PartQuestions,
  type Question,
  type Typed,
  EMAIL,
  MODEL,
  SHOP,
  SLACK,
  ZENDESK,
} from "./account-questions.ts";
import {
  Answers,
  NEEDED_PARTS,
  answerProblems,
  fieldsIn,
  type PartName,
  YesOrNo,
} from "./answers.ts";
import type { Terminal } from "./terminal.ts";

/** Tries what was answered for a part. May complete the answers, such as a channel's id for its name. */
type CheckPart = (
  part: PartName,
  answers: Answers,
) => Promise<{ readonly answers: Answers; readonly findings: readonly Finding[] }>;

/** What the interview works with. */
export interface Interview {
  readonly terminal: Terminal;
  readonly check: CheckPart;
  /** Parts that are not asked about, because they are set or because of an earlier answer. */
  readonly isSkipped: (part: PartName, answers: Answers) => boolean;
}

const LEGEND =
  "Enter takes what stands in brackets. ? explains, back goes one question back, Ctrl-C leaves without a trace.";

type Line = { readonly text: string } | "back";

/**
 * The answers of a person. With `earlier` ones, which the person went back from, the last part is asked again. Rejects
 * with `Interrupted` when they leave.
 */
export async function interview(given: Interview, earlier?: Answers): Promise<Answers> {
  const { terminal, isSkipped } = given;
  if (earlier === undefined) terminal.say(LEGEND);
  let answers: Answers = earlier ?? {};
  let index = earlier === undefined ? 0 : previous(QUESTIONS.length, given, earlier);
  while (index < QUESTIONS.length) {
    const asked = QUESTIONS[index];
    if (asked === undefined) break;
    if (isSkipped(asked.part, answers)) {
      index += 1;
      continue;
    }
    const places = QUESTIONS.filter(({ part }) => !isSkipped(part, answers));
    terminal.say(`\n[${places.indexOf(asked) + 1} of ${places.length}] ${asked.title}`);
    const result = await askPart(given, asked, answers);
    if (result === "back") index = Math.max(0, previous(index, given, answers));
    else {
      answers = result;
      index += 1;
    }
  }
  return answers;
}

/** The nearest part before that is asked about; the first one where there is none. */
function previous(index: number, { isSkipped }: Interview, answers: Answers): number {
  const before = QUESTIONS.slice(0, index).findLastIndex(({ part }) => !isSkipped(part, answers));
  return before < 0 ? index : before;
}

/** One part, until its connection works or the person leaves it as it is. */
async function askPart(
  given: Interview,
  asked: PartQuestions,
  earlier: Answers,
): Promise<Answers | "back"> {
  const { terminal } = given;
  const others: Answers = { ...earlier, [asked.part]: undefined };
  if (asked.wanted !== undefined) {
    const { ask, suggest: suggested, help } = asked.wanted;
    const answer = await yesOrNo(terminal, { ask: `${ask} (yes or no)`, help, suggested });
    if (answer === "back") return "back";
    if (answer === "no") return others;
  }
  for (const line of asked.before ?? []) terminal.say(line);
  let before: Typed = {};
  let first = 0;
  for (;;) {
    const typed = await askQuestions(terminal, asked, { before, first, earlier });
    if (typed === "back") return "back";
    before = typed;
    const parsed = Answers.safeParse({ [asked.part]: typed });
    if (!parsed.success) {
      for (const { field, reason } of answerProblems(parsed.error))
        terminal.say(`✗ ${field}: ${reason}`);
      first = 0;
      continue;
    }
    const checked = await tryPart(given, asked, { ...others, ...parsed.data });
    if (typeof checked !== "number") return checked === "skip" ? others : checked;
    first = checked;
  }
}

/** Goes on at the `first` question. What was answered before stays, and is suggested where it is asked again. */
async function askQuestions(
  terminal: Terminal,
  { part, questions, after }: PartQuestions,
  { before, first, earlier }: { before: Typed; first: number; earlier: Answers },
): Promise<Typed | "back"> {
  const typed: Partial<Record<string, string>> = { ...before };
  let index = first;
  const fields = Object.entries(questions).filter(
    ([, { isAdvised = false }], place) => !isAdvised || place === first,
  );
  while (index < fields.length) {
    const asked = fields[index];
    if (asked === undefined) break;
    const [field, question] = asked;
    const suggested = typed[field] ?? (await question.suggest?.(typed, earlier)) ?? "";
    const schema = fieldSchema(part, field);
    const line = await askLine(terminal, { ...question, suggested }, schema);
    if (line === "back") {
      if (index === 0) return "back";
      index -= 1;
      continue;
    }
    if (line.text === "") delete typed[field];
    else typed[field] = line.text;
    for (const note of (await after?.(field, typed)) ?? []) terminal.say(note);
    index += 1;
  }
  return typed;
}

/** One line: its suggestion when it is empty, asked again until it can be used. */
async function askLine(
  terminal: Terminal,
  question: Pick<Question, "ask" | "help" | "isSecret"> & { readonly suggested: string },
  schema: z.ZodType,
): Promise<Line> {
  const { ask, help, isSecret = false, suggested } = question;
  const prompt = `${ask}${bracketFor(question, schema)}: `;
  for (;;) {
    const answer = (await terminal.ask(prompt, { hidden: isSecret })).trim();
    if (answer === "back") return "back";
    if (answer === "?") {
      terminal.say(`  ${help}`);
      continue;
    }
    const text = answer === "" ? suggested : answer;
    const problem = problemIn(text, schema);
    if (problem !== null) terminal.say(`  ✗ ${problem}`);
    else {
      if (isSecret && answer !== "") terminal.say(`  taken, ${answer.length} characters`);
      return { text };
    }
  }
}

/** Only yes, no and back are answers. */
export async function yesOrNo(
  terminal: Terminal,
  question: Parameters<typeof askLine>[1],
): Promise<"yes" | "no" | "back"> {
  const line = await askLine(terminal, question, YesOrNo);
  if (line === "back") return "back";
  return YesOrNo.parse(line.text) ? "yes" : "no";
}

function bracketFor(
  { isSecret, suggested }: Parameters<typeof askLine>[1],
  schema: z.ZodType,
): string {
  if (suggested !== "") return isSecret === true ? " [as before]" : ` [${suggested}]`;
  return isOptional(schema) ? " [none]" : "";
}

/** An empty line means that there is none, where there may be none. */
function problemIn(text: string, schema: z.ZodType): string | null {
  if (text === "") return isOptional(schema) ? null : "is needed; ? explains";
  return schema.safeParse(text).error?.issues[0]?.message ?? null;
}

function isOptional(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}

/** How the text of a field is read. */
function fieldSchema(part: PartName, field: string): z.ZodType {
  const found = fieldsIn(part)[field];
  if (found === undefined) throw new Error(`${part} has no field ${field}`);
  return found;
}

/** The answers as they are to be kept, or the question to go on from: the first one that the advice names. */
async function tryPart(
  given: Interview,
  { part, ...asked }: PartQuestions,
  answers: Answers,
): Promise<Answers | number | "skip"> {
  const { terminal, check } = given;
  const questions = Object.values(asked.questions);
  for (;;) {
    if (!NEEDED_PARTS.includes(part)) terminal.say("  trying it …");
    const { answers: completed, findings } = await check(part, answers);
    for (const line of partLines(part, findings)) terminal.say(line);
    const problems = findings.filter(isProblem);
    if (problems.length === 0) return completed;
    const answer = await askLine(terminal, WHAT_NOW, WhatNow);
    const now = answer === "back" ? "change" : WhatNow.parse(answer.text);
    if (now === "change") {
      const advice = problems.flatMap(({ remedy }) => remedy?.match(/\w+/g) ?? []);
      return Math.max(
        0,
        questions.findIndex(({ variable = "" }) => advice.includes(variable)),
      );
    }
    if (now === "keep") return completed;
    if (now === "skip") return NEEDED_PARTS.includes(part) ? completed : "skip";
  }
}

const WhatNow = z.enum(["try", "change", "keep", "skip"], {
  error: "must be try, change, keep or skip",
});

const WHAT_NOW = {
  ask: "Try again, change the answers, keep them as they are, or skip this part (try, change, keep, skip)",
  help: "Mend what is named above and press Enter: it is tried again. “change” asks again, from the question that the advice names, “keep” writes the answers although they do not work yet, “skip” leaves the part out.",
  suggested: "try",
};

/** All parts, in the order they are asked in. */
export const QUESTIONS: readonly PartQuestions[] = [
  {
    part: "company",
    title: "Your company",
    questions: {
      name: {
        ask: "What is it called",
        help: "Customers read it under each answer: “Kind regards, NAME support team”. The policy file has the whole signature, to be changed at any time.",
      },
    },
  },
  {
    part: "hours",
    title: "Opening hours",
    questions: {
      zone: {
        ask: "Time zone",
        help: "The zone of your opening hours, of days in refund windows, and of every time Deskhand writes. By its IANA name, such as Europe/Berlin.",
        suggest: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
      },
      open: {
        ask: "When is the team there",
        help: "Such as “mon-fri 09:00-17:00, sat 10:00-14:00”, “daily 08:00-20:00”, or “always”. Cards expire and remind in these hours only.",
        suggest: () => "mon-fri 09:00-17:00",
      },
    },
  },
  {
    part: "money",
    title: "Money",
    questions: {
      currency: {
        ask: "Currency of your shop",
        help: "Three letters (ISO 4217). An amount in any other currency is never allowed without a person.",
        suggest: (_typed, { hours }) => suggestedCurrency(hours?.zone ?? ""),
      },
      refunds: {
        ask: "Refunds: one teammate alone up to, never above, days after delivery",
        help: "Three numbers. With “200, 1000, 30” a teammate approves up to 200 alone, two people (one a lead) up to 1000, and nothing is refunded above 1000 or later than 30 days after delivery. No refund happens without a person.",
        suggest: () => "200, 1000, 30",
      },
    },
  },
  {
    part: "hosting",
    title: "Where Deskhand runs",
    questions: {
      public_url: {
        variable: "DESKHAND_PUBLIC_URL",
        ask: "Public address",
        help: "The https address of your proxy in front of Deskhand, such as https://desk.example.com. Without one, Zendesk's news are fetched every minute instead of being sent, and pages open on this machine only. It can be added later.",
      },
      database: {
        variable: "DATABASE_URL",
        ask: "PostgreSQL",
        isSecret: true,
        help: "Like postgres://user:password@host/database. Without one the built-in database is used, which is enough while nothing is sent. It can be added later, with a backup of what is there.",
      },
    },
  },
  SLACK,
  {
    part: "people",
    title: "Your people",
    questions: {
      leads: {
        ask: "Leads, who approve large amounts and change the rules",
        help: "With commas between them: @names or full names in your Slack, or e-mail addresses. The first one is told when no other teammate can approve.",
      },
      support: {
        ask: "The others who approve",
        help: "In the same way. Leave it empty when the leads are the whole team.",
      },
    },
  },
  ZENDESK,
  EMAIL,
  SHOP,
  MODEL,
];

/** The currency most shops in that part of the world use; a suggestion only. */
function suggestedCurrency(zone: string): string {
  if (zone === "Europe/London") return "GBP";
  if (zone === "Europe/Zurich") return "CHF";
  return zone.startsWith("Europe/") ? "EUR" : "USD";
}
