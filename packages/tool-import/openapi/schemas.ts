/** Puts a schema together with what it refers to, within bounds. */
import { listAt, isNode, type Node, textAt } from "./node.ts";
import type { Part, References } from "./references.ts";
import { ANYTHING, both, ownShape, type Schema, type Shape } from "./shape.ts";
import { oneOfForms } from "./forms.ts";

/** Schemas looked at for one operation. The largest of the published ones we know takes a tenth. */
const STEPS_MAX = 200_000;
/** Forms of one value that are looked at; more are a list of everything the system knows. */
const FORMS_MAX = 100;

/** Remarks about a part of the document, each told once. */
export type Remark = (says: string) => void;

/** Reads schemas for one operation. */
export class Schemas {
  readonly #references: References;
  readonly #remark: Remark;
  readonly #known = new Map<Node, Shape>();
  #steps = 0;
  /** True while what is read went through a schema that is being read: what came of it holds only here. */
  #isPartial = false;

  constructor(references: References, remark: Remark) {
    this.#references = references;
    this.#remark = remark;
  }

  /** What a schema says. Broken references and knots that are too large allow anything and are remarked on. */
  shapeOf(schema: Schema): Shape {
    return this.#shape(schema, new Set());
  }

  #shape(schema: Schema, active: ReadonlySet<Node>): Shape {
    this.#steps += 1;
    if (this.#steps > STEPS_MAX) {
      this.#remark(
        `Its schemas refer to each other more than ${STEPS_MAX} times; the rest was not read.`,
      );
      return ANYTHING;
    }
    if (schema.kind === "all")
      return schema.of.map((one) => this.#shape(one, active)).reduce(both, ANYTHING);
    if (schema.kind === "any") return oneOfForms(schema.of.map((one) => this.#shape(one, active)));
    return this.#ofPart(schema.part, active);
  }

  #ofPart(written: Part, active: ReadonlySet<Node>): Shape {
    const part = this.#followed(written);
    if (part === null) return { ...ANYTHING, description: textAt(written.node, "description") };
    const shape = this.#ofSchema(part, active);
    // Words beside a reference are about this place, so they come first (OpenAPI 3.1; 3.0 ignores them).
    return part.node === written.node
      ? shape
      : both({ ...ownShape(written), nodes: ANYTHING.nodes }, shape);
  }

  #ofSchema(part: Part, active: ReadonlySet<Node>): Shape {
    const known = this.#known.get(part.node);
    if (known !== undefined) return known;
    if (active.has(part.node)) {
      this.#isPartial = true;
      return { ...ANYTHING, nodes: new Set([part.node]) };
    }
    const before = this.#isPartial;
    this.#isPartial = false;
    const inside = new Set(active).add(part.node);
    let shape = both(ownShape(part), this.#all(part, inside));
    const forms = this.#forms(part, inside);
    if (forms.length > 0) shape = both(shape, oneOfForms(forms));
    if (!this.#isPartial) this.#known.set(part.node, shape);
    this.#isPartial ||= before;
    return shape;
  }

  #all({ node, base }: Part, active: ReadonlySet<Node>): Shape {
    return listAt(node, "allOf")
      .filter(isNode)
      .map((one) => this.#shape({ kind: "part", part: { node: one, base } }, active))
      .reduce(both, ANYTHING);
  }

  #forms({ node, base }: Part, active: ReadonlySet<Node>): readonly Shape[] {
    const listed = [...listAt(node, "oneOf"), ...listAt(node, "anyOf")].filter(isNode);
    if (listed.length > FORMS_MAX)
      this.#remark(`A value has ${listed.length} forms; the first ${FORMS_MAX} were read.`);
    return listed
      .slice(0, FORMS_MAX)
      .map((one) => this.#shape({ kind: "part", part: { node: one, base } }, active));
  }

  #followed(part: Part): Part | null {
    const followed = this.#references.follow(part);
    if (followed.kind === "part") return followed.part;
    if (followed.kind === "broken")
      this.#remark(
        `The reference ${textAt(part.node, "$ref").slice(0, 120)} was not followed: ${followed.because}. Any value was assumed.`,
      );
    return null;
  }
}
