/** What proves that a change was made: its answer, and how it is found out when the answer is lost. */
import type { OperationAnswers } from "#importing/answers/questions.ts";
import type { FieldDescription, Link, OperationDescription } from "#importing/description.ts";
import type { WriteDeclaration } from "#systems/contract.ts";
import {
  fieldAt,
  insteadText,
  narrowed,
  objectField,
  recordFields,
  withOnly,
  inputName,
  namedPlace,
  requiredNames,
  unplaced,
  type Values,
} from "./fields.ts";
import { type Planning, plannedRecords } from "./plan-read.ts";
import type { PlannedFind, PlannedRecords, PlannedWrite, Risk } from "./tool-file.ts";

/** Operations by their names, ours or the document's own: those that are read for a change. */
export type Operations = Pick<ReadonlyMap<string, OperationDescription>, "get">;

/** A change while it is planned. */
export interface PlanningChange extends Planning {
  readonly operations: Operations;
  /** The read operation for the record it is about. */
  readonly looked: OperationDescription;
  readonly link: Link | null;
  /** What the record is looked up by. */
  readonly aboutValues: Values;
  readonly risk: Risk;
  readonly money: WriteDeclaration["money"];
}

const NOT_ANSWERED = { by: "nothing", because: "not answered" } as const;

/** Plans how the outcome is found out. Never assumed: without an answer the change is refused. */
export function plannedFind(planning: PlanningChange): PlannedFind {
  const { answers, gap, looked, aboutValues, operations } = planning;
  const { find } = answers;
  if (find === undefined) {
    gap(
      "find",
      "say how it is found out whether the change happened when the answer is lost, or that there is no way",
      suggestedFind(planning.operation),
    );
    return NOT_ANSWERED;
  }
  if (find.by === "nothing") return find;
  const asked = find.operation === undefined ? looked : operations.get(find.operation);
  if (asked === undefined) {
    gap("find", `there is no operation ${find.operation} to look with`);
    return NOT_ANSWERED;
  }
  const values = asked.name === looked.name ? { ...aboutValues, ...find.values } : find.values;
  for (const name of unplaced(asked, values)) gap("find", `${asked.name} has no value ${name}`);
  for (const name of requiredNames(asked))
    if (!(name in values)) gap("find", `${asked.name} requires ${name}: give it a value`);
  const paths =
    find.by === "key"
      ? [find.field, find.ref, ...Object.keys(find.same)]
      : [...Object.keys(find.shows), find.ref];
  const from = plannedRecords({ ...planning, operation: asked }, find, values, paths);
  if (find.by === "looking") return { by: "looking", from, shows: find.shows, ref: find.ref };
  const { record, same } = proving(planning, find, asked, from);
  const compared = Object.keys(same).length === 0 ? {} : { same };
  return { by: "key", from: { ...from, record }, keyField: find.field, ref: find.ref, ...compared };
}

/** What is compared besides the key, so that another amount or a failed state under it does not count as done. */
function proving(
  { answers: { receipt }, money }: PlanningChange,
  find: Extract<NonNullable<OperationAnswers["find"]>, { by: "key" }>,
  { answer }: OperationDescription,
  from: PlannedRecords,
) {
  const { records, record: whole } = answer ?? NO_ANSWER;
  // A place that the answers name is theirs to describe, with `same`.
  if (money === undefined || records !== from.at) return { record: from.record, same: find.same };
  const amount = [receipt?.amount ?? null, amountIn(whole, money)].find(
    (path) => path !== null && hasField(whole, path),
  );
  const value = { from: "input", name: money.amount } as const;
  const same = { ...(amount ? { [amount]: value } : {}), ...find.same };
  const states = Object.entries(receipt?.done ?? {}).filter(([path]) => hasField(whole, path));
  const paths = [find.field, find.ref, ...Object.keys(same), ...states.map(([path]) => path)];
  return { record: recordWith(whole, paths, states), same };
}

function suggestedFind(operation: OperationDescription): string | null {
  const guess = operation.guesses.find;
  if (guess === null) return null;
  if (guess.by === "nothing") return '{ by: nothing, because: "…" }';
  if (guess.by === "key")
    return `{ by: key, operation: ${guess.operation}, field: ${guess.keyField}, ref: id }`;
  // What the change does not take is no input, so nothing could be compared with it.
  const taken = guess.shows.filter((path) => namedPlace(operation, path) !== null);
  if (taken.length === 0) return null;
  const shows = taken.map((path) => `${path}: input ${inputName(path)}`).join(", ");
  return `{ by: looking, operation: ${guess.operation}, shows: { ${shows} }, ref: id }`;
}

/** The named fields of a record; a state has only the values that mean done. */
function recordWith(
  record: FieldDescription,
  paths: readonly string[],
  states: readonly (readonly [path: string, values: readonly string[]])[],
) {
  const made = narrowed(record, [...new Set(paths)]);
  return recordFields(
    states.reduce((one, [path, values]) => withOnly(one, path, values), made).fields,
  );
}

type Receipt = Pick<PlannedWrite["commit"], "receipt" | "ref" | "same" | "amount">;

/** Of an operation that answers nothing. */
export const NO_ANSWER = { records: "", many: false, record: objectField("", []) };
const STATE = /^(?:status|state)$/i;
/** Values that a suggestion leaves out. */
const NOT_DONE = /fail|cancel|reject|declin|refus|error|void|expire/i;

