/** Checks what a look-up in a database means: whose rows it shows and what a model may choose. */
import { PROVEN_LEVEL } from "#core/values/identity.ts";
import { inputNames, isAboutPerson } from "#systems/schema-fields.ts";
import type { Column, SqlReadDeclaration } from "./declaration.ts";

/** Everything that makes it one that is refused, each with its field and a reason that says what to do. */
export function sqlProblems(
  declaration: SqlReadDeclaration,
): readonly (readonly [field: string, reason: string])[] {
  const { from, belongsTo, minimumLevel, personal } = declaration;
  const found: (readonly [string, string])[] = [];
  const shown = Object.keys(from.columns);
  const parsed = Object.keys(declaration.record.shape);
  for (const name of shown.filter((one) => !parsed.includes(one)))
    found.push(["record", `has no ${name}, which is selected`]);
  for (const name of parsed.filter((one) => !shown.includes(one)))
    found.push(["record", `${name} is not selected; add it to from.columns`]);
  for (const name of personal.filter((one) => !shown.includes(one)))
    found.push(["personal", `${name} is not selected`]);
  found.push(...joinProblems(declaration), ...inputProblems(declaration));
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

function joinProblems({
  from,
  belongsTo,
}: SqlReadDeclaration): readonly (readonly [string, string])[] {
  const names = from.joins.map(({ name }) => name);
  const columns: readonly Column[] = [
    ...Object.values(from.columns),
    ...(belongsTo.by === "column" ? [belongsTo.column] : []),
  ];
  const unknown = columns.flatMap(({ of }) => (of === undefined || names.includes(of) ? [] : [of]));
  return [
    ...unknown.map((name) => ["from.joins", `there is no join called ${name}`] as const),
    ...names
      .filter((name, place) => names.indexOf(name) !== place)
      .map((name) => ["from.joins", `two joins are called ${name}`] as const),
  ];
}

function inputProblems({
  from,
  belongsTo,
  input,
}: SqlReadDeclaration): readonly (readonly [string, string])[] {
  const used = Object.values(from.lookUp);
  const inputs = inputNames(input);
  const own =
    belongsTo.by === "column" && belongsTo.column.of === undefined ? belongsTo.column.column : null;
  return [
    ...used
      .filter((name) => !inputs.includes(name))
      .map((name) => ["from.lookUp", `there is no input ${name}`] as const),
    ...inputs
      .filter((name) => !used.includes(name))
      .map((name) => ["input", `${name} is compared with no column`] as const),
    ...(own !== null && Object.hasOwn(from.lookUp, own)
      ? [["from.lookUp", `${own} says whose a row is; only code may fill it in`] as const]
      : []),
  ];
}
