/** The requests of a tool and their values: where each comes from, what it is when there is none, and when two are the same. */
import { inWords } from "#core/values/words.ts";
import type { Connection, RequesterValue, RequestTool, SystemTool, Value } from "./contract.ts";
import { addressIn, type IdentityLevel, PROVEN_LEVEL } from "#core/values/identity.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import { isRecord, canonical } from "#core/values/canonical-json.ts";

/** What asks a system in a declaration, or in the plan of one. */
type Requesting<Request> =
  | { readonly kind: "read"; readonly from: { readonly request: Request } }
  | {
      readonly kind: "write";
      readonly about: { readonly from: { readonly request: Request } };
      readonly commit: { readonly request: Request };
      readonly find: { readonly by: string; readonly from?: { readonly request: Request } };
    };

/** Every request of a tool; the one that looks something up comes first. */
export function toolRequests<Request>(tool: Requesting<Request>): readonly [Request, ...Request[]] {
  if (tool.kind === "read") return [tool.from.request];
  const { about, commit, find } = tool;
  const found = find.from === undefined ? [] : [find.from.request];
  return [about.from.request, commit.request, ...found];
}

/** The systems that tools ask, each with its tools: servers of MCP, or all others. */
export function systemsAsked(
  declarations: readonly SystemTool[],
  { isMcp }: { readonly isMcp: boolean },
): readonly { readonly connection: Connection; readonly tools: readonly RequestTool[] }[] {
  const tools = declarations
    .filter((tool) => "connection" in tool)
    .filter(({ connection }) => (connection.mcp !== undefined) === isMcp);
  const connections = new Map(tools.map(({ connection }) => [connection.name, connection]));
  return [...connections].map(([name, connection]) => ({
    connection,
    tools: tools.filter((tool) => tool.connection.name === name),
  }));
}

/** Everything a value can be taken from. The model chooses `input` only, and that has been parsed by the tool's schema. */
export interface RequestValues {
  readonly input: Readonly<Record<string, unknown>>;
  /** Only of a verified requester; null for what is not known. */
  readonly requester: Readonly<Record<RequesterValue, string | null>>;
  /** The record a change is about; null for a look-up. */
  readonly record: unknown;
  /** The key of the effect in a form the system takes; null for a look-up. */
  readonly key: string | null;
}

/** Why a request must not be sent; the sentence quotes no value. */
export class Refused extends Error {}

/**
 * Takes a value from its declared place; undefined for an optional input that was left out: its field is left out too.
 * What code has to fill in is never left out, since the request would ask for more than the requester's own: then it
 * throws `Refused`.
 */
export function takeValue(value: Value, values: RequestValues): unknown {
  switch (value.from) {
    case "input":
      return Object.hasOwn(values.input, value.name)
        ? (values.input[value.name] ?? undefined)
        : undefined;
    case "requester":
      return known(values.requester[value.is], `the requester's ${inWords(value.is)} is not known`);
    case "record": {
      const field = fieldAt(values.record, value.field);
      const isLeftOut = value.isOptional === true && isNothing(field);
      return isLeftOut ? undefined : known(field, `the record has no ${value.field}`);
    }
    case "key":
      return known(values.key, "there is no key of an effect");
    case "fixed":
      return value.value;
    case "text":
      return value.parts
        .map((part) => (typeof part === "string" ? part : textOf(takeValue(part, values))))
        .join("");
  }
}

