/** How it is found out whether a change happened, from its answers. */
import type { Link, OperationDescription } from "#importing/description.ts";
import type { OperationAnswers } from "#importing/answers/answer-file.ts";
import type { Value } from "#systems/contract.ts";
import type { PlannedFind } from "#importing/generate/plan.ts";
import { inputName, namedPlace, requiredNames, unplaced } from "./places.ts";
import { chosenRecord, plannedRecords } from "./plan-read.ts";
import type { Gaps } from "./refusal.ts";

/** Operations by their names, ours or the document's own: those that are read for a change. */
export type Operations = Pick<ReadonlyMap<string, OperationDescription>, "get">;

/** The read operation for the record a change is about. */
export interface Looked {
  readonly operation: OperationDescription;
  readonly link: Link | null;
  readonly values: Readonly<Record<string, Value>>;
}

interface FindingPlace {
  readonly looked: Looked;
  readonly aboutValues: Readonly<Record<string, Value>>;
  readonly operations: Operations;
}

/** Plans how the outcome is found out. Never assumed: without an answer the change is refused. */
export function plannedFind(
  operation: OperationDescription,
  { find }: OperationAnswers,
  { looked, aboutValues, operations }: FindingPlace,
  gaps: Gaps,
): PlannedFind {
  if (find === undefined) {
    gaps.add(
      "find",
      "say how it is found out whether the change happened when the answer is lost, or that there is no way",
      suggestedFind(operation),
    );
    return { by: "nothing", because: "not answered" };
  }
  if (find.by === "nothing") return find;
  const asked = find.operation === undefined ? looked.operation : operations.get(find.operation);
  if (asked === undefined) {
    gaps.add("find", `there is no operation ${find.operation} to look with`);
    return { by: "nothing", because: "not answered" };
  }
  const values =
    asked.name === looked.operation.name ? { ...aboutValues, ...find.values } : find.values;
  for (const name of unplaced(asked, values))
    gaps.add("find", `${asked.name} has no value ${name}`);
  for (const name of requiredNames(asked))
    if (!(name in values)) gaps.add("find", `${asked.name} requires ${name}: give it a value`);
  const paths =
    find.by === "key"
      ? [find.field, find.ref, ...Object.keys(find.same)]
      : [...Object.keys(find.shows), find.ref];
  const found = plannedRecords(asked, find, values, gaps);
  const from = { ...found, record: chosenRecord(asked, found.at, paths, gaps) };
  return find.by === "key"
    ? { by: "key", from, keyField: find.field, ref: find.ref, same: find.same }
    : { by: "looking", from, shows: find.shows, ref: find.ref };
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
