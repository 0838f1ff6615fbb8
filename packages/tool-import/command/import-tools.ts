/** One import: answers are read, what is open is asked, the folder is written, and what became no tool is told. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { BUILT_IN_OPERATIONS, BUILT_IN_TOOLS } from "#core/values/action.ts";
import { invalidInput, reasonOf } from "#core/values/errors.ts";
import {
  answersFrom,
  type Check,
  givenAnswers,
  readYaml,
  sqlAnswersFrom,
  answersTemplate,
  type Gap,
  type RawAnswers,
  type RefusedTool,
  withAnswer,
} from "#importing/answers/read-answers.ts";
import type { OpenedSystem } from "#importing/description.ts";
import { planTools } from "#importing/plan/plan-tools.ts";
import {
  connectionFile,
  databaseFile,
  lookUpFile,
  type PlannedConnection,
  type PlannedTool,
  toolFile,
} from "#importing/plan/tool-file.ts";
import { plainName, planLookUp } from "#importing/sql/plan-look-up.ts";
import type { SystemTool } from "#systems/contract.ts";
import { toolRequests } from "#systems/request-values.ts";
import {
  type DeclarationFile,
  type NamedTool,
  requireName,
  requireOwnNames,
  standingTools,
  type SystemPlace,
  writeSystem,
} from "./write-system.ts";

interface Person {
  say(text: string): void;
  /** What the person typed; rejects when they leave. */
  ask(prompt: string, options?: { readonly hidden?: boolean }): Promise<string>;
  close(): void;
}

/** Where an import of tools runs, as the command line tells it. */
export interface ToolImports {
  readonly folder: string;
  /** Opens a terminal with a person at it; null where there is none. */
  readonly terminal: (() => Person) | null;
  /** Why a text of a document must not reach the model; null when it may. */
  readonly inspect: (text: string) => string | null;
  /** A setting by its name; null when it is not set. */
  readonly setting: (name: string) => string | null;
}

/** The same for what has been opened. */
export type ImportPlace = Pick<ToolImports, "folder" | "terminal"> &
  Partial<Pick<ToolImports, "setting">> & { readonly print: (text: string) => void };

/** What was typed behind the command. */
export interface ImportOptions extends SystemPlace {
  /** Operations or tables by name; empty for those the answers name. */
  readonly only: readonly string[];
  readonly answersFile: string | null;
}

/**
 * Writes the tools of the wanted operations. Those with open questions are refused by name and the others are made; with
 * any refused it throws in the end. Throws `input.invalid` before anything is written for what cannot be used.
 */
export async function importTools(
  opened: OpenedSystem,
  options: ImportOptions,
  place: ImportPlace,
): Promise<void> {
  const { only, name } = options;
  requireName(name);
  const file = await givenAnswers(place.folder, options.answersFile, answersFrom);
  const named = Object.keys(file.given).filter((part) => part !== "system");
  const wanted = only.length > 0 ? only : named;
  if (wanted.length === 0)
    throw invalidInput(
      "Name the operations with --only, or in a file of answers. `--list` shows them all.",
    );
  const taken = [...BUILT_IN_TOOLS, ...BUILT_IN_OPERATIONS];
  await importPlanned(options, place, file, answersFrom, async (answers) => {
    const planned = await planTools(opened, { wanted, answers, folder: name, taken });
    const { connection, tools, refused, leftOut, problems } = planned;
    return {
      tools,
      refused,
      ended: `${refused.length} of ${refused.length + tools.length} operations became no tool${tools.length === 0 ? "" : "; the others were made"}.`,
      found: problems.map(({ at, says }) => `${at === "" ? "document" : at}: ${says}`),
      leftOut,
      settings: settingsFor(connection),
      files: (standing) => [
        connectionFile(withKeptPins(connection, tools, standing)),
        ...tools.map((tool) => toolFile(tool, connection.document)),
      ],
    };
  });
}

/** Where tables are, beside what was typed. */
export interface SqlImportOptions extends ImportOptions {
  readonly address: string;
  /** The setting that holds it when look-ups run. */
  readonly addressFrom: string;
}

