/** From a described operation and its answers to the plan of a write tool. */
import type { IdempotencyPlace, OperationDescription } from "#importing/description.ts";
import type { OperationAnswers } from "#importing/answers/answer-file.ts";
import type { Belonging, Value, WriteDeclaration } from "#systems/contract.ts";
import { fieldAt, objectField, textField } from "#importing/generate/fields.ts";
import type { PlannedFind, PlannedInput, PlannedWrite } from "#importing/generate/plan.ts";
import { inputName, namedPlace, requiredNames } from "./places.ts";
import {
  plannedBelonging,
  boundBy,
  plannedInputs,
  toolHeading,
  provenBy,
  chosenRecord,
  plannedRecords,
  plannedValues,
} from "./plan-read.ts";
import { plannedFind, type Looked, type Operations } from "./plan-find.ts";
import {
  keyToFindBy,
  answeredMoney,
  paidGap,
  changeRisk,
  sendingGaps,
  withAmount,
  wishPhrases,
} from "./check-sending.ts";
import { named, plainLabel, withAll } from "./label.ts";
import { provingFind, plannedReceipt } from "./plan-receipt.ts";
import type { Gaps } from "./refusal.ts";

const MONEY_INPUT = 'Such as "25.00" for a part; null for all that is left';

/** Plans the tool; what is missing is added to `gaps`, and the plan must not be used then. */
export function planWrite(
  operation: OperationDescription,
  answers: OperationAnswers,
  operations: Operations,
  gaps: Gaps,
): PlannedWrite {
  const looked = lookedAt(operation, answers, operations, gaps);
  const belongsTo = plannedBelonging(looked.operation, answers, gaps);
  const aboutValues = lookUpValues(looked, { ...boundBy(belongsTo) });
  const id = answers.about?.id ?? recordIdField(looked, aboutValues);
  const idempotency = idempotencyPlace(operation, answers);
  const money = answeredMoney(operation, answers, looked, gaps);
  const bound = {
    ...linkedValues(operation, answers, looked, id),
    ...keyValue(operation, idempotency),
    ...keyToFindBy(operation, answers),
  };
  const values = plannedValues(operation, withAmount(operation, answers, money), bound, gaps);
  const asked = plannedInputs(looked.operation, {}, aboutValues, gaps);
  const inputs = mergedInputs(asked, plannedInputs(operation, answers, values, gaps), money);
  const idField = { id, looked: looked.operation };
  const said = answeredOrGuessed(answers, { operation, values, money, ...idField });
  const find = plannedFind(operation, answers, { looked, aboutValues, operations }, gaps);
  comparedGaps(find, answers, inputs, gaps);
  const sent = { values, aboutValues, operations, idempotency, ...idField };
  sendingGaps(operation, answers, sent, gaps);
  const needed = [
    ...idGap(looked.operation, id, gaps),
    ...neededFields(said, money, belongsTo),
    ...recordFields({
      ...values,
      ...(find.by === "looking" ? find.shows : {}),
      ...answers.receipt?.same,
    }),
  ];
  const about = plannedRecords(looked.operation, answers.about ?? {}, aboutValues, gaps);
  const moved = { risk: changeRisk(operation, answers), money };
  const record = chosenRecord(looked.operation, about.at, needed, gaps);
  const { request } = plannedRecords({ ...operation, answer: NO_ANSWER }, answers, values, gaps);
  const receipt = plannedReceipt(operation, answers, moved, gaps);
  return {
    kind: "write",
    ...toolHeading(operation, answers, moved.risk),
    minimumLevel: answers.level ?? 2,
    input: inputs,
    wishes: wishPhrases(operation, answers),
    about: {
      from: { ...about, record },
      belongsTo,
      id,
      unchanged: said.unchanged,
    },
    ownWords: answers.own_words ?? ownWordInputs(inputs, asked),
    ...(money === undefined ? {} : { money }),
    label: said.label,
    identity: said.identity,
    commit: {
      request,
      idempotency,
      ...receipt,
      amount: money === undefined ? undefined : receipt.amount,
    },
    find: provingFind(find, answers, { money, operations }),
  };
}

