/** Checks what a declaration means: whose records it shows, what a model may choose, how an outcome is found out. */

import { inWords } from "#core/values/words.ts";
import { BUILT_IN_OPERATIONS } from "#core/values/action.ts";
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import type {
  Belonging,
  Connection,
  ReadDeclaration,
  Records,
  RequestTool,
  SqlReadDeclaration,
  SystemTool,
} from "./contract.ts";
import {
  changeProblems,
  type Finding,
  findingIf,
  chosenInInput,
  fieldPaths,
  missingFields,
  inputNames,
  isAboutPerson,
} from "./check-change.ts";
import { needsSystemId, valuesIn } from "./look-up.ts";
import { isSecure } from "#core/connection/http-answer.ts";
import type { ShownMoney } from "./declared-fields.ts";
import type { Column } from "#systems/sql/declaration.ts";

/** What else there is: no two tools may have one name, and a record may hang on another tool's. */
export interface Surroundings {
  /** All declarations, this one included. */
  readonly declarations: readonly SystemTool[];
  /** Names of the tools that Deskhand brings. */
  readonly builtInTools: readonly string[];
}

/**
 * Everything that makes a declaration one that is refused, each with its field and a reason that says what to do; empty
 * for one that may be used. Nothing is called for it.
 */
export function checkDeclaration(
  declaration: SystemTool,
  surroundings: Surroundings,
): readonly Finding[] {
  return [
    ...nameProblems(declaration, surroundings),
    ...inputProblems(declaration),
    ...(declaration.kind === "sql-read"
      ? sqlProblems(declaration)
      : systemProblems(declaration, surroundings)),
  ];
}

function systemProblems(declaration: RequestTool, surroundings: Surroundings): readonly Finding[] {
  return [
    ...connectionProblems(declaration.connection),
    ...(declaration.kind === "read"
      ? readProblems(declaration, surroundings)
      : [
          ...lookUpProblems(declaration, { ...declaration.about, place: "about." }, surroundings),
          ...changeProblems(declaration),
        ]),
  ];
}

function nameProblems(
  declaration: SystemTool,
  { declarations, builtInTools }: Surroundings,
): readonly Finding[] {
  const { name } = declaration;
  const found: Finding[] = [];
  if (builtInTools.includes(name))
    found.push(["name", `${name} is the name of a built-in tool; choose another`]);
  if (declarations.filter((one) => one.name === name).length > 1)
    found.push(["name", `two tools are called ${name}`]);
  if (declaration.kind !== "write") return found;
  const { operation } = declaration;
  if (BUILT_IN_OPERATIONS.includes(operation))
    found.push(["operation", `${operation} is a built-in operation; choose another name`]);
  const same = declarations.filter((one) => one.kind === "write" && one.operation === operation);
  if (same.length > 1) found.push(["operation", `two tools have the operation ${operation}`]);
  return found;
}

function connectionProblems({ address, authentication }: Connection): readonly Finding[] {
  // Without these signs it is the name of a setting.
  const isAddress =
    authentication.kind === "client-credentials" && authentication.tokenUrl.includes("://");
  const places = [
    ["connection.address", address],
    ["connection.authentication.tokenUrl", isAddress ? authentication.tokenUrl : null],
  ] as const;
  return places.flatMap(([field, given]) => {
    const url = given === null ? null : URL.parse(given);
    const isSafe = url?.username === "" && url.password === "" && isSecure(url);
    const reason = "has to begin with https:// and carry no name or password";
    return findingIf(given !== null && !isSafe, field, reason);
  });
}

function inputProblems({ input, name }: SystemTool): readonly Finding[] {
  return chosenInInput(input, name).map((place): Finding => [
    "input",
    `${place} lets a model choose a recipient, a link or a customer; fill it in from the requester or the record`,
  ]);
}

function readProblems(
  declaration: ReadDeclaration,
  surroundings: Surroundings,
): readonly Finding[] {
  const { from, belongsTo, personal, money } = declaration;
  const [person] = [...fieldPaths(from.record).filter(isAboutPerson), ...personal];
  return [
    ...lookUpProblems(declaration, { from, belongsTo, place: "" }, surroundings),
    ...findingIf(
      !["GET", "POST"].includes(from.request.method),
      "from.request.method",
      "a look-up is a GET, or a POST that only searches",
    ),
    ...missingFields(personal, from, "personal"),
    ...moneyProblems(money, fieldPaths(from.record)),
    ...findingIf(
      belongsTo.by === "nothing" && person !== undefined,
      "belongsTo",
      `${person} is about a person, so it has to be said how a record is proven to be the customer's`,
    ),
  ];
}

