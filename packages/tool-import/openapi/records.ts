/** Where the records are in an answer: what is around them is there for paging, not for people. */
import type { AnswerDescription, FieldDescription } from "#importing/description.ts";
import { singularWords } from "./words.ts";

/** What stands beside records: how many there are, where the next ones are, what kind they have. */
const AROUND = new Set([
  "count",
  "cursor",
  "error",
  "etag",
  "estimate",
  "event",
  "first",
  "has",
  "included",
  "info",
  "kind",
  "last",
  "limit",
  "link",
  "message",
  "meta",
  "metadata",
  "more",
  "next",
  "object",
  "offset",
  "ok",
  "page",
  "paging",
  "pagination",
  "per",
  "prev",
  "previous",
  "provider",
  "request",
  "response",
  "size",
  "start",
  "status",
  "success",
  "sum",
  "token",
  "total",
  "type",
  "uri",
  "url",
  "warning",
]);

/** Names that say nothing but “here are the records”. */
const HOLDERS = new Set([
  "content",
  "data",
  "entry",
  "hit",
  "item",
  "list",
  "record",
  "response",
  "result",
  "row",
  "value",
]);

/** A record has many fields of its own, and its list of items is not what was asked for. */
const TELLING_MAX = 3;

/** The records in a whole answer to a request for this path. */
export function recordsIn(
  whole: FieldDescription,
  path: string,
): Pick<AnswerDescription, "records" | "many" | "record"> {
  if (whole.type === "list") return { records: "", many: true, record: whole.items ?? whole };
  const own = { records: "", many: false, record: whole };
  if (whole.type !== "object" || hasId(whole, path)) return own;
  const holder = holderIn(whole, path);
  return holder === null ? own : recordsUnder(holder, path);
}

function recordsUnder(
  holder: FieldDescription,
  path: string,
): Pick<AnswerDescription, "records" | "many" | "record"> {
  if (holder.type === "list")
    return { records: holder.name, many: true, record: holder.items ?? holder };
  // `data: { orders: [...] }` has two layers around the records.
  const inner = hasId(holder, path) ? null : holderIn(holder, path);
  if (inner?.type === "list" && (isNamedBy(inner.name, path) || holder.fields.length === 1))
    return { records: `${holder.name}.${inner.name}`, many: true, record: inner.items ?? inner };
  return { records: holder.name, many: false, record: holder };
}

/** An answer with an id of its own is the record, and a list in it is a part of the record. */
function hasId(field: FieldDescription, path: string): boolean {
  return field.fields.some(({ name, type }) => {
    if (type === "object" || type === "list") return false;
    const [last, ...before] = singularWords(name).toReversed();
    if (before.length === 0) return /^(?:id|uuid|guid|key|number)$/.test(last ?? "");
    return last === "id" && isNamedBy(before.toReversed().join(" "), path);
  });
}

function holderIn(whole: FieldDescription, path: string): FieldDescription | null {
  const holding = whole.fields.filter(holdsRecords);
  const named = namedBy(path, holding);
  if (named !== null) return named;
  const plain = holding.filter(({ name }) => HOLDERS.has(singularWords(name).join(" ")));
  const telling = whole.fields.filter(({ name }) => !isAround(name));
  if (plain.length === 1 && telling.length <= TELLING_MAX) return plain[0] ?? null;
  const [only] = telling;
  return telling.length === 1 && only !== undefined && holdsRecords(only) ? only : null;
}

function holdsRecords({ type, items }: FieldDescription): boolean {
  return (
    type === "object" || (type === "list" && (items?.type === "object" || items?.type === "map"))
  );
}

/** The field with the name of a step of the path, the last one first: `orders` of `/customers/{id}/orders/search`. */
function namedBy(path: string, fields: readonly FieldDescription[]): FieldDescription | null {
  for (const step of wordSteps(path).toReversed()) {
    const named = fields.filter(({ name }) => singularWords(name).join(" ") === step);
    if (named.length === 1) return named[0] ?? null;
  }
  return null;
}

/** The steps of a path that are words, as the names of fields are compared. */
function wordSteps(path: string): readonly string[] {
  return path
    .replace(/\.json$/, "")
    .split("/")
    .filter((step) => step !== "" && !step.startsWith("{"))
    .map((step) => singularWords(step).join(" "));
}

/** Whether a name is that of one of the last two steps, singular or plural. */
function isNamedBy(name: string, path: string): boolean {
  return wordSteps(path).slice(-2).includes(singularWords(name).join(" "));
}

function isAround(name: string): boolean {
  return singularWords(name).every((word) => AROUND.has(word) || word === "id" || word === "date");
}