/** The same for a look-up for each table, or as the answers say. */
export async function importSql(options: SqlImportOptions, place: ImportPlace): Promise<void> {
  const { name, only } = options;
  requireName(name);
  const file = await givenAnswers(place.folder, options.answersFile, sqlAnswersFrom);
  const { source } = file;
  const start = onlyTables(file.given, only, sqlAnswersFrom(file.given, source).lookUps);
  const { lookUps } = sqlAnswersFrom(start, source);
  const tables = [...new Set([...lookUps.values()].map(({ table }) => table))];
  if (tables.length === 0)
    throw invalidInput("Name the tables with --only, or in a file of answers.");
  // The clients of databases, which no other kind needs.
  const { describeTables } = await import("#importing/sql/describe-tables.ts");
  const described = await describeTables(options.address, tables);
  await importPlanned(options, place, { ...file, start }, sqlAnswersFrom, async (answers) => {
    const { address_from: addressFrom = options.addressFrom, timeout_ms: timeoutMs } =
      answers.database;
    const all = [...answers.lookUps].map(([tool, one]) => planLookUp(tool, one, described));
    const made = all.filter(({ gaps }) => gaps.length === 0).map(({ planned }) => planned);
    const refused = all
      .filter(({ gaps }) => gaps.length > 0)
      .map(({ planned, gaps }) => ({ operation: planned.name, gaps }));
    return {
      tools: made.map((one) => ({ ...one, source: { operation: one.from.table } })),
      refused,
      ended: `${refused.length} of ${all.length} look-ups could not be made.`,
      found: [],
      leftOut: [],
      settings: [addressFrom],
      files: () => [
        databaseFile({ name, addressFrom, limits: { timeoutMs } }),
        ...made.map(lookUpFile),
      ],
    };
  });
}

/** What answers come to: the files of tools, and what keeps the others from being made. */
interface PlannedImport {
  readonly tools: readonly NamedTool[];
  readonly refused: readonly RefusedTool[];
  /** What it ends with when any was refused. */
  readonly ended: string;
  /** Lines about what was found in the document, and about what tools leave out. */
  readonly found: readonly string[];
  readonly leftOut: readonly string[];
  /** Names of settings that have to be set. */
  readonly settings: readonly string[];
  /** The files, beside those tools that stand in the folder. */
  readonly files: (standing: readonly SystemTool[]) => readonly DeclarationFile[];
}

/** What a file of answers said, and what the planning begins with where that is not all of it. */
type Given = Awaited<ReturnType<typeof givenAnswers>> & { readonly start?: RawAnswers };

async function importPlanned<Answers>(
  options: ImportOptions,
  place: ImportPlace,
  file: Given,
  check: (content: unknown, name: string) => Answers,
  plan: (answers: Answers) => Promise<PlannedImport>,
): Promise<void> {
  const { planned, said, isAsked } = await plannedWithAnswers(file, place, check, plan);
  requireOwnNames(planned.tools);
  for (const line of planned.found) place.print(line);
  if (planned.tools.length > 0) {
    for (const line of planned.leftOut) place.print(line);
    const files = planned.files(await standingTools(options, place));
    await writeSystem(options, files, planned.settings, place);
  }
  const template = answersTemplate(planned.refused, said, file.given);
  if (planned.refused.length > 0) await refuse(planned, template, options, place);
  if (isAsked) await keepAnswers(template, options, place, "What you answered is");
}

/** Asks a person until every question is answered or left open; without a person, plans with what is known. */
async function plannedWithAnswers<Answers>(
  { given, source, start = given }: Given,
  { terminal }: ImportPlace,
  check: (content: unknown, name: string) => Answers,
  plan: (answers: Answers) => Promise<PlannedImport>,
) {
  let said = start;
  let planned = await plan(check(said, source));
  if (terminal === null || planned.refused.length === 0) return { planned, said, isAsked: false };
  const screen = terminal();
  const asked = new Set<string>();
  try {
    for (let gap = nextGap(planned, asked); gap !== null; gap = nextGap(planned, asked)) {
      asked.add(gap.question);
      said = await askedUntilItFits(screen, gap, said, check);
      planned = await plan(check(said, source));
    }
  } finally {
    screen.close();
  }
  return { planned, said, isAsked: true };
}

function nextGap({ refused }: PlannedImport, asked: ReadonlySet<string>): Gap | null {
  const open = refused.flatMap(({ gaps }) => gaps);
  return open.find(({ question }) => question.includes(".") && !asked.has(question)) ?? null;
}