/**
 * What the answer has to prove: the id of what was made, and for money its amount and a state that means done. It is the
 * whole answer, narrowed: the record may lie deeper in it, and be the first of a list. Money without proof is a gap.
 */
export function plannedReceipt(planning: PlanningChange): Receipt {
  const { operation, answers, money, gap } = planning;
  const { records, many, record } = operation.answer ?? NO_ANSWER;
  const { ref, amount, same, done } = provenFields(record, answers, money);
  const named = [ref, amount, ...Object.keys(same), ...Object.keys(done)];
  const paths = [...new Set(named.filter((path) => path !== null))];
  for (const path of paths)
    if (!hasField(record, path))
      gap("receipt", `the answer of ${operation.name} has no field ${path}${insteadText(record)}`);
  const why = missingProof(planning, ref, amount);
  if (why !== null) gap("receipt", why, suggestedReceipt(operation, money));
  const below = (path: string) => [records, many ? "0" : "", path].filter(isNamed).join(".");
  return {
    receipt: recordWith(
      wrapped(record, records, many),
      paths.map(below),
      Object.entries(done).map(([path, values]) => [below(path), values]),
    ),
    ref: ref === null ? "" : below(ref),
    ...(money === undefined ? {} : { amount: amount === null ? null : below(amount) }),
    same: Object.fromEntries(Object.entries(same).map(([path, value]) => [below(path), value])),
  };
}

/** What proves the change: as the answers say, or as the fields are called. */
function provenFields(
  record: FieldDescription,
  answers: OperationAnswers,
  money: PlanningChange["money"],
) {
  const { ref, amount, same = {}, done = {} } = answers.receipt ?? {};
  return {
    ref: ref ?? refIn(record, answers),
    amount: amount === undefined ? amountIn(record, money) : amount,
    same,
    done,
  };
}

/** The id of what was made: `id`, or the name by which the change is found. */
function refIn(record: FieldDescription, { find }: OperationAnswers): string | null {
  const found = find !== undefined && find.by !== "nothing" ? [find.ref] : [];
  return ["id", "ID", "Id", ...found].find((name) => hasField(record, name)) ?? null;
}

/** The field that is called like the amount that is sent. */
function amountIn(record: FieldDescription, money: PlanningChange["money"]): string | null {
  const named = record.fields.find(
    ({ name, type }) =>
      inputName(name) === money?.amount && ["integer", "number", "string"].includes(type),
  );
  return named?.name ?? null;
}

function missingProof(
  { operation, answers: { receipt }, money, risk }: PlanningChange,
  ref: string | null,
  amount: string | null,
): string | null {
  if (risk !== "money") return null;
  if (ref === null)
    return "say which field of the answer is the id of what was booked; an answer without one proves nothing, and no customer may be told of it";
  const state = statesIn(operation).find(({ name }) => !(name in (receipt?.done ?? {})));
  if (state !== undefined) return `say which values of ${state.name} mean that it is done`;
  const isOpen = amount === null && receipt?.amount === undefined;
  return isOpen && amountsIn(operation).length > 0 && money !== undefined
    ? "say which field of the answer is the amount that was moved, or null where none is"
    : null;
}

function suggestedReceipt(
  operation: OperationDescription,
  money: PlanningChange["money"],
): string | null {
  const record = operation.answer?.record ?? objectField("", []);
  const ids = record.fields.filter(({ name }) => /(?:^|_)id$/i.test(name));
  const ref = ids.find(({ name }) => /^id$|refund/i.test(name)) ?? ids[0];
  const states = statesIn(operation);
  // Which values a state has is not known from its name.
  if (ref === undefined || states.some(({ enum: values }) => values.length === 0)) return null;
  const amount = amountIn(record, money) ?? amountsIn(operation)[0];
  const done = states.map(
    ({ name, enum: values }) =>
      `${name}: [${values.filter((value) => !NOT_DONE.test(String(value))).join(", ")}]`,
  );
  const parts = [
    `ref: ${ref.name}`,
    ...(amount === undefined ? [] : [`amount: ${amount}`]),
    ...(done.length === 0 ? [] : [`done: { ${done.join(", ")} }`]),
  ];
  return `{ ${parts.join(", ")} }`;
}

function amountsIn({ guesses }: OperationDescription): readonly string[] {
  return guesses.money.flatMap((place) => (place.in === "answer" ? [place.amount] : []));
}

/** Fields that say how far the record has come. */
export function statesIn({ answer }: OperationDescription): readonly FieldDescription[] {
  return (answer?.record.fields ?? []).filter(
    ({ name, type }) => type === "string" && STATE.test(name),
  );
}

function hasField({ fields }: FieldDescription, path: string): boolean {
  return fieldAt(objectField("", fields), path) !== null;
}

function isNamed(name: string): boolean {
  return name !== "";
}

function wrapped(record: FieldDescription, at: string, many: boolean): FieldDescription {
  const inner: FieldDescription = many
    ? { ...objectField("", []), type: "list", items: record }
    : record;
  return at
    .split(".")
    .filter(isNamed)
    .reduceRight((below, name) => objectField("", [{ ...below, name, required: true }]), inner);
}
