/** What is at hand while one operation is read. */
import type { FieldDescription, Problem } from "#importing/description.ts";
import { Fields } from "./fields.ts";
import { type Node, nodeAt } from "./node.ts";
import type { Part, References } from "./references.ts";
import { Schemas } from "./schemas.ts";
import { type InspectText, Texts } from "./texts.ts";

export interface Reading {
  readonly references: References;
  readonly schemas: Schemas;
  readonly fields: Fields;
  readonly texts: Texts;
  /** Notes what could not be taken over as it stands, once. */
  readonly remark: (says: string, effect?: Problem["effect"]) => void;
  readonly problems: () => readonly Problem[];
}

/** Begins to read the operation at a JSON pointer. */
export function freshReading(
  at: string,
  { references, inspect }: { readonly references: References; readonly inspect: InspectText },
): Reading {
  const problems = new Map<string, Problem>();
  const remark: Reading["remark"] = (says, effect = "changed") => {
    if (problems.get(says)?.effect !== "refused") problems.set(says, { at, says, effect });
  };
  const texts = new Texts(inspect, (says) => remark(says));
  const schemas = new Schemas(references, (says) => remark(says));
  const fields = new Fields(schemas, texts);
  return { references, schemas, fields, texts, remark, problems: () => [...problems.values()] };
}

/** A part with its reference followed; null after a remark when there is nothing. */
export function followed(part: Part, { references, remark }: Reading): Part | null {
  const end = references.follow(part);
  if (end.kind === "part") return end.part;
  if (end.kind === "broken") remark(`A reference was not followed: ${end.because}.`);
  return null;
}

/** The schema of a parameter, a body or an answer; one that allows anything where there is none. */
export function schemaIn(node: Node | null, base: string) {
  return { kind: "part", part: { node: nodeAt(node, "schema") ?? {}, base } } as const;
}

/** Every field of a tree with its path, the tree itself left out. Lists add nothing to a path. */
export function* fieldsIn(
  field: FieldDescription,
  path = "",
): Generator<{ readonly path: string; readonly field: FieldDescription }> {
  for (const inner of (field.items ?? field).fields) {
    const innerPath = path === "" ? inner.name : `${path}.${inner.name}`;
    yield { path: innerPath, field: inner };
    yield* fieldsIn(inner, innerPath);
  }
}