interface CheckedLookUp extends Pick<ReadDeclaration, "from" | "belongsTo"> {
  /** Where it stands in the declaration: empty, or `about.`. */
  readonly place: string;
}

function lookUpProblems(
  declaration: RequestTool,
  { from, belongsTo, place }: CheckedLookUp,
  surroundings: Surroundings,
): readonly Finding[] {
  const inputs = inputNames(declaration.input);
  const { connection, minimumLevel } = declaration;
  const found: Finding[] = [...requestProblems(from, inputs, `${place}from.request`)];
  if (belongsTo.by !== "nothing" && minimumLevel < PROVEN_LEVEL)
    found.push(["minimumLevel", `records of a customer need level ${PROVEN_LEVEL} or more`]);
  if (needsSystemId(from, belongsTo) && connection.customer === undefined)
    found.push([
      "connection.customer",
      "is missing: without it no customer's id in this system can be found",
    ]);
  const at = `${place}belongsTo`;
  if (belongsTo.by === "field")
    found.push(...missingFields([belongsTo.field], from, `${at}.field`));
  if (belongsTo.by === "parameter") found.push(...parameterProblems(belongsTo, from, at));
  if (belongsTo.by === "record")
    found.push(...parentProblems(declaration, belongsTo, from, at, surroundings));
  return found;
}

/** A look-up may only use inputs that there are, and neither a record nor a key. */
function requestProblems(
  { request, chosen }: Records,
  inputs: readonly string[],
  at: string,
): readonly Finding[] {
  const named = [...request.path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? "");
  const given = Object.keys(request.pathValues ?? {});
  return [
    ...findingIf(
      chosen !== undefined && !inputs.includes(chosen.input),
      `${at}.chosen`,
      `there is no input ${chosen?.input}`,
    ),
    ...named
      .filter((name) => !given.includes(name))
      .map((name): Finding => [`${at}.path`, `{${name}} has no value under pathValues`]),
    ...valuesIn(request).flatMap(({ name, value, isPart }): readonly Finding[] => {
      if (isPart)
        return [[`${at}.${name}`, "a look-up takes whole values, and no text of several"]];
      if (value.from === "record" || value.from === "key")
        return [[`${at}.${name}`, `a look-up has no ${value.from}`]];
      return value.from === "input" && !inputs.includes(value.name)
        ? [[`${at}.${name}`, `there is no input ${value.name}`]]
        : [];
    }),
  ];
}

function parameterProblems(
  { name, is, field }: Extract<Belonging, { by: "parameter" }>,
  from: Records,
  at: string,
): readonly Finding[] {
  const place = valuesIn(from.request).find((one) => one.name === name);
  if (place === undefined) return [[`${at}.name`, `the request has no value ${name}`]];
  const { value } = place;
  if (value.from !== "requester" || value.is !== is)
    return [
      [
        `${at}.name`,
        value.from === "input"
          ? `${name} is chosen by the model; only code may fill in whose records are asked for`
          : `${name} is not the requester's ${inWords(is)}`,
      ],
    ];
  if (field !== undefined) return missingFields([field], from, `${at}.field`);
  return place.in === "path" ? [] : [[`${at}.field`, NEEDS_FIELD]];
}

const NEEDS_FIELD =
  "is missing: a system may ignore a filter, so a field of the record has to say whose it is";

function parentProblems(
  declaration: RequestTool,
  { input, tool, field, parentField }: Extract<Belonging, { by: "record" }>,
  from: Records,
  at: string,
  { declarations }: Surroundings,
): readonly Finding[] {
  const parent = declarations.find((one) => one.name === tool);
  if (parent === undefined || parent.kind !== "read")
    return [[`${at}.tool`, `there is no look-up called ${tool}`]];
  const found: Finding[] = [];
  if (inputNames(parent.input).length !== 1)
    found.push([`${at}.tool`, `${tool} has to have exactly one input`]);
  if (parent.belongsTo.by === "nothing" || hangsOn(parent, [declaration.name], declarations))
    found.push([`${at}.tool`, `${tool} proves nothing about whose record it is`]);
  found.push(...missingFields([parentField], parent.from, `${at}.parentField`));
  const place = valuesIn(from.request).find(
    ({ value }) => value.from === "input" && value.name === input,
  );
  if (!inputNames(declaration.input).includes(input))
    found.push([`${at}.input`, `there is no input ${input}`]);
  else if (place === undefined)
    found.push([
      `${at}.input`,
      `the request does not use ${input}, so nothing ties the two records`,
    ]);
  else if (place.in !== "path" && field === undefined) found.push([`${at}.field`, NEEDS_FIELD]);
  return field === undefined ? found : [...found, ...missingFields([field], from, `${at}.field`)];
}

