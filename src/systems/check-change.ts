/**
 * Checks a declared change: what is sent, which fields a schema has for it, what people see of it, and how its
 * outcome is found out.
 */
import { z } from "zod";
import type { Records, Value, WriteDeclaration } from "./contract.ts";
import { isSystemId, valuesIn } from "./look-up.ts";
import { placedValues, placesIn, sentInputs } from "./planned-change.ts";

/** A field of a declaration, such as `about.belongsTo`, with what is wrong with it. */
export type Finding = readonly [field: string, reason: string];

/** One finding where something is wrong, none otherwise. */
export function findingIf(isWrong: boolean, field: string, reason: string): readonly Finding[] {
  return isWrong ? [[field, reason]] : [];
}

/** Paths that the schema of a record does not have. */
export function missingFields(
  paths: readonly string[],
  { record }: Pick<Records, "record">,
  at: string,
): readonly Finding[] {
  return paths
    .filter((path) => !hasField(record, path))
    .map((path) => [at, `the record has no field ${path}`]);
}

/** Everything wrong with a change but for its record, which is checked like that of a look-up. */
export function changeProblems(declaration: WriteDeclaration): readonly Finding[] {
  const { about, commit } = declaration;
  return [
    ...findingIf(
      about.belongsTo.by === "nothing",
      "about.belongsTo",
      "a change has to be about a record that is proven to be the customer's",
    ),
    ...findingIf(
      commit.request.method === "GET",
      "commit.request.method",
      "a GET changes nothing; a change is sent by another method",
    ),
    ...valueProblems(declaration),
    ...recordProblems(declaration),
    ...shownProblems(declaration),
    ...findProblems(declaration),
    ...proofProblems(declaration),
  ];
}

/** A state that any text may be would call a failed refund done. */
const STATE = /^(?:status|state)$/i;

/** What money needs before a customer may be told of it: an id, the amount that was asked for, and no open state. */
function proofProblems({ money, commit, find }: WriteDeclaration): readonly Finding[] {
  if (money === undefined) return [];
  const asked = find.by === "looking" ? find.shows : find.by === "key" ? (find.same ?? {}) : {};
  const isFound = Object.values(asked).some(
    (value) => value.from === "input" && value.name === money.amount,
  );
  return [
    ...findingIf(
      commit.ref === "",
      "commit.ref",
      "is empty: name the field of the answer with the id of what was booked",
    ),
    ...findingIf(
      (commit.amount ?? null) === null && !isFound,
      "commit.amount",
      "is null, so find has to compare the amount: else nothing proves how much was moved",
    ),
    ...openStates(commit.receipt, "commit.receipt"),
    ...(find.by === "key" ? openStates(find.from.record, "find.from.record") : []),
  ];
}

function openStates(record: z.ZodObject, at: string): readonly Finding[] {
  return openTexts(record)
    .filter((path) => STATE.test(path.split(".").at(-1) ?? ""))
    .map((path): Finding => [at, `${path} has to be {one_of: […]} of the values that mean done`]);
}

function valueProblems(declaration: WriteDeclaration): readonly Finding[] {
  const hasCustomer = declaration.connection.customer !== undefined;
  return placedValues(declaration).flatMap(({ at, value }): readonly Finding[] => {
    const reason = valueProblem(declaration, value, hasCustomer);
    return reason === null ? [] : [[at, reason]];
  });
}

function valueProblem(
  { input, about, money }: WriteDeclaration,
  value: Value,
  hasCustomer: boolean,
): string | null {
  if (value.from === "input" && ![...inputNames(input), money?.amount].includes(value.name))
    return `there is no input ${value.name}`;
  if (value.from === "record" && !hasField(about.from.record, value.field))
    return `the record has no field ${value.field}`;
  if (isSystemId(value) && !hasCustomer)
    return "the connection does not say how a customer's id in this system is found";
  return null;
}

