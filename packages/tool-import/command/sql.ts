/** `deskhand tools import sql`: from tables of a database to look-ups, with questions where only the lead can know. */
import { resolve } from "node:path";
import { invalidInput } from "#core/values/errors.ts";
import { answersTemplate, type RawAnswers } from "#importing/questions/template.ts";
import { type LookUpAnswers, type SqlAnswers, sqlAnswersFrom } from "#importing/sql/answers.ts";
import { databaseFile, lookUpFile } from "#importing/sql/declaration.ts";
import { plainName } from "#importing/sql/column-names.ts";
import { type PlannedLookUp, planLookUp } from "#importing/sql/plan.ts";
import { type DescribedTables, describeTables } from "#systems/sql/tables/read.ts";
import type { Gap } from "#importing/questions/refusal.ts";
import { type ImportPlace, plannedWithAnswers, rawAnswers, tellRefused } from "./screen.ts";
import { requireName, requireOwnNames, type SystemPlace, writeSystem } from "./write-system.ts";

/** What was typed behind the command. */
export interface SqlImportOptions extends SystemPlace {
  /** The address of the database. */
  readonly address: string;
  /** The setting that holds it when look-ups run. */
  readonly addressFrom: string;
  /** Tables by name; empty for those of the answers. */
  readonly tables: readonly string[];
  readonly answersFile: string | null;
}

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
  const { name, answersFile } = options;
  requireName(name);
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
  const planned = await plannedWithAnswers(
    async (answers) => plan(sqlAnswersFrom(answers, source), described),
    given,
    place,
    sqlAnswersFrom,
  );
  requireOwnNames(
    planned.made.map((one) => ({ name: one.name, operation: one.table.table, kind: "read" })),
  );
  if (planned.made.length > 0) await write(planned, options, place);
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
  { made, answers: { database } }: Planned,
  options: SqlImportOptions,
  place: ImportPlace,
): Promise<void> {
  const addressFrom = database.address_from ?? options.addressFrom;
  const about = { name: options.name, addressFrom, timeoutMs: database.timeout_ms };
  const files = [databaseFile(about), ...made.map(lookUpFile)];
  await writeSystem(options, files, [addressFrom], place);
}
