/** Asks a system for records, and keeps those that are proven to be the requester's. */

import { DeskhandError } from "#core/values/errors.ts";
import type { z } from "zod";
import {
  type Belonging,
  type Connection,
  type Database,
  type ReadDeclaration,
  type Records,
  type RequestTemplate,
  type Value,
  valuesWithin,
} from "./contract.ts";
import type { SystemClient } from "#systems/http/client.ts";
import { isRecord } from "#core/values/canonical-json.ts";
import { prepareRequest } from "#systems/http/prepare-request.ts";
import {
  fieldAt,
  type RequestValues,
  isTheirs,
  recordsAt,
  type Requester,
  isSame,
} from "./request-values.ts";
import type { SqlClient } from "#systems/sql/statement.ts";

/** What tools of your own systems are carried out with. */
export interface SystemPorts {
  /** The one client of a connection: its limits and its breaker are shared by all its tools. */
  clientOf(connection: Connection): SystemClient;
  /** The one client of a database: its connections are shared by all its look-ups. */
  sqlOf(database: Database): SqlClient;
  /** The look-up of this name, for records that hang on another one; undefined where there is none. */
  readTool(name: string): ReadDeclaration | undefined;
}

/** One look-up: what is asked, and whose records are kept. */
export type LookUp = Pick<ReadDeclaration, "connection" | "from" | "belongsTo">;

/** The values of a look-up, before the requester's id in the system is known. */
export interface Asking {
  readonly input: Readonly<Record<string, unknown>>;
  readonly requester: Requester;
  readonly signal: AbortSignal;
}

/** Every value of a request with where it travels; those in a text one by one, each as a part of it. */
export function valuesIn({ pathValues = {}, query = {}, headers = {}, body }: RequestTemplate) {
  const places = { path: pathValues, query, header: headers, body: body?.fields ?? {} } as const;
  return (["path", "query", "header", "body"] as const).flatMap((place) =>
    Object.entries(places[place]).flatMap(([name, value]) =>
      valuesWithin(value).map((one) => ({ in: place, name, value: one, isPart: one !== value })),
    ),
  );
}

/** The names of the inputs that a request sends. */
export function inputsIn(request: RequestTemplate): readonly string[] {
  return valuesIn(request).flatMap(({ value }) => (value.from === "input" ? [value.name] : []));
}

/**
 * The records a system answers with, as it sent them; none for what is absent or cannot be asked for. Where one record is
 * expected, a list is none.
 */
async function requestedRecords(
  ports: SystemPorts,
  connection: Connection,
  from: Omit<Records, "record">,
  values: RequestValues,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const prepared = prepareRequest(from.request, values);
  // An id that cannot be part of a request is the id of nothing.
  if (prepared.kind === "refused") return [];
  const answer = await ports.clientOf(connection).read(prepared.request, signal);
  const found = (answer.kind === "found" ? recordsAt(answer.body, from) : null) ?? [];
  const { chosen } = from;
  return chosen === undefined ? found : found.flatMap((one) => withChosen(one, chosen, values));
}

/** The record with the one element that the input names; none where it names no element or several. */
function withChosen(
  record: unknown,
  { from, by, input }: NonNullable<Records["chosen"]>,
  values: RequestValues,
): readonly unknown[] {
  const elements = from
    .split(".")
    .reduce<readonly unknown[]>(
      (found, name) => found.flatMap((one) => fieldAt(one, name)),
      [record],
    );
  const named = elements.flat().filter((one) => isSame(fieldAt(one, by), values.input[input]));
  return isRecord(record) && named.length === 1 ? [{ ...record, chosen: named[0] }] : [];
}

/**
 * The requester's own records, narrowed to the fields of the schema. The system is asked before anything is compared, so
 * that neither the answer nor the calls distinguish an absent record from another customer's. Throws
 * `system.unavailable`, and `tool.invalid_output` for an own record of another shape.
 */
