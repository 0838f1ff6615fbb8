/** From a described operation and its answers to the plan of a read tool. */
import type { FieldDescription, OperationDescription } from "#importing/description.ts";
import type { OperationAnswers } from "#importing/answers/answer-file.ts";
import type { Belonging, Value } from "#systems/contract.ts";
import {
  fieldAt,
  insteadText,
  narrowed,
  objectField,
  shortened,
} from "#importing/generate/fields.ts";
import type { PlannedInput, PlannedRead, PlannedRecords, Risk } from "#importing/generate/plan.ts";
import { chosenFields } from "./choose-fields.ts";
import { inputName, namedPlace, requiredNames, requestTemplate, unplaced } from "./places.ts";
import type { Gaps } from "./refusal.ts";
import { suggestedBelonging } from "./suggestions.ts";

const USE_LENGTH_MAX = 240;
const SHOWN_MAX = 5;

/** Plans the tool; what is missing is added to `gaps`, and the plan must not be used then. */
export function planRead(
  operation: OperationDescription,
  answers: OperationAnswers,
  gaps: Gaps,
): PlannedRead {
  const belongsTo = plannedBelonging(operation, answers, gaps);
  const values = plannedValues(operation, answers, boundBy(belongsTo), gaps);
  const from = plannedRecords(operation, answers, values, gaps);
  const shown = answers.fields ?? chosenFields(wholeRecord(operation, from.at));
  const record = chosenRecord(operation, from.at, [...shown, ...provenBy(belongsTo)], gaps);
  return {
    kind: "read",
    ...toolHeading(operation, answers, "read"),
    minimumLevel: answers.level ?? 2,
    input: plannedInputs(operation, answers, values, gaps),
    from: { ...from, record },
    belongsTo,
    personal: answers.personal ?? shown.filter((path) => isPersonal(operation, path)),
    shownMax: answers.shown ?? (from.many ? SHOWN_MAX : 1),
  };
}

/** What the tool is called, what the model is told, and where it comes from. */
export function toolHeading(
  operation: OperationDescription,
  answers: OperationAnswers,
  risk: Risk,
) {
  const { method, path } = operation;
  const said = operation.description === "" ? operation.summary : operation.description;
  const words = operation.name.replaceAll("_", " ");
  return {
    source: { operation: operation.name, method, path, risk },
    name: answers.tool ?? operation.name.slice(0, 48),
    description: [
      ended(answers.use ?? shortened(said === "" ? words : said, USE_LENGTH_MAX)),
      ...unitWords(operation),
      ...pageWords(operation),
    ].join(" "),
  };
}

/** A model that reads 12000 has to know that it is 120.00; said only where the document itself says so. */
function unitWords({ guesses, answer }: OperationDescription): readonly string[] {
  const isMinor = guesses.money.some(
    (place) => place.in === "answer" && place.unit === "minor" && place.isUnitStated,
  );
  return guesses.kind.value === "read" && answer !== null && isMinor
    ? ["Amounts are in the smallest unit of the currency: 1250 usd is 12.50 USD."]
    : [];
}