function recordProblems(declaration: WriteDeclaration): readonly Finding[] {
  const { about, money, commit } = declaration;
  const { record } = about.from;
  const fields: readonly (readonly [string, string | null | undefined])[] = [
    ["about.id", about.id],
    ...about.unchanged.map((path) => ["about.unchanged", path] as const),
    ...(about.must ?? []).map(({ field }) => ["about.must", field] as const),
    ["money.paid", money?.paid],
    ["money.refunded", money?.refunded],
    ["money.currency", money?.currency],
    ["money.deliveredOn", money?.deliveredOn],
    ["money.status", money?.status],
  ];
  const receipt = [...Object.keys(commit.same), commit.ref, commit.amount ?? ""].filter(
    (path) => path !== "",
  );
  const amounts = [money?.paid, money?.refunded].filter((path) => typeof path === "string");
  return [
    ...fields.flatMap(([at, path]) =>
      typeof path === "string" ? missingFields([path], about.from, at) : [],
    ),
    ...receipt.flatMap((path) =>
      findingIf(!hasField(commit.receipt, path), "commit.receipt", `has no field ${path}`),
    ),
    ...amounts.flatMap((path) =>
      findingIf(isYesOrNo(record, path), "money", `${path} is yes or no, and no amount`),
    ),
    ...amountProblems(declaration),
  ];
}

/** A model gives the amount, and no input does where all that is left moves. */
function amountProblems({ input, money }: WriteDeclaration): readonly Finding[] {
  const isInput = money !== undefined && inputNames(input).includes(money.amount);
  if (money === undefined || isInput !== (money.isWhole === true)) return [];
  return isInput
    ? [["money.isWhole", `all that is left moves, so a model must not fill in ${money.amount}`]]
    : [["money.amount", `there is no input ${money.amount}`]];
}

/** What is sent has to stand on the card, and two changes that send different things are two changes. */
function shownProblems(declaration: WriteDeclaration): readonly Finding[] {
  const { label, identity, ownWords, input, money } = declaration;
  const inputs = inputNames(input);
  const places = placesIn(label);
  const sent = sentInputs(declaration);
  // A second part of the same amount is told from the first by what went back before.
  const countsParts = money?.refunded != null && identity.includes(money.refunded);
  return [
    ...places.flatMap((place) => missingPlace(declaration, place, "label")),
    ...identity.flatMap((place) => missingPlace(declaration, place, "identity")),
    ...ownWords.flatMap((name) =>
      findingIf(!inputs.includes(name), "ownWords", `there is no input ${name}`),
    ),
    ...sent.flatMap((name) => [
      // An amount is always on the card.
      ...findingIf(
        !places.includes(`input.${name}`) && name !== money?.amount,
        "label",
        `{input.${name}} is missing: people have to see everything that is sent`,
      ),
      ...findingIf(
        !identity.includes(`input.${name}`) && !(countsParts && name === money?.amount),
        "identity",
        `input.${name} is missing: two changes with different values would be one`,
      ),
    ]),
  ];
}

function missingPlace(
  { about, input }: WriteDeclaration,
  place: string,
  at: string,
): readonly Finding[] {
  const isThere = place.startsWith("input.")
    ? inputNames(input).includes(place.slice("input.".length))
    : hasField(about.from.record, place);
  return findingIf(!isThere, at, `there is no ${place}`);
}

function findProblems({ find, commit }: WriteDeclaration): readonly Finding[] {
  if (find.by === "nothing")
    return findingIf(
      commit.isLater === true,
      "find.by",
      "what is carried out later has to be found",
    );
  const fields =
    find.by === "key"
      ? [find.keyField, find.ref, ...Object.keys(find.same ?? {})]
      : [...Object.keys(find.shows), find.ref];
  const isSent =
    commit.idempotency !== null ||
    valuesIn(commit.request).some(({ value }) => value.from === "key");
  return [
    ...missingFields(fields, find.from, "find"),
    ...findingIf(
      find.by === "looking" && Object.keys(find.shows).length === 0,
      "find.shows",
      "is empty, so anything would count as done",
    ),
    ...findingIf(
      find.by === "key" && !isSent,
      "find.by",
      "the key is never sent with the change, so nothing can be found by it",
    ),
  ];
}

const Schema = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  enum: z.unknown().optional(),
  const: z.unknown().optional(),
  type: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  description: z.string().optional(),
});

/** The schema as plain JSON. What JSON cannot say, such as a transformation, is left open. */
function asJson(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}

/** Whether a schema has a field at this path, such as `payment.id`. */
export function hasField(schema: z.ZodType, path: string): boolean {
  return formsAt(schema, path).length > 0;
}

/** Whether the field at this path is true or false, which is no amount. */
function isYesOrNo(schema: z.ZodType, path: string): boolean {
  return formsAt(schema, path).some((form) => {
    const { anyOf = [] } = Schema.parse(form);
    return [form, ...anyOf].some((one) => [Schema.parse(one).type].flat().includes("boolean"));
  });
}