export async function ownRecords(
  ports: SystemPorts,
  lookUp: LookUp,
  asking: Asking,
): Promise<readonly z.infer<z.ZodObject>[]> {
  const { connection, from, belongsTo } = lookUp;
  const requester = await requesterFor(ports, lookUp, asking);
  if (
    belongsTo.by === "record" &&
    !(await isParentTheirs(ports, belongsTo, { ...asking, requester }))
  )
    return [];
  const values: RequestValues = { input: asking.input, requester, record: null, key: null };
  const found = await requestedRecords(ports, connection, from, values, asking.signal);
  return found
    .filter((record) => belongs(record, belongsTo, { ...asking, requester }))
    .map((record) =>
      asDeclared(
        from.record,
        record,
        (fields) => `${connection.name} answered with a record of another shape, at ${fields}`,
      ),
    );
}

function belongs(
  record: unknown,
  belongsTo: Belonging,
  { input, requester }: Pick<Asking, "input" | "requester">,
): boolean {
  switch (belongsTo.by) {
    case "field":
      return isTheirs(record, belongsTo, requester);
    case "parameter": {
      const { field, is } = belongsTo;
      // Without the value no request is made; this holds even so, should one have been.
      return field === undefined
        ? requester[is] !== null
        : isTheirs(record, { field, is }, requester);
    }
    case "record": {
      const { field } = belongsTo;
      return field === undefined || isSame(fieldAt(record, field), input[belongsTo.input]);
    }
    case "nothing":
      return true;
  }
}

/** A record that hangs on another one is theirs when that one is; it is asked for by its own rule. */
async function isParentTheirs(
  ports: SystemPorts,
  belongsTo: Extract<Belonging, { by: "record" }>,
  asking: Asking,
): Promise<boolean> {
  const parent = ports.readTool(belongsTo.tool);
  const [name] = parent === undefined ? [] : Object.keys(parent.input.shape);
  if (parent === undefined || name === undefined) return false;
  const input = parent.input.safeParse({ [name]: asking.input[belongsTo.input] });
  if (!input.success) return false;
  // Its connection may be another one, where the requester has another id.
  const requester = { ...asking.requester, system_id: null };
  const found = await ownRecords(ports, parent, { ...asking, input: input.data, requester });
  return found.some((one) => isSame(fieldAt(one, belongsTo.parentField), input.data[name]));
}

/** What was read, by the schema that is declared. Throws `tool.invalid_output` in words about the fields that are not so. */
export function asDeclared(
  schema: z.ZodObject,
  read: unknown,
  inWords: (fields: string) => string,
) {
  const parsed = schema.safeParse(read);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.map(String).join(".")).join(", ");
  throw new DeskhandError("tool.invalid_output", inWords(fields), { cause: parsed.error });
}

/**
 * The requester with their id in this system, looked up only where it is needed and the address is proven. `further` are
 * the values of other requests than the look-up itself, such as those of a change.
 */
export async function requesterFor(
  ports: SystemPorts,
  { connection, from, belongsTo }: LookUp,
  { requester, signal }: Pick<Asking, "requester" | "signal">,
  further: readonly Value[] = [],
): Promise<Requester> {
  const isNeeded = needsSystemId(from, belongsTo) || further.some(isSystemId);
  if (requester.system_id !== null || !isNeeded) return requester;
  const client = ports.clientOf(connection);
  return { ...requester, system_id: await client.customerId(requester.email, signal) };
}

/** Whether a look-up asks for the requester's id in its system, or compares it. */
export function needsSystemId({ request }: Records, belongsTo: Belonging): boolean {
  const isCompared = "is" in belongsTo && belongsTo.is === "system_id";
  return isCompared || valuesIn(request).some(({ value }) => isSystemId(value));
}

/** Whether a value is the requester's id in the system. */
export function isSystemId(value: Value): boolean {
  return value.from === "requester" && value.is === "system_id";
}