function ended(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

const PAGE = /^(?:page|page_?token|cursor|offset|skip|start|(?:starting_)?after)$/i;

/** A list in parts is read once, so a model must not take its first part for the whole. */
function pageWords({ guesses, answer, parameters }: OperationDescription): readonly string[] {
  const isPaged = parameters.some(
    ({ in: place, field }) => place === "query" && PAGE.test(field.name),
  );
  return isPaged && answer?.many === true && guesses.kind.value === "read"
    ? ["Only the first page is read; there may be more."]
    : [];
}

function isPersonal({ answer }: OperationDescription, path: string): boolean {
  return answer !== null && fieldAt(answer.record, path)?.personal === true;
}

/** Whose a record is. Never guessed silently: without an answer only what the document itself states is taken. */
export function plannedBelonging(
  operation: OperationDescription,
  { belongs }: OperationAnswers,
  gaps: Gaps,
): Belonging {
  if (belongs === undefined) {
    gaps.add(
      "belongs",
      "say how a record is proven to be the customer's own, or why it is about no customer",
      suggestedBelonging(operation),
    );
    return { by: "nothing", because: "not answered" };
  }
  if ("nothing" in belongs) return { by: "nothing", because: belongs.nothing };
  if ("record" in belongs)
    return {
      by: "record",
      input: belongs.record,
      tool: belongs.tool,
      parentField: belongs.parent_field,
      ...(belongs.field === undefined ? {} : { field: belongs.field }),
    };
  if ("parameter" in belongs) {
    const place = namedPlace(operation, belongs.parameter);
    if (place === null)
      gaps.add(
        "belongs",
        `${operation.name} has no parameter and no body field ${belongs.parameter}`,
      );
    else if (place.in !== "path" && belongs.field === undefined)
      gaps.add(
        "belongs",
        `a system may ignore ${belongs.parameter}, so name the field of the record that says whose it is`,
        suggestedBelonging(operation),
      );
    return {
      by: "parameter",
      name: belongs.parameter,
      is: belongs.is,
      ...(belongs.field === undefined ? {} : { field: belongs.field }),
    };
  }
  return { by: "field", field: belongs.field, is: belongs.is };
}

/** What the binding fills in by code. */
export function boundBy(belongsTo: Belonging): Readonly<Record<string, Value>> {
  return belongsTo.by === "parameter"
    ? { [belongsTo.name]: { from: "requester", is: belongsTo.is } }
    : {};
}

/** Fields of the record that prove whose it is. */
export function provenBy(belongsTo: Belonging): readonly string[] {
  return "field" in belongsTo && belongsTo.field !== undefined ? [belongsTo.field] : [];
}

/** Every value of the request: bound by code, said in the answers, or chosen by the model. */
export function plannedValues(
  operation: OperationDescription,
  answers: OperationAnswers,
  bound: Readonly<Record<string, Value>>,
  gaps: Gaps,
): Readonly<Record<string, Value>> {
  const said: Readonly<Record<string, Value>> = { ...answers.values, ...bound };
  const open = requiredNames(operation).filter(
    (name) => !(name in said) && !Object.keys(said).some((known) => known.startsWith(`${name}.`)),
  );
  const chosen = answers.input ?? open;
  const values: Record<string, Value> = { ...said };
  for (const name of chosen)
    if (!(name in said)) values[name] = { from: "input", name: inputName(name) };
  for (const name of unplaced(operation, values))
    gaps.add(
      answers.input?.includes(name) === true ? "input" : "values",
      `${operation.name} has no parameter and no body field ${name}`,
    );
  for (const name of open)
    if (!(name in values) && !Object.keys(values).some((known) => known.startsWith(`${name}.`)))
      gaps.add("values", `the system requires ${name}: list it under input, or give it a value`);
  return values;
}

/** Where the records are in the answer. */
export function plannedRecords(
  operation: OperationDescription,
  answers: Pick<OperationAnswers, "records" | "many" | "encoding">,
  values: Readonly<Record<string, Value>>,
  gaps: Gaps,
): PlannedRecords {
  if (operation.answer === null)
    gaps.add("records", `${operation.name} answers nothing that could be read`);
  return {
    request: requestTemplate(operation, values, answers.encoding),
    at: answers.records ?? operation.answer?.records ?? "",
    many: answers.many ?? operation.answer?.many ?? false,
    record: objectField("", []),
  };
}

/** What the records at this place of the answer look like; a lead may name a place below the one that was found. */
function wholeRecord({ answer }: OperationDescription, at: string): FieldDescription {
  if (answer === null) return objectField("", []);
  const below = answer.records === "" ? at : at.slice(answer.records.length + 1);
  const found = at === answer.records ? answer.record : fieldAt(answer.record, below);
  return found?.type === "list" && found.items !== null ? found.items : (found ?? answer.record);
}

/** The record with the named fields alone. */
export function chosenRecord(
  operation: OperationDescription,
  at: string,
  paths: readonly string[],
  gaps: Gaps,
  /** The question that a missing field is answered under. */
  topic = "fields",
): FieldDescription {
  const whole = wholeRecord(operation, at);
  for (const path of paths)
    if (fieldAt(whole, path) === null)
      gaps.add(topic, `the answer of ${operation.name} has no field ${path}${insteadText(whole)}`);
  if (paths.length === 0)
    gaps.add("fields", `name the fields of ${operation.name} that answers need`);
  return narrowed(whole, [...new Set(paths)]);
}

/** The inputs that the values take from the model, described by the document. */
export function plannedInputs(
  operation: OperationDescription,
  answers: OperationAnswers,
  values: Readonly<Record<string, Value>>,
  gaps: Gaps,
): readonly PlannedInput[] {
  const required = new Set(requiredNames(operation));
  const inputs = Object.entries(values).flatMap(([name, value]): readonly PlannedInput[] => {
    if (value.from !== "input") return [];
    const field = namedPlace(operation, name)?.field ?? objectField(name, []);
    const isOptional = answers.optional?.includes(name) ?? !required.has(name);
    return [{ name: value.name, field, isOptional, isMoney: false }];
  });
  const names = inputs.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) gaps.add("input", `two values would both be the input ${twice}`);
  return inputs;
}