function formsAt(schema: z.ZodType, path: string): readonly unknown[] {
  return path
    .split(".")
    .reduce(
      (found: readonly unknown[], name) => found.flatMap((one) => inside(one, name)),
      [asJson(schema)],
    );
}

function inside(schema: unknown, name: string): readonly unknown[] {
  const { properties = {}, items, anyOf = [], allOf = [] } = Schema.parse(schema);
  // A number is a place in a list.
  const placed = items !== undefined && /^\d+$/.test(name) ? [items] : [];
  const own = Object.hasOwn(properties, name) ? [properties[name]] : placed;
  return [...own, ...[...anyOf, ...allOf].flatMap((one) => inside(one, name))];
}

/** The names of an input's properties. */
export function inputNames(input: z.ZodObject): readonly string[] {
  return Object.keys(input.shape);
}

/** The path of every field of a schema, however deep. */
export function fieldPaths(schema: z.ZodType): readonly string[] {
  return nodesIn(asJson(schema), "").flatMap(({ path }) => (path === "" ? [] : [path]));
}

/** Paths of the fields that no list of values and no fields of their own limit. */
function openTexts(schema: z.ZodType): readonly string[] {
  const open = nodesIn(asJson(schema), "").filter(({ path, node }) => path !== "" && isOpen(node));
  return [...new Set(open.map(({ path }) => path))];
}

function isOpen(schema: unknown): boolean {
  const { anyOf = [], properties, enum: values, const: only, type } = Schema.parse(schema);
  if (anyOf.length > 0) return anyOf.some(isOpen);
  return values === undefined && only === undefined && properties === undefined && type !== "null";
}

/** A schema and every one in it; what stands in a list or is one of several has the path of that. */
function nodesIn(
  schema: unknown,
  path: string,
): readonly { readonly path: string; readonly node: z.infer<typeof Schema> }[] {
  const node = Schema.parse(schema);
  const { properties = {}, items, anyOf = [], allOf = [] } = node;
  return [
    { path, node },
    ...Object.entries(properties).flatMap(([name, inner]) =>
      nodesIn(inner, path === "" ? name : `${path}.${name}`),
    ),
    ...[...(items === undefined ? [] : [items]), ...anyOf, ...allOf].flatMap((inner) =>
      nodesIn(inner, path),
    ),
  ];
}

/** What code fixes and no model may choose: who gets something, where it goes, whose account it is. */
const FORBIDDEN_NAME =
  /(?:^|_)(?:e?mail|recipient|receiver|to|cc|bcc|from|sender|url|uri|link|href|host|domain|webhook|channel|thread|conversation|customer|user|requester|account|iban|card|phone|destination|key|token)(?:_|$)/i;
const FORBIDDEN_WORDS =
  /\be-?mail|\brecipients?\b|\burls?\b|\blinks?\b|\bwebsite|\bcustomer (?:id|number)|\baccounts?\b|\bchannel\b|\biban\b|\bphone|payment method/i;

/**
 * Every property of an input, however deep, that a model would choose and must not: a recipient, a link, a customer. By
 * its name, also in camel case, and by the words of its description.
 */
export function chosenByModel(schema: unknown, path: string): readonly string[] {
  return nodesIn(schema, path).flatMap(
    ({ path: at, node: { properties = {}, description = "" } }) => [
      ...(FORBIDDEN_WORDS.test(description) ? [`${at}: ${description}`] : []),
      ...Object.keys(properties)
        .filter((name) => FORBIDDEN_NAME.test(snakeCase(name)))
        .map((name) => `${at}.${name}`),
    ],
  );
}

/** The same for a schema of zod. */
export function chosenInInput(input: z.ZodObject, path: string): readonly string[] {
  return chosenByModel(asJson(input), path);
}

function snakeCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/[.-]/g, "_");
}

/** A field that is about a person, by its last name: a record with one is a customer's, and it has to be said which one's. */
export function isAboutPerson(path: string): boolean {
  return PERSON.test(snakeCase(path.split(".").at(-1) ?? ""));
}

const PERSON =
  /(?:^|_)(?:e?mail|phone|mobile|first_name|last_name|full_name|surname|street|address|address_?\d|postcode|zip|birthday|birth_date|date_of_birth|iban|customer|customer_id|user_id|recipient)(?:_|$)/i;
