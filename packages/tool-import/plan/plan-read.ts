/** From a described operation and its answers to a look-up, and what a change needs of one: values, records, whose they are. */
import type { OperationAnswers } from "#importing/answers/questions.ts";
import type { FieldDescription, OperationDescription } from "#importing/description.ts";
import { firstSentences } from "#importing/openapi/reading.ts";
import type { Belonging } from "#systems/contract.ts";
import type { ShownMoney } from "#systems/declared-fields.ts";
import {
  fieldAt,
  inputFields,
  insteadText,
  narrowed,
  objectField,
  recordFields,
  inputName,
  namedPlace,
  requestTemplate,
  requiredNames,
  unplaced,
  type Values,
} from "./fields.ts";
import { chosenFields, suggestedBelonging } from "./suggestions.ts";
import type { PlannedRead, PlannedRecords, Risk } from "./tool-file.ts";
import type { AddGap } from "#importing/answers/read-answers.ts";

const USE_LENGTH_MAX = 240;
const SHOWN_MAX = 5;

/** An operation while it is planned: what was answered, and where it is noted that something is missing. */
export interface Planning {
  readonly operation: OperationDescription;
  readonly answers: OperationAnswers;
  readonly gap: AddGap;
  /** The tool's own name where it would have one that is taken; the same otherwise. */
  readonly called: (name: string) => string;
}

/** Plans the tool; what is missing becomes a gap, and the plan must not be used then. */
export function planRead(planning: Planning): PlannedRead {
  const { operation, answers } = planning;
  const belongsTo = plannedBelonging(planning);
  const values = plannedValues(planning, boundBy(belongsTo));
  const { at, many } = recordsPlace(planning, answers);
  const shown = answers.fields ?? chosenFields(wholeRecord(operation, at));
  const money = shownMoney(operation, at, shown);
  const currency = money === undefined ? [] : [money.currency];
  const record = chosenRecord(planning, at, [...shown, ...currency, ...provenBy(belongsTo)]);
  return {
    kind: "read",
    ...toolHeading(planning, "read", money?.fields),
    minimumLevel: answers.level ?? 2,
    input: inputFields(plannedInputs(planning, values)),
    from: { request: requestTemplate(operation, values, answers.encoding), at, many, record },
    belongsTo,
    personal:
      answers.personal ??
      shown.filter(
        (path) =>
          operation.answer !== null && fieldAt(operation.answer.record, path)?.personal === true,
      ),
    ...(money === undefined ? {} : { money }),
    shownMax: answers.shown ?? (many ? SHOWN_MAX : 1),
  };
}

/** The amounts among what is shown, where the document says their unit and names their currency. */
function shownMoney(
  { guesses, answer }: OperationDescription,
  at: string,
  shown: readonly string[],
): ShownMoney | undefined {
  const amounts = guesses.money.filter(
    ({ in: place, amount }) => place === "answer" && isWithin(amount, shown),
  );
  const first = amounts.find(({ isUnitStated, currency }) => isUnitStated && currency !== null);
  if (at !== answer?.records || first?.currency == null) return undefined;
  const { unit, currency } = first;
  // A document seldom says the unit of each amount.
  const alike = amounts.filter((one) => one.unit === unit && one.currency === currency);
  return { fields: alike.map(({ amount }) => amount), currency, unit };
}

function isWithin(path: string, shown: readonly string[]): boolean {
  return shown.some((one) => path === one || path.startsWith(`${one}.`));
}

/**
 * What the tool is called, what the model is told, and where it comes from; `asMoney` are the amounts that it is shown
 * with their currency.
 */
export function toolHeading(
  { operation, answers, called }: Planning,
  risk: Risk,
  asMoney: readonly string[] = [],
) {
  const { name, method, path, summary, description } = operation;
  const said = [description, summary, name.replaceAll("_", " ")].find((words) => words !== "");
  const use = answers.use ?? firstSentences(said ?? "", USE_LENGTH_MAX);
  return {
    source: { operation: name, method, path, risk },
    name: called(answers.tool ?? name.slice(0, 48)),
    description: [
      /[.!?…]$/.test(use) ? use : `${use}.`,
      ...(operation.guesses.kind.value === "read" ? readWords(operation, asMoney) : []),
    ].join(" "),
  };
}

const PAGE = /^(?:page|page_?token|cursor|offset|skip|start|(?:starting_)?after)$/i;

/**
 * A model that reads 12000 has to know that it is 120.00, said only where the document itself says so; and a list in
 * parts is read once, so that its first part must not be taken for the whole.
 */
function readWords(
  { guesses, answer, parameters }: OperationDescription,
  asMoney: readonly string[],
): readonly string[] {
  const isMinor = guesses.money.some(
    ({ in: place, amount, unit, isUnitStated }) =>
      place === "answer" && unit === "minor" && isUnitStated && !asMoney.includes(amount),
  );
  const isPaged = parameters.some(
    ({ in: place, field }) => place === "query" && PAGE.test(field.name),
  );
  return [
    ...(answer !== null && isMinor
      ? ["Amounts are in the smallest unit of the currency: 1250 usd is 12.50 USD."]
      : []),
    ...(isPaged && answer?.many === true
      ? ["Only the first page is read; there may be more."]
      : []),
  ];
}

