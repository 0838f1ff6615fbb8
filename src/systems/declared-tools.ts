/**
 * Makes the tools of declarations: one that reads from a system or a database, one that proposes a change which the
 * target named `system` commits.
 */
import { z } from "zod";
import {
  RECORD_ID,
  RECORD_NOT_FOUND,
  readTool,
  type ReadTool,
  type ProposeResult,
  type ToolContext,
  writeTool,
  type WriteTool,
} from "#core/contracts/tool.ts";
import type { ColumnKind } from "#systems/sql/declaration.ts";
import {
  PROOF,
  lookUpStatement,
  type Cell,
  type Row,
  type SqlClient,
} from "#systems/sql/statement.ts";
import type { SystemArguments, UnprovenValue } from "#core/values/action.ts";
import { amountAsked, formatMoney, leftIn } from "#core/values/money.ts";
import { namesOrder, standsIn, amountDoubt } from "#text/about-text.ts";
import type { ReadDeclaration, SqlReadDeclaration, WriteDeclaration } from "./contract.ts";
import {
  asDeclared,
  type Asking,
  ownRecords,
  type SystemPorts,
  inputsIn,
  requesterFor,
} from "./look-up.ts";
import { withMoney, recordAccount, amountFor, factsIn } from "./amounts.ts";
import { isTheirs, type Requester, requesterIn, fieldAt, isSame, plain } from "./request-values.ts";
import { plannedChange, sentInputs, unmet, valuesOfChange } from "./planned-change.ts";

const Found = z.strictObject({
  found: z.literal(true),
  /** Already narrowed to the fields of the declaration. */
  records: z.array(z.record(z.string(), z.json())),
  /** How many more there are than are shown; left out for none. */
  more: z.int().min(1).optional(),
  /** There are more, and how many was not counted. */
  are_there_more: z.literal(true).optional(),
});

/** The same answer for every record that may not be shown, whatever the reason. */
const NothingFound = z.strictObject({ found: z.literal(false), remark: z.string() });

const Result = z.discriminatedUnion("found", [NothingFound, Found]);

/**
 * A look-up in a system as a tool of the agent. It shows records that are proven to be the requester's, at most as many
 * as the declaration says, with the fields of its schema and no others. For everything else it answers with one and the
 * same sentence after the same calls.
 */
export function declaredReadTool(
  declaration: ReadDeclaration | SqlReadDeclaration,
  ports: SystemPorts,
): ReadTool {
  const { name, description, minimumLevel, input, belongsTo, personal, money, shownMax } =
    declaration;
  // Behind an MCP server may be anybody's text; every other system is the operator's own.
  const isMcp = declaration.kind === "read" && declaration.connection.mcp !== undefined;
  const shown = (record: unknown): unknown =>
    money === undefined ? record : withMoney(record, money);
  return readTool({
    kind: "read",
    provenance: isMcp ? "third_party" : "own",
    name,
    description,
    minimumLevel,
    accountData: belongsTo.by !== "nothing",
    input,
    output: Result,
    personal: personal.map((path) => path.split(".").at(-1) ?? path),
    async run(given, context): Promise<z.infer<typeof Result>> {
      const requester = requesterIn(context, minimumLevel);
      const { signal } = context;
      const { records: own, isMore } =
        declaration.kind === "read"
          ? {
              records: await ownRecords(ports, declaration, { input: given, requester, signal }),
              isMore: false,
            }
          : await lookUp(declaration, ports.sqlOf(declaration.database), given, requester, signal);
      // Below the level the answer is the same as for nothing, and only after the system was asked.
      if (own.length === 0 || context.requester.level < minimumLevel)
        return { found: false, remark: RECORD_NOT_FOUND };
      const records = z
        .array(z.record(z.string(), z.json()))
        .parse(named(own.slice(0, shownMax), declaration).map(shown));
      const more = own.length - records.length;
      if (isMore) return { found: true, records, are_there_more: true };
      return { found: true, records, ...(more > 0 ? { more } : {}) };
    },
  });
}

/**
 * The records with the name that tells each from the others: of what they are asked for by, of a number, name or id, or
 * else of what they begin with, the first that has a digit and no blank in all of them, and is no day or decimal.
 */