/** Asks one question until the answer can be used, or the person leaves it open. */
async function askedUntilItFits(
  screen: Person,
  { question, says, suggestion }: Gap,
  answers: RawAnswers,
  check: Check,
): Promise<RawAnswers> {
  screen.say(`\n${question}: ${says}`);
  screen.say(
    suggestion === null
      ? "Return leaves it open."
      : `Return takes ${suggestion}; - leaves it open.`,
  );
  for (;;) {
    const typed = (await screen.ask("> ")).trim();
    const text = typed === "" ? (suggestion ?? "-") : typed;
    if (text === "-") return answers;
    try {
      const next = withAnswer(answers, question, readYaml(text, "The answer"));
      check(next, "The answer");
      return next;
    } catch (error) {
      screen.say(reasonOf(error));
    }
  }
}

/** Says what became no tool and why, and keeps the open questions. Throws `input.invalid` in the end. */
async function refuse(
  planned: PlannedImport,
  template: string,
  options: ImportOptions,
  place: ImportPlace,
): Promise<never> {
  for (const { operation, gaps } of planned.refused) {
    place.print(`${operation} became no tool:`);
    for (const { question, says, suggestion } of gaps)
      place.print(
        `  ${question}: ${says}${suggestion === null ? "" : ` (suggested: ${suggestion})`}`,
      );
  }
  await keepAnswers(template, options, place, "The questions are");
  throw invalidInput(planned.ended);
}

/** Puts answers and open questions into a file where there is none yet: the next import begins with them. */
async function keepAnswers(
  template: string,
  { name, answersFile }: ImportOptions,
  { folder, print }: ImportPlace,
  what: string,
): Promise<void> {
  const file = `${name}-answers.yaml`;
  const isWritten = answersFile === null && (await wroteTemplate(join(folder, file), template));
  print(
    isWritten
      ? `${what} in ${file}: add to it there and give it with --answers ${file}.`
      : `Add the answers to ${answersFile ?? file}:\n${template}`,
  );
}

/** False when a file of that name is there: it may hold answers. */
async function wroteTemplate(path: string, text: string): Promise<boolean> {
  try {
    await mkdir(resolve(path, ".."), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

/** Only the look-ups of the named tables; a table without answers gets one by its name. */
function onlyTables(
  raw: RawAnswers,
  tables: readonly string[],
  lookUps: ReadonlyMap<string, { readonly table: string }>,
): RawAnswers {
  if (tables.length === 0) return raw;
  const named = [...lookUps].filter(([, { table }]) => tables.includes(table));
  const others = tables.filter((table) => !named.some(([, one]) => one.table === table));
  const { database } = raw;
  return {
    ...(database === undefined ? {} : { database }),
    ...Object.fromEntries(named.map(([tool]) => [tool, raw[tool]])),
    ...Object.fromEntries(others.map((table) => [`find_${plainName(table)}`, { table }])),
  };
}

/** Only what these tools ask was looked at now: every other tool of the server keeps the pin it had. */
function withKeptPins(
  connection: PlannedConnection,
  tools: readonly PlannedTool[],
  standing: readonly SystemTool[],
): PlannedConnection {
  const pins = connection.mcp?.tools;
  if (pins === undefined) return connection;
  const { customer } = connection;
  const requests = [
    ...tools.flatMap(toolRequests),
    ...(customer === undefined ? [] : [customer.request]),
  ];
  const asked = requests.map(({ path }) => path.slice(1));
  const before = standing.flatMap((tool) =>
    "connection" in tool ? Object.entries(tool.connection.mcp?.tools ?? {}) : [],
  );
  const kept = before.filter(([name]) => Object.hasOwn(pins, name) && !asked.includes(name));
  return { ...connection, mcp: { tools: { ...pins, ...Object.fromEntries(kept) } } };
}

/** The settings that the connection names, and the one that may name another address. */
function settingsFor({
  authentication,
  addressFrom,
  address,
}: PlannedConnection): readonly string[] {
  const named = [
    ...("user" in authentication ? [authentication.user] : []),
    ...("client" in authentication ? [authentication.client] : []),
    ...("secret" in authentication ? [authentication.secret] : []),
  ];
  return address === null
    ? [addressFrom, ...named]
    : [...named, `and ${addressFrom} for another address than ${address}`];
}
