/** Checks procedures against the tools, the help pages, the guard, and each other. */
import type { LineProblem } from "#policy/yaml.ts";
import type { GuardVerdict } from "#core/contracts/guard.ts";
import { meantBy } from "#core/values/words.ts";
import {
  readProcedure,
  type Procedure,
  type ReadProcedure,
  referencesIn,
  type Reference,
} from "./format.ts";

/** What procedures are checked against. */
export interface ProcedureWorld {
  /** Every tool a model can be offered, with the operation it proposes; null for one that proposes nothing. */
  readonly tools: ReadonlyMap<string, string | null>;
  /** Ids of all help pages. */
  readonly pages: ReadonlySet<string>;
  /** What the input guard thinks of a text. */
  readonly inspect: (text: string, origin: string) => GuardVerdict;
}

/** A procedure's text under its name. */
export interface ProcedureText {
  readonly name: string;
  readonly text: string;
}

/** A problem of a procedure, with its line in the file. */
export interface ProcedureProblem extends LineProblem {
  readonly name: string;
}

interface CheckedProcedures {
  /** The procedures without a problem. */
  readonly procedures: readonly Procedure[];
  /** Sorted by procedure and line; empty when all may be used. */
  readonly problems: readonly ProcedureProblem[];
}

/**
 * Checks texts that are used together. A procedure with a problem is not among the results, so whatever uses them
 * needs no second look.
 */
export function checkProcedures(
  texts: readonly ProcedureText[],
  world: ProcedureWorld,
): CheckedProcedures {
  const reads = texts.map(({ name, text }) => ({ name, text, read: readProcedure(name, text) }));
  const names = new Set(texts.map(({ name }) => name));
  const known = reads.flatMap(({ read }) => (read.kind === "read" ? [read.procedure] : []));
  const loops = loopsAmong(known);
  const problems = reads
    .flatMap(({ name, text, read }) =>
      procedureProblems({ name, text }, read, { world, names, loops }).map((found) => ({
        name,
        ...found,
      })),
    )
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.line - b.line);
  const wrong = new Set(problems.map(({ name }) => name));
  return { procedures: known.filter(({ name }) => !wrong.has(name)), problems };
}

/** `late-parcel.md:12 there is no tool …`: the form of every line about a problem. */
export function problemLine({ name, line, reason }: ProcedureProblem): string {
  return `${name}.md:${line} ${reason}`;
}

interface Surroundings {
  readonly world: ProcedureWorld;
  readonly names: ReadonlySet<string>;
  readonly loops: ReadonlyMap<string, readonly string[]>;
}

function procedureProblems(
  { name, text }: ProcedureText,
  read: ReadProcedure,
  { world, names, loops }: Surroundings,
): readonly LineProblem[] {
  if (read.kind === "invalid") return read.problems;
  const { procedure, lineOf } = read;
  const references = procedure.steps.flatMap((step) => referencesIn(step.text, step.line));
  const known = { world, names, tools: new Set(procedure.tools) };
  const loop = loops.get(name);
  return [
    ...procedure.tools
      .filter((tool) => !world.tools.has(tool))
      .map((tool) => ({ line: lineOf("tools"), reason: noTool(tool, world) })),
    ...references.flatMap((reference) => referenceProblems(reference, known)),
    ...(loop === undefined
      ? []
      : [
          {
            line: lineOfLoop(references, loop),
            reason: `leads back to itself: ${loop.join(" → ")}; say in one of them what is done there instead of leading on`,
          },
        ]),
    ...caseProblems(procedure, world),
    ...ruleBreaking(text, world),
  ];
}

function referenceProblems(
  { kind, name, line }: Reference,
  known: Pick<Surroundings, "world" | "names"> & { readonly tools: ReadonlySet<string> },
): readonly LineProblem[] {
  const { world, names, tools } = known;
  if (kind === "page")
    return world.pages.has(name)
      ? []
      : [{ line, reason: `there is no help page ${name}; ${meantBy(name, world.pages)}` }];
  if (kind === "procedure")
    return names.has(name)
      ? []
      : [{ line, reason: `there is no procedure ${name}; ${meantBy(name, names)}` }];
  if (!world.tools.has(name)) return [{ line, reason: noTool(name, world) }];
  return tools.has(name)
    ? []
    : [
        {
          line,
          reason: `names @${name}, which is not in the list of tools above the steps; add it there, or leave it out here`,
        },
      ];
}

function noTool(name: string, { tools }: Pick<ProcedureWorld, "tools">): string {
  return `there is no tool ${name}; ${meantBy(name, tools.keys())}`;
}

/** Where the way back begins; the first line where no step leads there. */
function lineOfLoop(references: readonly Reference[], [, next]: readonly string[]): number {
  return references.find(({ kind, name }) => kind === "procedure" && name === next)?.line ?? 1;
}

function caseProblems({ cases }: Procedure, world: ProcedureWorld): readonly LineProblem[] {
  const operations = new Set(world.tools.values());
  const proposed = [...operations].filter((operation) => operation !== null);
  return cases
    .flatMap(({ expects }) => expects)
    .flatMap(({ of, value, line }) => {
      if (of === "tool" && !world.tools.has(value)) return [{ line, reason: noTool(value, world) }];
      if (of === "action" && value !== "" && !operations.has(value))
        return [{ line, reason: `no tool proposes ${value}; ${meantBy(value, proposed)}` }];
      return [];
    });
}

/**
 * A procedure stands among the team's instructions, so a text that tells the assistant to set its rules aside is
 * refused, no matter which lead wrote it. Each line is read by itself for its number, and the whole for what is
 * spread over lines.
 */
function ruleBreaking(text: string, { inspect }: ProcedureWorld): readonly LineProblem[] {
  const refused = ({ reasons }: GuardVerdict): string =>
    `reads like an attempt to change the assistant's rules (${reasons.join("; ")}); say what the team does, and leave what is allowed to the policy`;
  const lines = text.split("\n").flatMap((line, index) => {
    const verdict = inspect(line, "the line");
    return verdict.verdict === "allow" ? [] : [{ line: index + 1, reason: refused(verdict) }];
  });
  if (lines.length > 0) return lines;
  const whole = inspect(text, "the text");
  return whole.verdict === "allow" ? [] : [{ line: 1, reason: refused(whole) }];
}

// Finds procedures that refer to themselves, over any number of others.

/**
 * Each procedure that leads back to itself, with the way there and back. Procedures that only refer to such a one are
 * not among them: their own text is in order.
 */
function loopsAmong(procedures: readonly Procedure[]): ReadonlyMap<string, readonly string[]> {
  const next = new Map(
    procedures.map(({ name, steps }) => [
      name,
      steps
        .flatMap((step) => referencesIn(step.text, step.line))
        .flatMap((reference) => (reference.kind === "procedure" ? [reference.name] : [])),
    ]),
  );
  return new Map(
    procedures.flatMap(({ name }) => {
      const way = wayBack(name, next);
      return way === null ? [] : [[name, way] as const];
    }),
  );
}

/** The shortest way from a procedure back to itself, or null. Every procedure is visited once. */
function wayBack(
  start: string,
  next: ReadonlyMap<string, readonly string[]>,
): readonly string[] | null {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const longer = ways.flatMap((way) =>
      (next.get(way.at(-1) ?? "") ?? []).map((to) => [...way, to]),
    );
    const back = longer.find((way) => way.at(-1) === start);
    if (back !== undefined) return back;
    ways = longer.filter((way) => {
      const to = way.at(-1) ?? "";
      const isNew = !seen.has(to);
      seen.add(to);
      return isNew;
    });
  }
  return null;
}