/** What was left out leaves nothing. */
function textOf(part: unknown): string {
  const shown = part === undefined ? "" : plain(part);
  if (shown === null) throw new Refused("a part of a text is no single value");
  return String(shown);
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function known(value: unknown, reason: string): unknown {
  if (isNothing(value)) throw new Refused(reason);
  return value;
}

/**
 * The field at a dotted path such as `payment.id`; a number is a place in a list, and the empty path is the whole.
 * Undefined for what is not there: only own fields count.
 */
export function fieldAt(record: unknown, path: string): unknown {
  if (path === "") return record;
  let field: unknown = record;
  for (const name of path.split(".")) {
    if (typeof field !== "object" || field === null || !Object.hasOwn(field, name))
      return undefined;
    field = Object.getOwnPropertyDescriptor(field, name)?.value;
  }
  return field;
}

/** The records in an answer; null for one of another shape, such as a list where one record is expected. */
export function recordsAt(
  body: unknown,
  { at, many }: { readonly at: string; readonly many: boolean },
): readonly unknown[] | null {
  const found = fieldAt(body, at);
  if (many) return Array.isArray(found) ? found : null;
  return isRecord(found) ? [found] : null;
}

/** What code fills in and compares; null for what is not proven. */
export type Requester = Readonly<Record<RequesterValue, string | null>>;

/** An unverified writer: no record is theirs. */
export const STRANGER: Requester = { customer_id: null, email: null, system_id: null };

/**
 * The requester of a turn, as far as it is proven and may be used: below the level, and where others read along, it is
 * a stranger. Their id in the system is looked up later, and only where a tool needs it.
 */
export function requesterIn(
  { requester, audience }: Pick<ToolContext, "requester" | "audience">,
  minimumLevel: IdentityLevel,
): Requester {
  if (requester.level < Math.max(minimumLevel, PROVEN_LEVEL) || audience !== "private")
    return STRANGER;
  const { customerId, emailOnFile } = requester;
  // A site that signs its customers in by address has addresses as their ids.
  const id = customerId === null ? null : (addressIn(customerId) ?? customerId);
  return { ...STRANGER, customer_id: id, email: emailOnFile };
}

/** True when a field of a record as the system sent it equals what is known of the requester. */
export function isTheirs(
  record: unknown,
  { field, is }: { readonly field: string; readonly is: RequesterValue },
  requester: Requester,
): boolean {
  const known = requester[is];
  if (known === null || known === "") return false;
  const value = fieldAt(record, field);
  return is === "email" ? isSameAddress(value, known) : isSame(value, known);
}

/** A value that can be compared and sent: everything else has no meaning outside its record. */
export type Plain = string | number | boolean;

/** A value that can be sent, or null for lists, objects, nothing and numbers that cannot be told apart. */
export function plain(value: unknown): Plain | null {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  // Beyond this, two ids of a system are read as one number.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? null : value;
}

/**
 * True when two values are written the same: systems give an id as a number in one answer and as text in the next. Lists
 * and objects are never the same as anything, so that `["u1"]` does not pass for `u1`.
 */
export function isSame(one: unknown, other: unknown): boolean {
  const [first, second] = [plain(one), plain(other)];
  return first !== null && second !== null && String(first) === String(second);
}

/**
 * The same for any value of a record, lists and objects included. Amounts are written with and without their last zeros.
 */
export function isSameValue(one: unknown, other: unknown): boolean {
  if (one === undefined || one === null) return other === undefined || other === null;
  if (isSame(one, other)) return true;
  const [first, second] = [decimal(one), decimal(other)];
  if (first !== null && second !== null) return first === second;
  return typeof one === "object" && canonical(one) === canonical(other ?? null);
}

/** "10.50" and 10.5 without the zeros at their end; null for what is no decimal number. */
function decimal(value: unknown): string | null {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || !/^-?\d{1,15}\.\d{1,6}$|^-?\d{1,15}$/.test(text)) return null;
  // "007" is the name of something and no number.
  if (/^-?0\d/.test(text)) return null;
  return text.includes(".") ? text.replace(/(?:\.|(?<![.0]))0+$/, "") : text;
}

/**
 * True for the same address. Case is ignored for letters from A to Z alone: other letters have twins that become one
 * when they are made small, such as the sign for kelvin and the letter k.
 */
export function isSameAddress(one: unknown, address: string): boolean {
  return typeof one === "string" && smallLetters(one) === smallLetters(address);
}

/** Only the letters A to Z lose their case, since a database and JavaScript do not agree about others. */
export function smallLetters(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