/** Fields of the record that people see, that tell changes apart, and that prove whose it is. */
function neededFields(
  { unchanged, label, identity }: ReturnType<typeof answeredOrGuessed>,
  money: WriteDeclaration["money"],
  belongsTo: Belonging,
): readonly string[] {
  return [
    ...unchanged,
    ...provenBy(belongsTo),
    ...moneyFields(money),
    ...labelFields(label),
    ...identity.filter((path) => !path.startsWith("input.")),
  ];
}

/** What people read of a change and what makes two of them the same, where the answers do not say it. */
function answeredOrGuessed(
  answers: OperationAnswers,
  {
    operation,
    id,
    values,
    looked,
    money,
  }: {
    readonly operation: OperationDescription;
    readonly id: string;
    readonly values: Readonly<Record<string, Value>>;
    readonly looked: OperationDescription;
    readonly money: WriteDeclaration["money"];
  },
) {
  return {
    identity: answers.identity ?? [id, ...Object.values(values).flatMap(named)],
    label: withAll(
      answers.label ?? plainLabel(operation, answers, { looked, id }),
      values,
      money?.amount,
    ),
    unchanged: answers.unchanged ?? unchangedFields(looked, money),
  };
}

const NO_ANSWER = { records: "", many: false, record: objectField("", []) };

function lookedAt(
  operation: OperationDescription,
  answers: OperationAnswers,
  operations: Operations,
  gaps: Gaps,
): Looked {
  const { about } = answers;
  const guessed = operation.guesses.about;
  const name = about === undefined ? (guessed?.operation ?? null) : about.operation;
  const found = operations.get(name ?? "");
  paidGap(operation, answers, gaps);
  const values = about?.values ?? {};
  if (found !== undefined)
    return { operation: found, link: guessed?.operation === found.name ? guessed : null, values };
  gaps.add("about", aboutMissing(name), "{ operation: NAME }");
  return {
    operation: { ...operation, parameters: [], body: null, answer: NO_ANSWER },
    link: null,
    values,
  };
}

function aboutMissing(name: string | null): string {
  return name === null
    ? "name the operation that reads the record this change is about, so that it can be proven to be the customer's"
    : `there is no operation ${name} to read the record with`;
}

/** How the record is asked for: what code binds, what the answers say, and its own id from the model. */
function lookUpValues(
  { operation, values }: Looked,
  bound: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  const open = requiredNames(operation).filter((name) => !(name in bound) && !(name in values));
  return {
    ...Object.fromEntries(
      open.map((name) => [name, { from: "input", name: inputName(name) } as const]),
    ),
    ...values,
    ...bound,
  };
}

function recordIdField(
  { operation }: Looked,
  aboutValues: Readonly<Record<string, Value>>,
): string {
  const record = operation.answer?.record ?? objectField("", []);
  const last = Object.keys(aboutValues).at(-1);
  const named = [last, "id", "ID", "Id", "uuid"].filter((name) => name !== undefined);
  return named.find((name) => record.fields.some((field) => field.name === name)) ?? "id";
}

/** The record's own id has another name than was guessed: the question is what the change is about. */
function idGap({ name, answer }: OperationDescription, id: string, gaps: Gaps): readonly string[] {
  const record = answer?.record ?? objectField("", []);
  if (fieldAt(record, id) !== null) return [id];
  if (record.fields.length === 0) return [];
  const likely = record.fields.find((field) => /(?:_id|Id)$/.test(field.name))?.name ?? "FIELD";
  gaps.add(
    "about",
    `the answer of ${name} has no field ${id}: say which one is its id`,
    `{ operation: ${name}, id: ${likely} }`,
  );
  return [];
}

/** What the model never fills in can be compared with nothing. */
function comparedGaps(
  find: PlannedFind,
  { receipt }: OperationAnswers,
  inputs: readonly PlannedInput[],
  gaps: Gaps,
): void {
  const names = inputs.map(({ name }) => name);
  const shown = find.by === "looking" ? find.shows : find.by === "key" ? (find.same ?? {}) : {};
  const compared = [
    ...Object.values(shown).map((value) => ["find", value] as const),
    ...Object.values(receipt?.same ?? {}).map((value) => ["receipt", value] as const),
  ];
  for (const [topic, value] of compared)
    if (value.from === "input" && !names.includes(value.name))
      gaps.add(topic, `there is no input ${value.name}; the inputs are ${names.join(", ")}`);
}