/** Whether a look-up hangs on one of these in the end, or on itself. */
function hangsOn(
  { name, belongsTo }: ReadDeclaration,
  above: readonly string[],
  declarations: readonly SystemTool[],
): boolean {
  if (above.includes(name)) return true;
  if (belongsTo.by !== "record") return false;
  const parent = declarations.find((one) => one.name === belongsTo.tool);
  return parent?.kind === "read" && hangsOn(parent, [...above, name], declarations);
}

/** Fields of amounts that a record does not have; a path goes through its lists. */
function moneyProblems(
  money: ShownMoney | undefined,
  known: readonly string[],
): readonly Finding[] {
  const named = money === undefined ? [] : [...money.fields, money.currency];
  return named
    .filter((path) => !known.includes(path))
    .map((path) => ["money", `the record has no field ${path}`]);
}

/** What is wrong with a look-up in a database: whose rows it shows and what a model may choose. */
function sqlProblems(declaration: SqlReadDeclaration): readonly Finding[] {
  const { from, belongsTo, minimumLevel, personal, money } = declaration;
  const found: Finding[] = [];
  const shown = Object.keys(from.columns);
  const parsed = Object.keys(declaration.record.shape);
  for (const name of shown.filter((one) => !parsed.includes(one)))
    found.push(["record", `has no ${name}, which is selected`]);
  for (const name of parsed.filter((one) => !shown.includes(one)))
    found.push(["record", `${name} is not selected; add it to from.columns`]);
  for (const name of personal.filter((one) => !shown.includes(one)))
    found.push(["personal", `${name} is not selected`]);
  found.push(...moneyProblems(money, shown));
  found.push(...joinProblems(declaration), ...comparedInputs(declaration));
  if (belongsTo.by === "column" && minimumLevel < PROVEN_LEVEL)
    found.push(["minimumLevel", `rows of a customer need level ${PROVEN_LEVEL} or more`]);
  const about = [...shown.filter(isAboutPerson), ...personal][0];
  if (belongsTo.by === "nothing" && about !== undefined)
    found.push([
      "belongsTo",
      `${about} is about a person, so it has to be said which column proves whose a row is`,
    ]);
  return found;
}

function joinProblems({ from, belongsTo }: SqlReadDeclaration): readonly Finding[] {
  const names = from.joins.map(({ name }) => name);
  const columns: readonly Column[] = [
    ...Object.values(from.columns),
    ...(belongsTo.by === "column" ? [belongsTo.column] : []),
  ];
  const unknown = columns.flatMap(({ of }) => (of === undefined || names.includes(of) ? [] : [of]));
  return [
    ...unknown.map((name): Finding => ["from.joins", `there is no join called ${name}`]),
    ...names
      .filter((name, place) => names.indexOf(name) !== place)
      .map((name): Finding => ["from.joins", `two joins are called ${name}`]),
  ];
}

function comparedInputs({ from, belongsTo, input }: SqlReadDeclaration): readonly Finding[] {
  const used = Object.values(from.lookUp);
  const inputs = inputNames(input);
  const own =
    belongsTo.by === "column" && belongsTo.column.of === undefined ? belongsTo.column.column : null;
  return [
    ...used
      .filter((name) => !inputs.includes(name))
      .map((name): Finding => ["from.lookUp", `there is no input ${name}`]),
    ...inputs
      .filter((name) => !used.includes(name))
      .map((name): Finding => ["input", `${name} is compared with no column`]),
    ...findingIf(
      own !== null && Object.hasOwn(from.lookUp, own),
      "from.lookUp",
      `${own} says whose a row is; only code may fill it in`,
    ),
  ];
}
