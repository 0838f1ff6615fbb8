/** What a write tool plans for a record that is proven (the values that are kept, the key, the line on the card), and the same read back from its action. */

import { type PlannedAction, SystemArguments, type Action } from "#core/values/action.ts";
import { JsonObject, digest, isRecord } from "#core/values/canonical-json.ts";
import {
  type RequestTemplate,
  type Value,
  type WriteDeclaration,
  type SystemTool,
  valuesWithin,
} from "./contract.ts";
import { inputsIn, valuesIn } from "./look-up.ts";
import {
  fieldAt,
  type Requester,
  plain,
  Refused,
  type RequestValues,
  takeValue,
  STRANGER,
  isSameValue,
} from "./request-values.ts";
import { formatMoney } from "#core/values/money.ts";
import { excerpt } from "#core/values/words.ts";
import { DeskhandError, readAs } from "#core/values/errors.ts";
import { createHash } from "node:crypto";

/** Why the change cannot be made to this record, in the declaration's own words; null when it can. */
export function unmet({ about }: WriteDeclaration, record: unknown): string | null {
  const failed = about.must?.find(
    ({ field, is, not = false }) =>
      is.some((value) => isSameValue(fieldAt(record, field), value)) === not,
  );
  return failed?.or ?? null;
}

/** Everything a change rests on. */
export interface ProvenChange {
  readonly record: unknown;
  /** As the tool's schema gave it, with an amount as the system takes it. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly requester: Requester;
  readonly money: SystemArguments["money"];
}

/** Every value that a change and the look for its outcome send or compare, with the part of the declaration it stands in. */
export function placedValues({
  commit,
  find,
}: WriteDeclaration): readonly { readonly at: string; readonly value: Value }[] {
  const sent = (at: string, request: RequestTemplate) =>
    valuesIn(request).map(({ value }) => ({ at, value }));
  const compared = (at: string, values: Readonly<Record<string, Value>> = {}) =>
    Object.values(values)
      .flatMap(valuesWithin)
      .map((value) => ({ at, value }));
  return [
    ...sent("commit.request", commit.request),
    ...compared("commit.same", commit.same),
    ...(find.by === "key" ? compared("find.same", find.same) : []),
    ...(find.by === "nothing" ? [] : sent("find.from.request", find.from.request)),
    ...(find.by === "looking" ? compared("find.shows", find.shows) : []),
  ];
}

/** The same without their places. */
export function valuesOfChange(declaration: WriteDeclaration): readonly Value[] {
  return placedValues(declaration).map(({ value }) => value);
}

/** The names of inputs that are sent with the change. */
export function sentInputs(declaration: WriteDeclaration): readonly string[] {
  return [...new Set(inputsIn(declaration.commit.request))];
}

/** Paths of the record that are kept with the change, because it sends or compares them. */
function keptFields(declaration: WriteDeclaration): readonly string[] {
  const { about } = declaration;
  const needed = (about.must ?? []).map(({ field }) => field);
  const sent = valuesOfChange(declaration).flatMap((value) =>
    value.from === "record" ? [value.field] : [],
  );
  return [...new Set([about.id, ...about.unchanged, ...needed, ...sent])];
}

/** The action with its key and its line on the card. Pure. */
export function plannedChange(declaration: WriteDeclaration, change: ProvenChange): PlannedAction {
  const { operation, connection, identity, find } = declaration;
  const { record, input, requester, money } = change;
  const kept: SystemArguments = {
    system: connection.name,
    input: JsonObject.parse(given(input)),
    record: JsonObject.parse(picked(record, keptFields(declaration))),
    requester: Object.fromEntries(
      Object.entries(requester).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
    ),
    money,
    findable: find.by !== "nothing",
  };
  const same = identity.map((place) => fieldAtPlace(place, change) ?? null);
  return {
    key: `${operation}:${digest([connection.name, same]).slice(0, 32)}`,
    action: { target: "system", operation, arguments: kept },
    label: cardLine(declaration, change),
    // Its facts are compared by the system's own target: no shop of ours knows this record.
    facts: [],
  };
}

/** The declared line, with the amount and the system wherever it does not name them itself. */
function cardLine(
  { label, money, connection }: WriteDeclaration,
  { record, input, money: moved }: ProvenChange,
): string {
  const amountText = moved === null ? "" : formatMoney(moved.amount);
  const place = money === undefined ? "" : `input.${money.amount}`;
  const shown = money === undefined ? input : { ...input, [money.amount]: amountText };
  const line = filledLabel(label, { record, input: shown });
  return [
    line,
    ...(money === undefined || placesIn(label).includes(place) ? [] : [amountText]),
    ...(label.includes(connection.name) ? [] : [`in ${connection.name}`]),
  ].join(", ");
}

/** Without what was left out. */
function given(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
}

/** The values at these paths, each at its place in a record of its own. */
function picked(record: unknown, paths: readonly string[]): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const path of paths) {
    const value = fieldAt(record, path);
    if (value === undefined) continue;
    const names = path.split(".");
    const last = names.pop() ?? path;
    let place = root;
    for (const name of names) {
      const found = place[name];
      const below: Record<string, unknown> = isRecord(found) ? found : {};
      place[name] = below;
      place = below;
    }
    place[last] = value;
  }
  return root;
}