function named(
  records: readonly Readonly<Record<string, unknown>>[],
  { input, personal }: ReadDeclaration | SqlReadDeclaration,
): readonly Readonly<Record<string, unknown>>[] {
  const [first] = Object.keys(records[0] ?? {});
  const fields = [...Object.keys(input.shape), "number", "name", "id", first ?? ""];
  const field = fields.find((one) => {
    if (personal.includes(one)) return false;
    const names = records.map((record) => String(plain(record[one]) ?? ""));
    return names.every((name) => NAME.test(name)) && new Set(names).size === names.length;
  });
  return field === undefined ||
    records.some((record) => "order_id" in record || RECORD_ID in record)
    ? records
    : records.map((record) => ({ ...record, [RECORD_ID]: record[field] }));
}

const NAME = /^(?!\d{4}-\d\d-\d\d)#?(?=[a-z_-]*\d)[\w-]{1,60}$/i;

// Looks up in a database: asks, proves each row once more, and parses it.

/**
 * Reads the rows that equal the input and are the requester's. A row of another customer looks like none. Throws
 * `tool.invalid_output` for a row that is not as declared, and what the database's client throws.
 */
export async function lookUp(
  declaration: SqlReadDeclaration,
  client: SqlClient,
  input: Readonly<Record<string, unknown>>,
  requester: Requester,
  signal: AbortSignal,
) {
  const statement = lookUpStatement(declaration, input, requester, client.dialect);
  if (statement === null) return { records: [], isMore: false };
  const rows = await client.select(statement, signal);
  const theirs = rows.filter((row) => isOwn(declaration, row, requester));
  const shown = theirs.slice(0, declaration.shownMax);
  const records = shown.map((row) => rowRecord(declaration, row));
  // A table is not read to its end only to count how much more there is.
  return { records, isMore: theirs.length > shown.length };
}

/**
 * A collation may take other letters for equal, and a type may take other text for the same value, so that what came
 * back is compared as text.
 */
function isOwn({ belongsTo }: SqlReadDeclaration, row: Row, requester: Requester): boolean {
  return belongsTo.by === "nothing" || isTheirs(row, { field: PROOF, is: belongsTo.is }, requester);
}

function rowRecord(declaration: SqlReadDeclaration, row: Row): Readonly<Record<string, unknown>> {
  const { columns } = declaration.from;
  const cells = Object.entries(columns).map(([name, { kind }]) => [
    name,
    valueOf(row[name] ?? null, kind),
  ]);
  const inWords = (fields: string) =>
    `${declaration.name}: ${fields} of a row in ${declaration.from.table} is not as declared. Import the table again`;
  return asDeclared(declaration.record, Object.fromEntries(cells), inWords);
}

/** MySQL has no truth values: 0 and 1 stand for them, and any other number is not as declared. */
function valueOf(cell: Cell, kind: ColumnKind): Cell {
  if (cell === null) return null;
  if (kind === "boolean") return cell === 0 || cell === 1 ? cell === 1 : cell;
  if (kind === "bigint" || kind === "decimal") return String(cell);
  return cell;
}

type Input = Readonly<Record<string, unknown>>;

/**
 * A change in a system as a tool of the agent: it reads the record, proves that it is the requester's, and describes the
 * change with everything that will be sent. A record of another customer looks like none, with the same calls.
 */
export function declaredWriteTool(declaration: WriteDeclaration, ports: SystemPorts): WriteTool {
  const { name, operation, description, minimumLevel, input, personDecides, called } = declaration;
  return writeTool({
    kind: "write",
    name,
    operation,
    description,
    minimumLevel,
    accountData: true,
    ...(personDecides === true && { personDecides }),
    ...(called === undefined ? {} : { called }),
    input,
    async propose(given, context): Promise<ProposeResult> {
      const { about, connection } = declaration;
      const { signal } = context;
      const requester = await requesterFor(
        ports,
        { connection, ...about },
        { requester: requesterIn(context, minimumLevel), signal },
        valuesOfChange(declaration),
      );
      const record = await meantRecord(ports, declaration, { input: given, requester, signal });
      if (record === null) return { kind: "impossible", reason: RECORD_NOT_FOUND };
      return proposed(declaration, { record, given, requester, context });
    },
  });
}

