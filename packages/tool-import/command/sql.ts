/** `deskhand tools import sql`: from tables of a database to look-ups, with questions where only the lead can know. */
import { invalidInput } from "#core/values/errors.ts";
import { answersTemplate, type RawAnswers } from "#importing/questions/refusal.ts";
import { type LookUpAnswers, type SqlAnswers, sqlAnswersFrom } from "#importing/sql/answers.ts";
import { databaseFile, lookUpFile } from "#importing/sql/declaration.ts";
import { plainName } from "#importing/sql/columns.ts";
import { type PlannedLookUp, planLookUp } from "#importing/sql/plan.ts";
import { type DescribedTables, describeTables } from "#systems/sql/tables/read.ts";
import type { RefusedTool } from "#importing/questions/refusal.ts";
import { givenAnswers, type ImportPlace, plannedWithAnswers, refuse } from "./screen.ts";
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
  readonly refused: readonly RefusedTool[];
}

/**
 * Writes a look-up for each table, or as the answers say. Those with open questions are refused by name and the others
 * are made; with any refused it throws in the end. Throws before anything is written for what cannot be used.
 */
export async function importSql(options: SqlImportOptions, place: ImportPlace): Promise<void> {
  const { name, answersFile } = options;
  requireName(name);
  const { given: read, source } = await givenAnswers(place.folder, answersFile, sqlAnswersFrom);
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
  const { made, refused } = planned;
  requireOwnNames(
    made.map(({ name: tool, table }) => ({
      kind: "sql-read",
      name: tool,
      source: { operation: table.table },
    })),
  );
  if (made.length > 0) await write(planned, options, place);
  if (refused.length === 0) return;
  const template = withTableLines(answersTemplate(refused), planned.answers);
  const ended = `${refused.length} of ${refused.length + made.length} look-ups could not be made.`;
  await refuse({ refused, template, name, answersFile }, place, ended);
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
