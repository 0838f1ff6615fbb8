/**
 * Room: procedures, the team's own instructions for a kind of case, written in plain language.
 * In: the text of a procedure's file, and what it is checked against: tools, pages, policy, guard.
 * Out: a checked procedure, every problem with its line, and whether it holds for a channel, brand and language.
 * May touch: nothing; callers read files and the database.
 * This file: reads one file (front matter, steps, tests), and what its steps refer to.
 */
import { z } from "zod";
import type { CasePlace } from "#core/contracts/knowledge.ts";
import { settingProblem } from "#core/values/errors.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { type LineProblem, readYaml } from "#policy/yaml.ts";
import { readCases, type ProcedureCase } from "./cases.ts";

/** What a file may hold: a longer one would crowd out the conversation. */
const FILE_BYTES_MAX = 20_000;

/** The name of a file without `.md`, and of the procedure in it. */
const ProcedureName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,79}$/,
    "has to be small letters, digits and dashes, such as late-parcel",
  );

const ToolName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,60}$/, "must be the name of a tool, such as get_order_status");

/** What stands above the steps. What is left out holds for all: all channels, all brands, all languages. */
const FrontMatter = z.strictObject({
  title: z.string().trim().min(3).max(120),
  when: z.string().trim().min(10).max(600),
  /** Of earlier versions, which found a procedure by them; nothing reads them any more. */
  words: z.array(z.string().trim().min(3).max(60)).max(60).optional(),
  channels: z.array(ChannelName).min(1).optional(),
  brands: z.array(z.string().trim().min(1).max(100)).min(1).max(50).optional(),
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/, "must be a code of two letters, such as en"))
    .min(1)
    .max(50)
    .optional(),
  tools: z.array(ToolName).max(20),
  owner: z.string().trim().min(2).max(200),
});

/** One procedure as its file says it. */
export interface Procedure extends z.infer<typeof FrontMatter> {
  readonly name: string;
  /** Everything between the front matter and the tests, as written; this is what a model is shown. */
  readonly body: string;
  readonly steps: readonly Step[];
  readonly cases: readonly ProcedureCase[];
}

/** True where nothing the front matter says rules this place out. */
export function holdsIn(
  { channels, brands, languages }: Pick<Procedure, "channels" | "brands" | "languages">,
  place: CasePlace,
): boolean {
  return (
    (channels === undefined || channels.includes(place.channel)) &&
    (brands === undefined || brands.includes(place.brand)) &&
    // A language that was not detected rules nothing out.
    (languages === undefined || place.language === null || languages.includes(place.language))
  );
}

/** A file as a procedure, or all its problems, in the order of their lines. */
export type ReadProcedure =
  | {
      readonly kind: "read";
      readonly procedure: Procedure;
      /** The line of a field of the front matter, such as `tools`. */
      readonly lineOf: (field: string) => number;
    }
  | { readonly kind: "invalid"; readonly problems: readonly LineProblem[] };

/**
 * Why a text may not even be kept as a draft: its name, its size, or signs that are no text. Everything else that is
 * wrong can be kept and mended.
 */
export function keepingProblems(name: string, text: string): readonly LineProblem[] {
  const named = ProcedureName.safeParse(name, { error: settingProblem });
  if (!named.success)
    return [{ line: 1, reason: `its name ${named.error.issues[0]?.message ?? ""}` }];
  const bytes = Buffer.byteLength(text);
  if (bytes > FILE_BYTES_MAX)
    return [
      {
        line: 1,
        reason: `has ${bytes} bytes, and a procedure may have ${FILE_BYTES_MAX}; make two of it, and lead from one to the other with [[procedure:name]]`,
      },
    ];
  return text
    .split("\n")
    .flatMap((line, index) =>
      NO_TEXT.test(line) || !line.isWellFormed()
        ? [{ line: index + 1, reason: "has signs that are no text; write the line anew" }]
        : [],
    );
}

/** Control characters other than tab and the carriage return of a Windows line. */
const NO_TEXT = /(?![\t\r])\p{Cc}/u;

/** Reads a file. Never throws: what is wrong with it is the answer. */
export function readProcedure(name: string, text: string): ReadProcedure {
  const unkept = keepingProblems(name, text);
  if (unkept.length > 0) return invalid(unkept);
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const end = lines.indexOf("---", 1);
  if (lines[0] !== "---" || end === -1)
    return invalid([
      {
        line: 1,
        reason:
          "has to begin with front matter between two lines of three dashes: title, when, tools and owner",
      },
    ]);
  return readParts(name, lines, end);
}

