/** What must be said before money moves or a change is sent: the amount, the record, and the key it is found by. */
import type { IdempotencyPlace, OperationDescription } from "#importing/description.ts";
import type { OperationAnswers } from "#importing/answers/answer-file.ts";
import type { Risk } from "#importing/generate/plan.ts";
import type { Value, WriteDeclaration } from "#systems/contract.ts";
import { fieldAt } from "#importing/generate/fields.ts";
import { namedPlace, requiredNames } from "./places.ts";
import type { Looked, Operations } from "./plan-find.ts";
import type { Gaps } from "./refusal.ts";
import { suggestedMoney, suggestedRecord } from "./suggestions.ts";

/** What the change may do to money and access, as answered or guessed. */
export function changeRisk({ guesses }: OperationDescription, { kind }: OperationAnswers): Risk {
  const said = kind ?? guesses.kind.value;
  return said === "money" || said === "account" ? said : "write";
}

/** How customers ask for money back; without any phrase the card would say that they did not. */
const REFUND_WISHES = [
  "refund",
  "money back",
  "geld zurück",
  "remboursement",
  "reembolso",
  "rimborso",
];

/** The phrases of the answers, or those of a refund where the path names one. */
export function wishPhrases(
  operation: OperationDescription,
  answers: OperationAnswers,
): readonly string[] {
  const isRefund = changeRisk(operation, answers) === "money" && /refunds?$/i.test(operation.path);
  return answers.wishes ?? (isRefund ? REFUND_WISHES : []);
}

/** What a refund is about is asked where the document only suggests it. */
export function paidGap(
  operation: OperationDescription,
  answers: OperationAnswers,
  gaps: Gaps,
): void {
  const guess = operation.guesses.about;
  if (answers.about !== undefined || guess === null || guess.suggestedBy === null) return;
  if (changeRisk(operation, answers) === "money")
    gaps.add(
      "about",
      `name the operation that reads what is paid back; ${guess.suggestedBy}`,
      `{ operation: ${guess.operation} }`,
    );
}

/** Never assumed: without these names neither the policy's limits nor what is left of a payment would hold. */
export function answeredMoney(
  operation: OperationDescription,
  answers: OperationAnswers,
  looked: Looked,
  gaps: Gaps,
): WriteDeclaration["money"] {
  const { money } = answers;
  if (money === undefined && changeRisk(operation, answers) === "money")
    gaps.add(
      "money",
      "say which input is the amount, which fields of the record are what was paid, what went back (or null) and the currency, and whether amounts are whole cents (minor) or decimal; none when it moves no amount",
      suggestedMoney(operation, looked.operation.answer?.record ?? null),
    );
  if (money === undefined || money === "none") return undefined;
  amountGaps(money, looked.operation, gaps);
  return money;
}

function amountGaps(
  { paid, refunded }: NonNullable<WriteDeclaration["money"]>,
  { name, answer }: OperationDescription,
  gaps: Gaps,
): void {
  for (const path of [paid, refunded])
    if (answer !== null && path !== null && fieldAt(answer.record, path)?.type === "boolean")
      gaps.add("money", `${path} is yes or no in ${name}, and no amount`);
}

/** The amount is chosen by the model wherever the system takes one. */
export function withAmount(
  operation: OperationDescription,
  answers: OperationAnswers,
  money: WriteDeclaration["money"],
): OperationAnswers {
  if (money === undefined || answers.input?.includes(money.amount) === true) return answers;
  const isOpen =
    namedPlace(operation, money.amount) !== null && answers.values?.[money.amount] === undefined;
  if (!isOpen) return answers;
  return { ...answers, input: [...(answers.input ?? requiredNames(operation)), money.amount] };
}

function isKeySent(values: Readonly<Record<string, Value>>): boolean {
  return Object.values(values).some(({ from }) => from === "key");
}

/** Whether a value comes from the record, or from the very input that the record was looked up by. */
function namesRecord(
  values: Readonly<Record<string, Value>>,
  aboutValues: Readonly<Record<string, Value>>,
): boolean {
  const askedBy = new Set(
    Object.values(aboutValues).flatMap((value) => (value.from === "input" ? [value.name] : [])),
  );
  return Object.values(values).some(
    (value) =>
      value.from === "record" ||
      value.from === "requester" ||
      (value.from === "input" && askedBy.has(value.name)),
  );
}

/** Gaps of a request that does not name its record, or whose key would not be found again. */
export function sendingGaps(
  operation: OperationDescription,
  answers: OperationAnswers,
  {
    values,
    aboutValues,
    operations,
    idempotency,
    looked,
    id,
  }: {
    readonly values: Readonly<Record<string, Value>>;
    /** What the record is looked up by. */
    readonly aboutValues: Readonly<Record<string, Value>>;
    readonly operations: Operations;
    readonly idempotency: IdempotencyPlace | null;
    readonly looked: OperationDescription;
    readonly id: string;
  },
  gaps: Gaps,
): void {
  if (!namesRecord(values, aboutValues))
    gaps.add(
      "values",
      `say where ${operation.name} names the record it is about`,
      suggestedRecord(operation, looked, id),
    );
  if (answers.find?.by !== "key") return;
  narrowedGap(answers, operations, values, gaps);
  if (idempotency === null && !isKeySent(values))
    gaps.add(
      "key",
      "nothing sends the key by which the change is to be found: name the header or the field, or give a field the value `key`",
      "{ header: Idempotency-Key }",
    );
}

/** A field that a change is found by, and that the change itself can fill, carries the key; a header alone leaves it empty. */
export function keyToFindBy(
  operation: OperationDescription,
  { find, values }: OperationAnswers,
): Readonly<Record<string, Value>> {
  const name = find?.by === "key" ? find.field : undefined;
  if (name === undefined || values?.[name] !== undefined) return {};
  return namedPlace(operation, name)?.in === "body" ? { [name]: { from: "key" } } : {};
}

/** A list of all changes of the system would soon no longer show the one that is looked for. */
function narrowedGap(
  { find }: OperationAnswers,
  operations: Operations,
  values: Readonly<Record<string, Value>>,
  gaps: Gaps,
): void {
  if (find?.by !== "key") return;
  const filters = operations.get(find.operation)?.parameters.map(({ field }) => field.name) ?? [];
  for (const [name, value] of Object.entries(values))
    if (value.from === "record" && filters.includes(name) && find.values[name] === undefined)
      gaps.add(
        "find",
        `${find.operation} lists more than the changes of this record: narrow it by ${name}`,
        `{ by: key, operation: ${find.operation}, values: { ${name}: record ${value.field} }, field: ${find.field}, ref: ${find.ref} }`,
      );
}
