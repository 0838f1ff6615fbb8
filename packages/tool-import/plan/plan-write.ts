/** From a described operation and its answers to a change. */
import type { OperationAnswers } from "#importing/answers/questions.ts";
import type {
  FieldDescription,
  IdempotencyPlace,
  OperationDescription,
} from "#importing/description.ts";
import type { WriteDeclaration } from "#systems/contract.ts";
import { placesIn } from "#systems/planned-change.ts";
import {
  fieldAt,
  inputFields,
  objectField,
  textField,
  inputName,
  namedPlace,
  requestTemplate,
  requiredNames,
  type Values,
} from "./fields.ts";
import {
  boundBy,
  plannedBelonging,
  plannedInputs,
  plannedRecords,
  plannedValues,
  type Planning,
  provenBy,
  toolHeading,
} from "./plan-read.ts";
import {
  NO_ANSWER,
  type Operations,
  plannedFind,
  plannedReceipt,
  type PlanningChange,
  statesIn,
} from "./proof.ts";
import {
  named,
  plainLabel,
  withAll,
  answeredMoney,
  changeRisk,
  paidGap,
  sendingGaps,
  isForPeople,
} from "./suggestions.ts";
import { type PlannedWrite, policyOperation } from "./tool-file.ts";

/** Plans the tool; what is missing becomes a gap, and the plan must not be used then. */
export function planWrite(asked: Planning, operations: Operations): PlannedWrite {
  const { operation, answers } = asked;
  const { looked, link } = lookedAt(asked, operations);
  const belongsTo = plannedBelonging({ ...asked, operation: looked });
  const aboutValues = lookUpValues(looked, answers.about?.values ?? {}, boundBy(belongsTo));
  const id = answers.about?.id ?? recordIdField(looked, aboutValues);
  const key = idempotencyPlace(asked);
  const money = answeredMoney(asked, looked);
  const risk = changeRisk(asked);
  const planning = { ...asked, operations, looked, link, aboutValues, risk, money };
  const bound = { ...linkedValues(planning, id), ...keyValues(planning, key) };
  const values = plannedValues({ ...asked, answers: withAmount(planning) }, bound);
  const finding = plannedInputs({ ...asked, operation: looked, answers: {} }, aboutValues);
  const inputs = mergedInputs(finding, plannedInputs(asked, values), money);
  const said = saidOrGuessed(planning, id, values);
  const amount = money?.amount;
  const label = withAll(said.label, values, amount);
  const find = plannedFind(planning);
  comparedGaps(planning, inputs);
  sendingGaps(planning, values, { key, id });
  const needed = [
    ...idGap(planning, id),
    ...said.unchanged,
    ...provenBy(belongsTo),
    ...moneyFields(money),
    ...[...placesIn(label), ...said.identity].filter((path) => !path.startsWith("input.")),
    ...Object.values({ ...values, ...comparedBy(answers), ...answers.receipt?.same }).flatMap(
      (value) => (value.from === "record" ? [value.field] : []),
    ),
  ];
  const from = plannedRecords(
    { ...asked, operation: looked },
    answers.about ?? {},
    aboutValues,
    needed,
  );
  const { source, name, description } = toolHeading(asked, risk);
  return {
    kind: "write",
    source,
    name,
    operation: policyOperation(name),
    description,
    minimumLevel: said.level,
    input: inputFields(inputs, amount),
    ...(isForPeople(planning) && { personDecides: true }),
    about: { from, belongsTo, id, unchanged: [...said.unchanged] },
    ownWords:
      answers.own_words ?? ownWordInputs(inputs, [amount, ...finding.map((input) => input.name)]),
    ...(money === undefined ? {} : { money }),
    label,
    identity: said.identity,
    commit: {
      request: requestTemplate(operation, values, answers.encoding),
      idempotency: key,
      ...plannedReceipt(planning),
    },
    find,
  };
}

/** What the answers leave open is guessed from the record and from the values of the change. */
function saidOrGuessed(planning: PlanningChange, id: string, values: Values) {
  const { answers, looked, money } = planning;
  return {
    level: answers.level ?? 2,
    label: answers.label ?? plainLabel(planning, id),
    identity: answers.identity ?? [id, ...Object.values(values).flatMap(named)],
    // What people saw when they decided: the record's state, and the money that is left.
    unchanged: answers.unchanged ?? [
      ...new Set([...statesIn(looked).map(({ name }) => name), ...moneyFields(money)]),
    ],
  };
}

/** What the outcome is told by, of the record or of what is found under the key. */
function comparedBy({ find }: OperationAnswers): Values {
  if (find?.by === "key") return find.same;
  return find?.by === "looking" ? find.shows : {};
}

/** The operation that reads the record a change is about, and why it is taken for that. */
function lookedAt(
  planning: Planning,
  operations: Operations,
): Pick<PlanningChange, "looked" | "link"> {
  const { operation, answers, gap } = planning;
  const guessed = operation.guesses.about;
  const name = answers.about === undefined ? guessed?.operation : answers.about.operation;
  const looked = operations.get(name ?? "");
  paidGap(planning);
  if (looked !== undefined)
    return { looked, link: guessed?.operation === looked.name ? guessed : null };
  gap(
    "about",
    name === undefined
      ? "name the operation that reads the record this change is about, so that it can be proven to be the customer's"
      : `there is no operation ${name} to read the record with`,
    "{ operation: NAME }",
  );
  return { looked: { ...operation, parameters: [], body: null, answer: NO_ANSWER }, link: null };
}