function readParts(name: string, lines: readonly string[], end: number): ReadProcedure {
  // An empty line in place of the dashes keeps the numbers of the lines.
  const fields = readYaml(["", ...lines.slice(1, end)].join("\n"), {
    schema: FrontMatter,
    more: () => [],
  });
  const tests = lines.findIndex((line, index) => index > end && /^## Tests\s*$/.test(line));
  const bodyEnd = tests === -1 ? lines.length : tests;
  const { steps, problems: ofSteps } = readSteps(lines.slice(end + 1, bodyEnd), end + 2);
  const { cases, problems: ofCases } = readCases(
    tests === -1 ? [] : lines.slice(tests + 1),
    tests + 2,
  );
  const problems = [...(fields.kind === "invalid" ? fields.problems : []), ...ofSteps, ...ofCases];
  if (fields.kind === "invalid" || problems.length > 0) return invalid(problems);
  const body = lines
    .slice(end + 1, bodyEnd)
    .join("\n")
    .trim();
  return {
    kind: "read",
    procedure: { name, ...fields.document, body, steps, cases },
    lineOf: (field) => fields.lineOf([field]),
  };
}

function invalid(problems: readonly LineProblem[]): ReadProcedure {
  return { kind: "invalid", problems: problems.toSorted((a, b) => a.line - b.line) };
}

/** Something a step names: a tool, a help page, or another procedure. */
export interface Reference {
  readonly kind: "tool" | "page" | "procedure";
  readonly name: string;
  readonly line: number;
}

/** One numbered step, with the lines that belong to it. */
interface Step {
  readonly number: number;
  readonly line: number;
  readonly text: string;
}

const NUMBERED = /^(\d{1,3})\.(?:\s(.*))?$/s;

/**
 * Reads the lines between front matter and tests. A line that begins with a number and a point begins a step; what
 * follows belongs to it until the next one. Steps are counted from 1, because card and trace name them by number.
 */
function readSteps(
  lines: readonly string[],
  firstLine: number,
): { readonly steps: readonly Step[]; readonly problems: readonly LineProblem[] } {
  const steps: Step[] = [];
  for (const [index, line] of lines.entries()) {
    const [, number, text = ""] = NUMBERED.exec(line) ?? [];
    const last = steps.at(-1);
    if (number !== undefined)
      steps.push({ number: Number(number), line: firstLine + index, text: text.trim() });
    else if (last !== undefined && line.trim() !== "")
      steps.splice(-1, 1, { ...last, text: `${last.text}\n${line.trim()}` });
  }
  if (steps.length === 0)
    return {
      steps,
      problems: [{ line: firstLine, reason: 'has no steps; write them as "1. …", "2. …"' }],
    };
  return { steps, problems: steps.flatMap((step, index) => stepProblems(step, index + 1)) };
}

function stepProblems({ number, line, text }: Step, expected: number): readonly LineProblem[] {
  return [
    ...(number === expected
      ? []
      : [{ line, reason: `is numbered ${number}, and step ${expected} comes here` }]),
    // A reference alone says nothing about what to do with it.
    ...(/\p{L}{2}/u.test(text.replaceAll(REFERENCE, ""))
      ? []
      : [{ line, reason: `step ${expected} is empty; say in words what is done there` }]),
  ];
}

/** `@tool`, but not the domain of an address; `[[page]]`; `[[procedure:name]]`. */
const REFERENCE = /(?<![\w.+-])@([a-z][a-z0-9_]*)|\[\[(procedure:)?([^[\]\n]{1,300})\]\]/g;

/** A piece of a step: words, or a reference as written and as meant. */
export type StepPiece =
  | { readonly kind: "words"; readonly text: string }
  | { readonly kind: Reference["kind"]; readonly text: string; readonly name: string };

/** A step in pieces, for a page that shows references apart; together they are the text again. */
export function stepPieces(text: string): readonly StepPiece[] {
  const pieces: StepPiece[] = [];
  let at = 0;
  for (const found of text.matchAll(REFERENCE)) {
    const [written, tool, other, page = ""] = found;
    pieces.push({ kind: "words", text: text.slice(at, found.index) });
    const kind = tool === undefined ? (other === undefined ? "page" : "procedure") : "tool";
    pieces.push({ kind, text: written, name: tool ?? page.trim() });
    at = found.index + written.length;
  }
  return [...pieces, { kind: "words" as const, text: text.slice(at) }].filter(
    (piece) => piece.text !== "",
  );
}

/** Everything these lines refer to, in the order of reading. */
export function referencesIn(text: string, firstLine: number): readonly Reference[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      stepPieces(line).flatMap((piece) =>
        piece.kind === "words"
          ? []
          : [{ kind: piece.kind, name: piece.name, line: firstLine + index }],
      ),
    );
}
