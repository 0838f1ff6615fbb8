/** Checks procedures against the tools, the help pages, the policy, the guard, and each other. */
import type { LineProblem } from "#policy/yaml.ts";
import type { GuardVerdict } from "#core/contracts/guard.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import type { Decision } from "#core/contracts/policy.ts";
import { type Money, MONEY_OPERATIONS, formatMoney } from "#core/values/money.ts";
import { meantBy } from "#core/values/words.ts";
import { isoDate } from "#policy/calendar.ts";
import { sampleQuestion } from "#policy/explain/explain.ts";
import { amountsIn, durationsIn } from "#guard/output/facts.ts";
import { STRICTNESS } from "#policy/rules.ts";
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
  readonly policy: PolicyFile;
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
    ...contradictions(procedure, world),
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

type Compared = Pick<ProcedureWorld, "tools" | "policy">;

/**
 * Compares every sentence of the steps that names a tool with what the policy decides on its operation. Words are read
 * narrowly: a sentence that says no is left alone. It is help for the writer and no protection, since the policy
 * decides on each action whatever a procedure says.
 */
function contradictions(
  { steps }: Pick<Procedure, "steps">,
  compared: Compared,
): readonly LineProblem[] {
  return steps.flatMap((step) =>
    step.text.split("\n").flatMap((line, index) =>
      line
        .split(/(?<=[.!?])\s+/)
        .filter((sentence) => !isDeclined(sentence))
        .flatMap((sentence) => sentenceProblems(sentence, compared))
        .map((reason) => ({ line: step.line + index, reason })),
    ),
  );
}

function sentenceProblems(sentence: string, compared: Compared): readonly string[] {
  const operations = referencesIn(sentence, 1).flatMap(({ kind, name }) => {
    const operation = kind === "tool" ? compared.tools.get(name) : null;
    return typeof operation === "string" ? [{ tool: name, operation }] : [];
  });
  return operations.flatMap(({ tool, operation }) => {
    const said = whatIsSaid(sentence, compared.policy);
    const decision = decisionOn(operation, said, compared.policy);
    if (decision.verdict === "deny")
      return [
        `says @${tool} for ${said.words}, and the policy denies it: ${decision.reason.replace(/\.$/, "")}; write the step so, or change the policy first`,
      ];
    if (!saysAtOnce(sentence)) return [];
    // Without an amount the sentence speaks of every amount, so the largest one counts.
    const all = said.amount ?? { minor: PAID_MINOR, currency: compared.policy.document.currency };
    const atOnce = decisionOn(operation, { ...said, amount: all }, compared.policy);
    return atOnce.verdict === "allow"
      ? []
      : [
          `says @${tool} is done at once for ${said.words}, and the policy does not allow that without a person (${atOnce.rule}); leave out that no person is asked, or change the policy first`,
        ];
  });
}

/** The hardest case a sentence speaks of: its largest amount and its longest time. */
interface Said {
  readonly amount: Money | null;
  readonly days: number;
  readonly words: string;
}

function whatIsSaid(sentence: string, { document }: PolicyFile): Said {
  const amounts = amountsSaid(sentence, document.currency);
  const amount = amounts.toSorted((a, b) => b.minor - a.minor)[0] ?? null;
  const days = Math.max(0, ...daysSaid(sentence));
  const words = [
    ...(amount === null ? [] : [formatMoney(amount)]),
    ...(days === 0 ? [] : [`${days} days after delivery`]),
  ];
  return { amount, days, words: words.length === 0 ? "every case" : words.join(", ") };
}

const PAID_MINOR = 100_000_000;

/**
 * What the policy decides at best: the customer is confirmed, asked in their own words, and no limit is used. Without
 * days the mildest order counts, and without an amount the smallest one, so that only what is denied in every case is
 * a contradiction.
 */
function decisionOn(operation: string, { amount, days }: Said, file: PolicyFile): Decision {
  const { currency } = file.document;
  const money = MONEY_OPERATIONS.includes(operation) ? (amount ?? { minor: 1, currency }) : null;
  const at = new Date();
  const decide = (status: string, deliveredOn: string | null): Decision =>
    file.policy.decide(
      sampleQuestion({ operation, amount: money, at, order: { status, deliveredOn } }, currency),
    );
  const today = file.terms.calendar.dayOf(at);
  const delivered = decide("delivered", isoDate(today - days));
  if (days > 0) return delivered;
  const unshipped = [...file.terms.unshippedStatuses].map((status) => decide(status, null));
  return (
    [delivered, ...unshipped].toSorted(
      (a, b) => STRICTNESS[a.verdict] - STRICTNESS[b.verdict],
    )[0] ?? delivered
  );
}

// Reads from a step what can be compared with the policy: amounts, days, "at once", and words that say no.

/** All amounts of a sentence in this currency; an amount in another one cannot be compared. */
function amountsSaid(sentence: string, currency: string): readonly Money[] {
  return amountsIn(sentence).flatMap(({ keys }) => {
    // Of two readings the last one is the smaller, and so the milder case.
    const key = keys.findLast(
      (reading) => /^amount:\d/.test(reading) && reading.endsWith(currency),
    );
    const minor = Math.round(Number(key?.split(":")[1] ?? 0));
    return minor === 0 ? [] : [{ minor, currency }];
  });
}

/** Every length of time in a sentence, in days; a month counts 30 and a year 365. */
function daysSaid(sentence: string): readonly number[] {
  return durationsIn(sentence).map(({ keys: [key = ""] }) => {
    const [, days] = /-([\d.]+):day$/.exec(key) ?? [];
    const months = Number(/-([\d.]+):month$/.exec(key)?.[1] ?? 0);
    return days === undefined
      ? Math.floor(months / 12) * 365 + Math.round((months % 12) * 30)
      : Math.round(Number(days));
  });
}

/** What sounds like a no and is none: "no later than", "not more than", "no approval is needed". */
const BOUNDS =
  /\b(?:no|not) (?:later|more|longer|less) than\b|\bno (?:person|teammate|one|approval) is (?:needed|required|asked)\b|\bnicht (?:später|mehr|länger) als\b|\bpas plus (?:tard|de)\b|\bno más (?:tarde )?de\b/giu;

const NO =
  /\b(?:not|no|never|nor|cannot|can't|don't|doesn't|isn't|won't|without exception|hand over|nicht|kein\w*|nie|niemals|ne|pas|jamais|aucun\w*|nunca|ning[uú]n\w*|tampoco)(?!\p{L})/iu;

/** Whether a sentence says what is not done, or that people do it. */
function isDeclined(sentence: string): boolean {
  return NO.test(sentence.replaceAll(BOUNDS, ""));
}

const AT_ONCE =
  /\b(?:at once|no (?:person|teammate|one|approval) is (?:needed|required|asked)|right away|straight away|immediately|automatically|without (?:asking|approval|a person|waiting)|sofort|automatisch|ohne (?:rückfrage|freigabe)|imm[ée]diatement|automatiquement|sans (?:demander|accord)|inmediatamente|autom[áa]ticamente|sin (?:preguntar|aprobaci[óo]n))(?!\p{L})/iu;

/** Whether a sentence says that no person is asked. */
function saysAtOnce(sentence: string): boolean {
  return AT_ONCE.test(sentence);
}