/** Whose a record is. Never guessed silently: without an answer only what the document itself states is taken. */
export function plannedBelonging({ operation, answers, gap }: Planning): Belonging {
  const { belongs } = answers;
  if (belongs === undefined) {
    gap(
      "belongs",
      "say how a record is proven to be the customer's own, or why it is about no customer",
      suggestedBelonging(operation),
    );
    return { by: "nothing", because: "not answered" };
  }
  if ("nothing" in belongs) return { by: "nothing", because: belongs.nothing };
  const proven = belongs.field === undefined ? {} : { field: belongs.field };
  if ("record" in belongs) {
    const { record, tool, parent_field } = belongs;
    return { by: "record", input: record, tool, parentField: parent_field, ...proven };
  }
  if (!("parameter" in belongs)) return { by: "field", field: belongs.field, is: belongs.is };
  const { parameter, is } = belongs;
  const place = namedPlace(operation, parameter);
  if (place === null)
    gap("belongs", `${operation.name} has no parameter and no body field ${parameter}`);
  else if (place.in !== "path" && belongs.field === undefined)
    gap(
      "belongs",
      `a system may ignore ${parameter}, so name the field of the record that says whose it is`,
      suggestedBelonging(operation),
    );
  return { by: "parameter", name: parameter, is, ...proven };
}

/** What the binding fills in by code. */
export function boundBy(belongsTo: Belonging): Values {
  return belongsTo.by === "parameter"
    ? { [belongsTo.name]: { from: "requester", is: belongsTo.is } }
    : {};
}

/** Fields of the record that prove whose it is. */
export function provenBy(belongsTo: Belonging): readonly string[] {
  return "field" in belongsTo && belongsTo.field !== undefined ? [belongsTo.field] : [];
}

/** Every value of the request: bound by code, said in the answers, or chosen by the model. */
export function plannedValues({ operation, answers, gap }: Planning, bound: Values): Values {
  const said: Values = { ...answers.values, ...bound };
  const isOpen = (name: string, values: Values): boolean =>
    !(name in values) && !Object.keys(values).some((known) => known.startsWith(`${name}.`));
  const open = requiredNames(operation).filter((name) => isOpen(name, said));
  const chosen = (answers.input ?? open).filter((name) => !(name in said));
  const values: Values = {
    ...said,
    ...Object.fromEntries(
      chosen.map((name) => [name, { from: "input", name: inputName(name) } as const]),
    ),
  };
  for (const name of unplaced(operation, values))
    gap(
      answers.input?.includes(name) === true ? "input" : "values",
      `${operation.name} has no parameter and no body field ${name}`,
    );
  for (const name of open.filter((one) => isOpen(one, values)))
    gap("values", `the system requires ${name}: list it under input, or give it a value`);
  return values;
}

type SaidPlace = Pick<OperationAnswers, "records" | "many">;

/** Where the records are in the answer. */
function recordsPlace(
  { operation: { name, answer }, gap }: Planning,
  { records, many }: SaidPlace,
): Pick<PlannedRecords, "at" | "many"> {
  if (answer === null) gap("records", `${name} answers nothing that could be read`);
  return { at: records ?? answer?.records ?? "", many: many ?? answer?.many ?? false };
}

/** A request of a change and the named fields of what it answers. */
export function plannedRecords(
  planning: Planning,
  said: SaidPlace,
  values: Values,
  paths: readonly string[],
): PlannedRecords {
  const { at, many } = recordsPlace(planning, said);
  const request = requestTemplate(planning.operation, values, undefined);
  return { request, at, many, record: chosenRecord(planning, at, paths) };
}

/** What the records at this place of the answer look like; a lead may name a place below the one that was found. */
function wholeRecord({ answer }: OperationDescription, at: string): FieldDescription {
  if (answer === null) return objectField("", []);
  const below = answer.records === "" ? at : at.slice(answer.records.length + 1);
  const found = at === answer.records ? answer.record : fieldAt(answer.record, below);
  return found?.type === "list" && found.items !== null ? found.items : (found ?? answer.record);
}

/** The record with the named fields alone. */
function chosenRecord({ operation, gap }: Planning, at: string, paths: readonly string[]) {
  const whole = wholeRecord(operation, at);
  for (const path of paths)
    if (fieldAt(whole, path) === null)
      gap("fields", `the answer of ${operation.name} has no field ${path}${insteadText(whole)}`);
  if (paths.length === 0) gap("fields", `name the fields of ${operation.name} that answers need`);
  return recordFields(narrowed(whole, [...new Set(paths)]).fields);
}

/** The inputs that the values take from the model, described by the document. */
export function plannedInputs(
  { operation, answers, gap }: Planning,
  values: Values,
): readonly FieldDescription[] {
  const needed = new Set(requiredNames(operation));
  const inputs = Object.entries(values).flatMap(([name, value]): readonly FieldDescription[] => {
    if (value.from !== "input") return [];
    const field = namedPlace(operation, name)?.field ?? objectField(name, []);
    const isOptional = answers.optional?.includes(name) ?? !needed.has(name);
    return [{ ...field, name: value.name, required: !isOptional }];
  });
  const names = inputs.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) gap("input", `two values would both be the input ${twice}`);
  return inputs;
}