type Placed = Pick<ProvenChange, "record" | "input">;

/** Of one value in a label, with the mark where it is cut. */
const VALUE_CHARACTERS_MAX = 201;

/** The places of a label, without their brackets: `id`, `input.amount`. */
export function placesIn(label: string): readonly string[] {
  return [...label.matchAll(/\{([^{}]+)\}/g)].map(([, place]) => place ?? "");
}

/**
 * Fills in a label. Each value stands on one line and is cut where it is long, so that text of a customer cannot look like
 * another line of the card; what is not there is called "none".
 */
function filledLabel(label: string, values: Placed): string {
  return label.replaceAll(/\{([^{}]+)\}/g, (_, place: string) =>
    shown(fieldAtPlace(place, values)),
  );
}

/** The value at a place: `input.amount` of the input, everything else of the record. */
function fieldAtPlace(place: string, { record, input }: Placed): unknown {
  return place.startsWith("input.")
    ? fieldAt(input, place.slice("input.".length))
    : fieldAt(record, place);
}

function shown(value: unknown): string {
  const texts = [value].flat().map((one) => String(plain(one) ?? ""));
  return excerpt(texts.join(", "), VALUE_CHARACTERS_MAX) || "none";
}

/** A change with the values that its requests are filled with. */
export interface Change {
  readonly declaration: WriteDeclaration;
  readonly given: SystemArguments;
  readonly values: RequestValues & { readonly key: string };
}

/**
 * The change that an action describes. Throws `channel.unsupported` for an operation that no tool has, `system.refused`
 * for arguments of another shape.
 */
export function systemChange(
  declarations: readonly SystemTool[],
  action: Action,
  key: string,
): Change {
  const declaration = declarations.find(
    (one): one is WriteDeclaration => one.kind === "write" && one.operation === action.operation,
  );
  if (declaration === undefined)
    throw new DeskhandError("channel.unsupported", `no system can ${action.operation}`);
  const words = `${action.operation} has arguments of another shape. Nothing was sent. Ask for it again.`;
  const given = readAs(SystemArguments, action.arguments, "system.refused", words);
  const { input, record, requester } = given;
  const values = { input, record, requester: { ...STRANGER, ...requester }, key: keyInSystem(key) };
  return { declaration, given, values };
}

/** Whether a value that came back is the one that was sent; nothing was sent for an input that was left out. */
export function isSent(found: unknown, value: Value, values: RequestValues): boolean {
  try {
    const sent = takeValue(value, values);
    // Systems keep an empty text as nothing.
    return sent === undefined || (sent === "" ? (found ?? "") === "" : isSameValue(found, sent));
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/**
 * The same key always becomes the same UUID of version 8 (RFC 9562, 5.8), made from its SHA-256: systems limit their keys
 * to 36 characters or less, and some take nothing but UUIDs.
 */
export function keyInSystem(key: string): string {
  const hex = createHash("sha256").update(key).digest("hex");
  // The highest two bits of this digit are the variant: 8, 9, a or b.
  const variant = (8 + (Number.parseInt(hex.charAt(16), 16) % 4)).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