/**
 * The one record that is meant. Of a list it has to carry what was asked for in one of its fields, since a system may
 * ignore a filter and answer with other records of the same customer.
 */
export async function meantRecord(
  ports: SystemPorts,
  { about, connection }: WriteDeclaration,
  asking: Asking,
): Promise<Input | null> {
  const { input } = asking;
  const found = await ownRecords(ports, { connection, ...about }, asking);
  const asked = inputsIn(about.from.request)
    .map((name) => fieldAt(input, name))
    .filter((value) => plain(value) !== null);
  const fitting =
    about.from.many && asked.length > 0
      ? found.filter((record) =>
          asked.every((value) =>
            Object.values(record).some((one) => isSame(withoutSign(one), withoutSign(value))),
          ),
        )
      : found;
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

/** People and shops write the number of an order with and without its sign. */
function withoutSign(value: unknown): unknown {
  return typeof value === "string" ? value.replace(/^#/, "") : value;
}

interface Proposing {
  readonly record: Input;
  readonly given: Input;
  readonly requester: Parameters<typeof plannedChange>[1]["requester"];
  readonly context: ToolContext;
}

function proposed(declaration: WriteDeclaration, proposing: Proposing): ProposeResult {
  const reason = unmet(declaration, proposing.record);
  if (reason !== null) return { kind: "impossible", reason };
  const money = movedMoney(declaration, proposing);
  if (money !== null && "reason" in money) return { kind: "impossible", reason: money.reason };
  const { record, given, requester, context } = proposing;
  const input =
    money === null || declaration.money === undefined
      ? given
      : {
          ...given,
          [declaration.money.amount]: amountFor(record, declaration.money, money.amount),
        };
  return {
    kind: "proposed",
    unproven: [...unprovenInputs(declaration, given, context), ...(money?.doubts ?? [])],
    planned: plannedChange(declaration, {
      record,
      input,
      requester,
      money: money === null ? null : { amount: money.amount, order: money.order },
    }),
  };
}

type MovedMoney = NonNullable<SystemArguments["money"]> & {
  readonly doubts: readonly UnprovenValue[];
};

function movedMoney(
  { money: rule, about }: WriteDeclaration,
  { record, given, context }: Proposing,
): MovedMoney | { readonly reason: string } | null {
  if (rule === undefined) return null;
  const account = recordAccount(record, rule);
  if (account === null)
    return {
      reason: "The system does not say what was paid for it, or it is more than is handled here.",
    };
  const typed = plain(fieldAt(given, rule.amount));
  const amount = amountAsked(typed === null ? null : String(typed), account, "It");
  if ("reason" in amount) return amount;
  const known = [leftIn(account) ?? account.paid, account.paid].map(formatMoney);
  const words = amountDoubt(context.ownWords, formatMoney(amount), known);
  return {
    amount,
    doubts: words === null ? [] : [{ argument: "amount", words }],
    order: factsIn(record, rule, {
      id: String(plain(fieldAt(record, about.id)) ?? ""),
      customerId: context.requester.customerId ?? "",
      account,
    }),
  };
}

/**
 * The inputs that the customer did not choose: whatever is sent, or chooses the record, has to stand in their own words.
 * The amount has its own rule.
 */
function unprovenInputs(
  declaration: WriteDeclaration,
  input: Input,
  { ownWords }: ToolContext,
): readonly UnprovenValue[] {
  const { request, chosen } = declaration.about.from;
  const choosing = [...inputsIn(request), ...(chosen === undefined ? [] : [chosen.input])];
  const names = new Set([...choosing, ...sentInputs(declaration), ...declaration.ownWords]);
  names.delete(declaration.money?.amount ?? "");
  return [...names].flatMap((argument) => {
    const value = plain(fieldAt(input, argument));
    if (value === null || value === "") return [];
    const text = String(value);
    const stands = choosing.includes(argument)
      ? namesOrder(ownWords, text)
      : standsIn(ownWords, text);
    return stands ? [] : [{ argument, words: "" }];
  });
}
