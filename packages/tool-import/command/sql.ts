/** `deskhand tools import sql`: from tables of a database to look-ups, with questions where only the lead can know. */
import { resolve } from "node:path";
import { invalidInput } from "#core/values/errors.ts";
import { nameProblems } from "#importing/generate/names.ts";
import { writeFolder } from "#importing/generate/folder.ts";
import { answersTemplate, type RawAnswers } from "#importing/questions/template.ts";
import { type LookUpAnswers, type SqlAnswers, sqlAnswersFrom } from "#importing/sql/answers.ts";
import { type PlannedDatabase, sqlFiles } from "#importing/sql/files.ts";
import { plainName } from "#importing/sql/column-names.ts";
import { type PlannedLookUp, planLookUp } from "#importing/sql/plan.ts";
import { type DescribedTables, describeTables } from "#systems/sql/tables/read.ts";
import type { Gap } from "#importing/questions/refusal.ts";
import { formatted } from "./formatted.ts";
import {
  askedUntilItFits,
  type ImportPlace,
  rawAnswers,
  tellRefused,
  writtenLines,
} from "./screen.ts";

/** What was typed behind the command. */
export interface SqlImportOptions {
  /** The address of the database. */
  readonly address: string;
  /** The setting that holds it when look-ups run. */
  readonly addressFrom: string;
  /** Tables by name; empty for those of the answers. */
  readonly tables: readonly string[];
  readonly out: string;
  /** The name of the database, which is the name of its folder. */
  readonly name: string;
  readonly answersFile: string | null;
}

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

interface Planned {
  readonly answers: SqlAnswers;
  readonly made: readonly PlannedLookUp[];
  readonly refused: readonly { readonly operation: string; readonly gaps: readonly Gap[] }[];
}

/**
 * Writes a look-up for each table, or as the answers say. Those with open questions are refused by name and the others
 * are made; with any refused it throws in the end. Throws before anything is written for what cannot be used.
 */
export async function importSql(options: SqlImportOptions, place: ImportPlace): Promise<void> {
  const { name, answersFile, out } = options;
  if (!NAME.test(name))
    throw invalidInput(`--name ${name}: a name has small letters, digits and hyphens, 40 at most.`);
  const source = answersFile ?? "the answers";
  const read =
    answersFile === null
      ? {}
      : await rawAnswers(resolve(place.folder, answersFile), answersFile, sqlAnswersFrom);
  const given = withTables(read, options.tables, sqlAnswersFrom(read, source));
  const tables = [
    ...new Set([...sqlAnswersFrom(given, source).lookUps.values()].map(({ table }) => table)),
  ];
  if (tables.length === 0)
    throw invalidInput("Name the tables with --only, or in a file of answers.");
  const described = await describeTables(options.address, tables);
  const planned = await plannedWith(given, source, described, place);
  const problems = nameProblems(
    planned.made.map((one) => ({ name: one.name, operation: one.table.table, kind: "read" })),
  );
  if (problems.length > 0) throw invalidInput(`Nothing was written:\n${problems.join("\n")}`);
  if (planned.made.length > 0)
    await write(planned, options, resolve(place.folder, out, name), place);
  if (planned.refused.length === 0) return;
  const template = withTableLines(answersTemplate(planned.refused), planned.answers);
  await tellRefused({ refused: planned.refused, template, name, answersFile }, place);
  throw invalidInput(
    `${planned.refused.length} of ${planned.refused.length + planned.made.length} look-ups could not be made.`,
  );
}

/** Only the look-ups of the named tables; a table without answers gets one by its name. */
function withTables(
  raw: RawAnswers,
  tables: readonly string[],
  { lookUps }: SqlAnswers,
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

/** Asks a person until every question is answered or left open; without a person, plans with what is known. */
async function plannedWith(
  given: RawAnswers,
  source: string,
  described: DescribedTables,
  { terminal }: ImportPlace,
): Promise<Planned> {
  let answers = given;
  let planned = plan(sqlAnswersFrom(answers, source), described);
  if (terminal === null || planned.refused.length === 0) return planned;
  const screen = terminal();
  const asked = new Set<string>();
  try {
    for (let gap = nextGap(planned, asked); gap !== null; gap = nextGap(planned, asked)) {
      asked.add(gap.question);
      answers = await askedUntilItFits(screen, gap, answers, sqlAnswersFrom);
      planned = plan(sqlAnswersFrom(answers, source), described);
    }
  } finally {
    screen.close();
  }
  return planned;
}

function nextGap({ refused }: Planned, asked: ReadonlySet<string>): Gap | null {
  const open = refused.flatMap(({ gaps }) => gaps);
  return open.find(({ question }) => !asked.has(question)) ?? null;
}

function plan(answers: SqlAnswers, described: DescribedTables): Planned {
  const all = [...answers.lookUps].map(([tool, said]: readonly [string, LookUpAnswers]) => {
    const related = described.get(said.table);
    if (related === undefined) throw new Error(`the table ${said.table} was not described`);
    return { tool, ...planLookUp(tool, said, related) };
  });
  return {
    answers,
    made: all.filter(({ gaps }) => gaps.length === 0).map(({ planned }) => planned),
    refused: all
      .filter(({ gaps }) => gaps.length > 0)
      .map(({ tool, gaps }) => ({ operation: tool, gaps })),
  };
}

/** The table is no question, but the file needs it. */
function withTableLines(template: string, { lookUps }: SqlAnswers): string {
  return template
    .split("\n")
    .flatMap((line) => {
      const said = lookUps.get(line.replace(/:$/, ""));
      return said === undefined ? [line] : [line, `  table: ${said.table}`];
    })
    .join("\n");
}

async function write(
  { made, answers }: Planned,
  { name, addressFrom, tables }: SqlImportOptions,
  folder: string,
  { print }: ImportPlace,
): Promise<void> {
  const database: PlannedDatabase = {
    name,
    addressFrom: answers.database.address_from ?? addressFrom,
    timeout_ms: answers.database.timeout_ms,
  };
  const written = await writeFolder(folder, {
    document: `the database ${name}`,
    tools: made.map((one) => ({
      name: one.name,
      operation: one.table.table,
      kind: "read",
      amount: null,
      hasFind: true,
    })),
    named: tables,
    async files(all) {
      const files = [
        ...sqlFiles(
          database,
          made,
          all.map((one) => one.name),
        ),
      ];
      return new Map(
        await Promise.all(
          files.map(async ([file, text]) => [file, await formatted(file, text)] as const),
        ),
      );
    },
  });
  print(`${folder}: ${made.map((one) => one.name).join(", ")}`);
  for (const file of written) for (const line of writtenLines(file)) print(line);
  print(
    `Next: read the files, set ${database.addressFrom} to the address of the database, and run \`npm run check\`.`,
  );
}