/** Values of the change that are the record's own: they come from the proven record and never from the model. */
function linkedValues(
  operation: OperationDescription,
  { values = {} }: OperationAnswers,
  looked: Looked,
  id: string,
): Readonly<Record<string, Value>> {
  const own = looked.operation.parameters.filter((parameter) => parameter.in === "path").at(-1);
  const name = looked.link?.from ?? own?.field.name;
  if (name === undefined || name in values || namedPlace(operation, name) === null) return {};
  return { [name]: { from: "record", field: id } };
}

function mergedInputs(
  about: readonly PlannedInput[],
  own: readonly PlannedInput[],
  money: WriteDeclaration["money"],
): readonly PlannedInput[] {
  const rest = own.filter(({ name }) => !about.some((input) => input.name === name));
  const inputs = [...about.map((input) => ({ ...input, isOptional: false })), ...rest];
  return inputs.map((input) =>
    input.name === money?.amount
      ? {
          ...input,
          field: {
            ...textField(input.name),
            description: `${money.unit === "minor" ? "Not in cents. " : ""}${MONEY_INPUT}`,
            limits: { lengthMax: 40 },
          },
          isOptional: true,
          isMoney: true,
        }
      : input,
  );
}

/** Free text, but for what only finds the record: that is proven by the record. */
function ownWordInputs(
  inputs: readonly PlannedInput[],
  asked: readonly PlannedInput[],
): readonly string[] {
  const names = new Set(asked.map(({ name }) => name));
  return inputs
    .filter((input) => isFreeText(input) && !names.has(input.name))
    .map(({ name }) => name);
}

/** Text the model could have invented: it has to stand in the customer's own words, or a person decides. */
function isFreeText({ field, isMoney, name }: PlannedInput): boolean {
  return (
    !isMoney && field.type === "string" && field.enum.length === 0 && !/(?:^|_)ids?$/.test(name)
  );
}

function moneyFields(money: WriteDeclaration["money"]): readonly string[] {
  if (money === undefined) return [];
  return [money.paid, money.currency, ...(money.refunded === null ? [] : [money.refunded])];
}

/** What people saw when they decided: the record's state, and the money that is left. */
function unchangedFields(
  { answer }: OperationDescription,
  money: WriteDeclaration["money"],
): readonly string[] {
  const states = (answer?.record.fields ?? []).filter(
    ({ name, type }) => type === "string" && /^(?:status|state)$/i.test(name),
  );
  return [...new Set([...states.map(({ name }) => name), ...moneyFields(money)])];
}

function labelFields(label: string): readonly string[] {
  return [...label.matchAll(/\{([^{}]+)\}/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !path.startsWith("input."));
}

function recordFields(values: Readonly<Record<string, Value>>): readonly string[] {
  return Object.values(values).flatMap((value) => (value.from === "record" ? [value.field] : []));
}

function idempotencyPlace(
  { guesses }: OperationDescription,
  { key }: OperationAnswers,
): IdempotencyPlace | null {
  if (key === "none") return null;
  if (key !== undefined)
    return "header" in key ? { in: "header", name: key.header } : { in: "field", name: key.field };
  return guesses.idempotency;
}

/** A document that requires the key gets it among the values of the request too. */
function keyValue(
  operation: OperationDescription,
  idempotency: IdempotencyPlace | null,
): Readonly<Record<string, Value>> {
  if (idempotency === null || !requiredNames(operation).includes(idempotency.name)) return {};
  return { [idempotency.name]: { from: "key" } };
}

/** Names of the operations that a change needs besides itself. */
export function readFor(
  { guesses }: Pick<OperationDescription, "guesses">,
  { about, find }: OperationAnswers,
): readonly string[] {
  const looked = about?.operation ?? guesses.about?.operation;
  const asked = find !== undefined && find.by !== "nothing" ? find.operation : undefined;
  return [looked, asked].filter((name) => name !== undefined);
}
