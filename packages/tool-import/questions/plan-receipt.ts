/** What the answer of a change has to prove: the id of what was made, and for money its amount and a state that means done. */
import type { FieldDescription, OperationDescription } from "#importing/description.ts";
import type { OperationAnswers } from "#importing/answers/answer-file.ts";
import type { Value, WriteDeclaration } from "#systems/contract.ts";
import {
  fieldAt,
  insteadText,
  narrowed,
  objectField,
  withOnly,
} from "#importing/generate/fields.ts";
import type { PlannedFind, PlannedWrite, Risk } from "#importing/generate/plan.ts";
import type { Operations } from "./plan-find.ts";
import { inputName } from "./places.ts";
import type { Gaps } from "./refusal.ts";

interface Moved {
  readonly risk: Risk;
  readonly money: WriteDeclaration["money"];
}

type Receipt = Pick<PlannedWrite["commit"], "receipt" | "ref" | "same"> & {
  readonly amount: string | null;
};

const NO_ANSWER = { records: "", many: false, record: objectField("", []) };
const STATE = /^(?:status|state)$/i;
/** Values that a suggestion leaves out. */
const NOT_DONE = /fail|cancel|reject|declin|refus|error|void|expire/i;

/** The whole answer, narrowed: the record may lie deeper in it, and be the first of a list. Money without proof is a gap. */
export function plannedReceipt(
  operation: OperationDescription,
  answers: OperationAnswers,
  moved: Moved,
  gaps: Gaps,
): Receipt {
  const { records, many, record } = operation.answer ?? NO_ANSWER;
  const proofs = proofsIn(record, answers, moved);
  const { ref, amount, same, done } = proofs;
  const named = [ref, amount, ...Object.keys(same), ...Object.keys(done)];
  const paths = [...new Set(named.filter((path) => path !== null))];
  for (const path of paths)
    if (!hasField(record, path))
      gaps.add(
        "receipt",
        `the answer of ${operation.name} has no field ${path}${insteadText(record)}`,
      );
  const why = moved.risk === "money" ? missingProof(operation, proofs, moved) : null;
  if (why !== null) gaps.add("receipt", why, suggestedReceipt(operation, moved.money));
  const place = [records, many ? "0" : ""].filter(isNamed).join(".");
  const below = (path: string): string => [place, path].filter(isNamed).join(".");
  return {
    receipt: Object.entries(done).reduce(
      (made, [path, values]) => withOnly(made, below(path), values),
      narrowed(wrapped(record, records, many), paths.map(below)),
    ),
    ref: ref === null ? "" : below(ref),
    amount: amount === null ? null : below(amount),
    same: Object.fromEntries(Object.entries(same).map(([path, value]) => [below(path), value])),
  };
}

/** What the answers name in the record, or the document suggests beyond doubt. */
interface Proofs {
  readonly ref: string | null;
  readonly amount: string | null;
  readonly isAmountSaid: boolean;
  readonly same: Readonly<Record<string, Value>>;
  readonly done: Readonly<Record<string, readonly string[]>>;
}

function proofsIn(record: FieldDescription, answers: OperationAnswers, { money }: Moved): Proofs {
  const { ref, amount, same = {}, done = {} } = answers.receipt ?? {};
  const isAmountSaid = amount !== undefined;
  return {
    ref: ref ?? refIn(record, answers),
    amount: isAmountSaid ? amount : amountIn(record, money),
    isAmountSaid,
    same,
    done,
  };
}

/** What `find` compares besides the key, so that another amount or a failed state under it does not count as done. */
export function provingFind(
  find: PlannedFind,
  { receipt: said, find: saidFind }: OperationAnswers,
  { money, operations }: Pick<Moved, "money"> & { readonly operations: Operations },
): PlannedFind {
  if (find.by !== "key" || saidFind?.by !== "key" || !money) return find;
  const answer = operations.get(saidFind.operation)?.answer ?? NO_ANSWER;
  // A place that the answers name is theirs to describe, with `same`.
  if (answer.records !== find.from.at) return find;
  return comparing(find, answer.record, { said, money });
}

function comparing(
  find: Extract<PlannedFind, { by: "key" }>,
  whole: FieldDescription,
  {
    said,
    money,
  }: { readonly said: OperationAnswers["receipt"]; readonly money: NonNullable<Moved["money"]> },
): PlannedFind {
  const amount = [said?.amount ?? null, amountIn(whole, money)].find(
    (path) => path !== null && hasField(whole, path),
  );
  const value: Value = { from: "input", name: money.amount };
  const same = { ...(amount ? { [amount]: value } : {}), ...find.same };
  const states = Object.entries(said?.done ?? {}).filter(([path]) => hasField(whole, path));
  const paths = [find.keyField, find.ref, ...Object.keys(same), ...states.map(([path]) => path)];
  const record = states.reduce(
    (made, [path, values]) => withOnly(made, path, values),
    narrowed(whole, [...new Set(paths)]),
  );
  return { ...find, from: { ...find.from, record }, same };
}

/** The id of what was made: `id`, or the name by which the change is found. */
function refIn(record: FieldDescription, { find }: OperationAnswers): string | null {
  const found = find !== undefined && find.by !== "nothing" ? [find.ref] : [];
  return ["id", "ID", "Id", ...found].find((name) => hasField(record, name)) ?? null;
}

/** The field that is called like the amount that is sent. */
function amountIn(record: FieldDescription, money: Moved["money"]): string | null {
  const named = record.fields.find(
    ({ name, type }) =>
      inputName(name) === money?.amount && ["integer", "number", "string"].includes(type),
  );
  return named?.name ?? null;
}

function missingProof(
  operation: OperationDescription,
  { ref, amount, isAmountSaid, done }: Proofs,
  { money }: Moved,
): string | null {
  if (ref === null)
    return "say which field of the answer is the id of what was booked; an answer without one proves nothing, and no customer may be told of it";
  const state = statesIn(operation).find(({ name }) => !(name in done));
  if (state !== undefined) return `say which values of ${state.name} mean that it is done`;
  const isOpen = amount === null && !isAmountSaid && amountsIn(operation).length > 0;
  return isOpen && money !== undefined
    ? "say which field of the answer is the amount that was moved, or null where none is"
    : null;
}

function suggestedReceipt(operation: OperationDescription, money: Moved["money"]): string | null {
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

function statesIn({ answer }: OperationDescription): readonly FieldDescription[] {
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