/** How the record is asked for: what code binds, what the answers say, and its own id from the model. */
function lookUpValues(looked: OperationDescription, said: Values, bound: Values): Values {
  const open = requiredNames(looked).filter((name) => !(name in bound) && !(name in said));
  return {
    ...Object.fromEntries(
      open.map((name) => [name, { from: "input", name: inputName(name) } as const]),
    ),
    ...said,
    ...bound,
  };
}

function recordIdField({ answer }: OperationDescription, aboutValues: Values): string {
  const names = (answer?.record.fields ?? []).map(({ name }) => name);
  const likely = [Object.keys(aboutValues).at(-1) ?? "", "id", "ID", "Id", "uuid"];
  return likely.find((name) => names.includes(name)) ?? "id";
}

/** The record's own id has another name than was guessed: the question is what the change is about. */
function idGap({ looked: { name, answer }, gap }: PlanningChange, id: string): readonly string[] {
  const record = answer?.record ?? objectField("", []);
  if (fieldAt(record, id) !== null) return [id];
  if (record.fields.length === 0) return [];
  const likely = record.fields.find((field) => /(?:_id|Id)$/.test(field.name))?.name ?? "FIELD";
  gap(
    "about",
    `the answer of ${name} has no field ${id}: say which one is its id`,
    `{ operation: ${name}, id: ${likely} }`,
  );
  return [];
}

/** What the model never fills in can be compared with nothing. */
function comparedGaps({ answers, gap }: PlanningChange, inputs: readonly FieldDescription[]): void {
  const names = inputs.map(({ name }) => name);
  for (const [topic, compared] of [
    ["find", comparedBy(answers)],
    ["receipt", answers.receipt?.same ?? {}],
  ] as const)
    for (const value of Object.values(compared))
      if (value.from === "input" && !names.includes(value.name))
        gap(topic, `there is no input ${value.name}; the inputs are ${names.join(", ")}`);
}

/** Values of the change that are the record's own: they come from the proven record and never from the model. */
function linkedValues({ operation, answers, looked, link }: PlanningChange, id: string): Values {
  const own = looked.parameters.filter((parameter) => parameter.in === "path").at(-1);
  const name = link?.from ?? own?.field.name;
  if (name === undefined || name in (answers.values ?? {}) || namedPlace(operation, name) === null)
    return {};
  return { [name]: { from: "record", field: id } };
}

function idempotencyPlace({ operation, answers: { key } }: Planning): IdempotencyPlace | null {
  if (key === "none") return null;
  if (key === undefined) return operation.guesses.idempotency;
  return "header" in key ? { in: "header", name: key.header } : { in: "field", name: key.field };
}

/**
 * The key as a value of the request: where the document requires it, and in a field that the change is found by and can
 * fill itself, since a header alone leaves that one empty.
 */
function keyValues({ operation, answers }: Planning, key: IdempotencyPlace | null): Values {
  const { find, values = {} } = answers;
  const field = find?.by === "key" ? find.field : undefined;
  const isFilled =
    field !== undefined &&
    values[field] === undefined &&
    namedPlace(operation, field)?.in === "body";
  return {
    ...(key !== null && requiredNames(operation).includes(key.name)
      ? { [key.name]: { from: "key" } }
      : {}),
    ...(isFilled ? { [field]: { from: "key" } } : {}),
  };
}

/** The amount is chosen by the model wherever the system takes one. */
function withAmount({ operation, answers, money }: PlanningChange): OperationAnswers {
  if (money === undefined || answers.input?.includes(money.amount) === true) return answers;
  const isOpen =
    namedPlace(operation, money.amount) !== null && answers.values?.[money.amount] === undefined;
  if (!isOpen) return answers;
  return { ...answers, input: [...(answers.input ?? requiredNames(operation)), money.amount] };
}

const MONEY_INPUT = 'Such as "25.00" for a part; null for all that is left';

function mergedInputs(
  finding: readonly FieldDescription[],
  own: readonly FieldDescription[],
  money: WriteDeclaration["money"],
): readonly FieldDescription[] {
  const rest = own.filter(({ name }) => !finding.some((input) => input.name === name));
  const description = `${money?.unit === "minor" ? "Not in cents. " : ""}${MONEY_INPUT}`;
  return [...finding.map((input) => ({ ...input, required: true })), ...rest].map((input) =>
    input.name === money?.amount ? { ...textField(input.name), description } : input,
  );
}

/**
 * Text the model could have invented: it has to stand in the customer's own words, or a person decides. What only finds
 * the record is proven by the record, and an amount has its own rule.
 */
function ownWordInputs(
  inputs: readonly FieldDescription[],
  others: readonly (string | undefined)[],
): string[] {
  return inputs
    .filter(({ type, enum: values }) => type === "string" && values.length === 0)
    .map(({ name }) => name)
    .filter((name) => !others.includes(name) && !/(?:^|_)ids?$/.test(name));
}

function moneyFields(money: WriteDeclaration["money"]): readonly string[] {
  if (money === undefined) return [];
  return [money.paid, money.currency, ...(money.refunded === null ? [] : [money.refunded])];
}

/** Names of the operations that a change needs besides itself. */
export function readFor(
  { guesses }: OperationDescription,
  { about, find }: OperationAnswers,
): readonly string[] {
  const looked = about?.operation ?? guesses.about?.operation;
  const asked = find !== undefined && find.by !== "nothing" ? find.operation : undefined;
  return [looked, asked].filter((name) => name !== undefined);
}
