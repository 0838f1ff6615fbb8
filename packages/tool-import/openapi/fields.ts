/** Trees of fields from schemas, cut to a size that a person can read. */
import type { FieldDescription, FieldType } from "#importing/description.ts";
import type { Node } from "./node.ts";
import type { Schemas } from "./schemas.ts";
import { type RawType, type Schema, type Shape, shapeType } from "./shape.ts";
import { FIELD_TEXT_MAX, type Texts } from "./texts.ts";
import { isPersonal } from "./words.ts";

/** Levels of objects below a body or an answer. Deeper ones are cut, and cut earlier when a tree is large. */
const DEPTH_MAX = 6;
const FIELDS_OF_ONE_MAX = 150;
const FIELDS_MAX = 1_500;
const ENUM_MAX = 100;

/** `in`: what is sent, without what only the system sets. `out`: what comes back, without what is only sent. */
type Direction = "in" | "out";

interface Situation {
  readonly name: string;
  readonly required: boolean;
  readonly inSomeForms: boolean;
  readonly within: string;
  readonly depth: number;
  readonly above: ReadonlySet<Node>;
}

/** Makes trees of fields for one operation. */
export class Fields {
  readonly #schemas: Schemas;
  readonly #texts: Texts;

  constructor(schemas: Schemas, texts: Texts) {
    this.#schemas = schemas;
    this.#texts = texts;
  }

  /** The tree of one value, as deep as a tree of a bounded number of fields can be. */
  tree(
    schema: Schema | Shape,
    { name, required, direction }: { name: string; required: boolean; direction: Direction },
  ): FieldDescription {
    const shape = "kind" in schema ? this.#schemas.shapeOf(schema) : schema;
    for (let depthMax = DEPTH_MAX; ; depthMax -= 1) {
      const growth = new Growth({
        schemas: this.#schemas,
        texts: this.#texts,
        direction,
        depthMax,
      });
      const top = {
        name,
        required,
        inSomeForms: false,
        within: "",
        depth: 0,
        above: new Set<Node>(),
      };
      const tree = growth.field(shape, top);
      if (growth.fields <= FIELDS_MAX || depthMax === 1) return tree;
    }
  }
}

interface Bounds {
  readonly schemas: Schemas;
  readonly texts: Texts;
  readonly direction: Direction;
  readonly depthMax: number;
}

/** One try to make a tree. */
class Growth {
  fields = 0;
  readonly #within: Bounds;

  constructor(within: Bounds) {
    this.#within = within;
  }

  field(shape: Shape, situation: Situation): FieldDescription {
    this.fields += 1;
    const { name, within } = situation;
    const type = fieldType(shape);
    const inside = this.#inside(shape, type, situation);
    return {
      name,
      type,
      required: situation.required,
      nullable: shape.nullable,
      description: this.#within.texts.description(shape.description, FIELD_TEXT_MAX),
      format: shape.format.slice(0, 40),
      enum: this.#allowed(shape),
      limits: shape.limits,
      fields: [],
      items: null,
      others: [...shape.others].map((other) => (other === "any" ? "any" : plainName(other))),
      inSomeForms: situation.inSomeForms,
      cut: null,
      personal: isPersonal(name, within) || shape.format === "email",
      ...inside,
    };
  }

  #allowed(shape: Shape): FieldDescription["enum"] {
    return (shape.enum ?? [])
      .slice(0, ENUM_MAX)
      .filter((value) => typeof value !== "string" || this.#within.texts.exact(value) !== null);
  }

  #inside(shape: Shape, type: FieldType, situation: Situation): Partial<FieldDescription> {
    if (type !== "object" && type !== "list" && type !== "map") return {};
    if (this.#isCycle(shape, situation)) return { cut: "cycle" };
    if (situation.depth >= this.#within.depthMax) return { cut: "depth" };
    if (this.fields > FIELDS_MAX) return { cut: "width" };
    const above = new Set([...situation.above, ...shape.nodes]);
    if (type === "object") return this.#objectInside(shape, situation, above);
    const items = type === "list" ? shape.items : shape.values;
    if (items === null || items === "any") return {};
    // A list is no level of its own for people, but a list of lists of lists has to end.
    const depth = situation.depth + (type === "list" ? 0.5 : 1);
    const one = {
      name: "",
      required: false,
      inSomeForms: false,
      within: situation.name,
      depth,
      above,
    };
    return { items: this.field(this.#within.schemas.shapeOf(items), one) };
  }

  #isCycle(shape: Shape, { above }: Situation): boolean {
    return [...shape.nodes].some((node) => above.has(node));
  }

  #objectInside(
    shape: Shape,
    { name, depth }: Situation,
    above: ReadonlySet<Node>,
  ): Partial<FieldDescription> {
    const required = (key: string) => shape.required.has(key);
    const listed = [...shape.properties].toSorted(
      ([one], [other]) => Number(required(other)) - Number(required(one)),
    );
    const fields: FieldDescription[] = [];
    for (const [key, { schema, inSomeForms }] of listed.slice(0, FIELDS_OF_ONE_MAX)) {
      const inner = this.#within.schemas.shapeOf(schema);
      const spelled = this.#within.texts.exact(key);
      if (spelled === null || (this.#within.direction === "in" ? inner.readOnly : inner.writeOnly))
        continue;
      const isRequired = required(key);
      const where = { name: spelled, required: isRequired, inSomeForms, within: name };
      fields.push(this.field(inner, { ...where, depth: depth + 1, above }));
    }
    return { fields, cut: listed.length > FIELDS_OF_ONE_MAX ? "width" : null };
  }
}

function fieldType(shape: Shape): FieldType {
  const type = shapeType(shape);
  if (type === null) return "any";
  if (type === "object" && shape.properties.size === 0) return "map";
  return plainName(type);
}

function plainName(type: RawType): FieldType {
  return type === "array" ? "list" : type;
}
