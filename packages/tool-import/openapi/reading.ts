/** One operation while it is read: its texts and the words of its names, and its values as trees of fields of a size that a person can read. */
import type { FieldDescription, FieldType, Problem } from "#importing/description.ts";
import { type Node, nodeAt, type Part, type References } from "./references.ts";
import { Schemas, type Schema, type Shape, shapeType } from "./schemas.ts";
import { withoutInvisible } from "#text/normalize.ts";

/** What is at hand. */
export type Reading = ReturnType<typeof freshReading>;

/** Begins to read the operation at a JSON pointer. */
export function freshReading(
  at: string,
  { references, inspect }: { readonly references: References; readonly inspect: InspectText },
) {
  const problems = new Map<string, Problem>();
  /** Notes what could not be taken over as it stands, once. */
  const remark = (says: string, effect: Problem["effect"] = "changed"): void => {
    if (problems.get(says)?.effect !== "refused") problems.set(says, { at, says, effect });
  };
  const texts = new Texts(inspect, (says) => remark(says));
  const schemas = new Schemas(references, (says) => remark(says));
  return { references, schemas, texts, remark, problems: () => [...problems.values()] };
}

/** A part with its reference followed; null after a remark when there is nothing. */
export function followed(part: Part, { references, remark }: Reading): Part | null {
  return references.follow(part, (because) => remark(`A reference was not followed: ${because}.`));
}

/** The part under a key with its reference followed; null where there is none. */
export function partUnder({ node, base }: Part, key: string, reading: Reading): Part | null {
  const written = nodeAt(node, key);
  return written === null ? null : followed({ node: written, base }, reading);
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

/** Levels of objects below a body or an answer. Deeper ones are cut, and cut earlier when a tree is large. */
const DEPTH_MAX = 6;
const FIELDS_OF_ONE_MAX = 150;
const FIELDS_MAX = 1_500;
const ENUM_MAX = 100;

/** `in`: what is sent, without what only the system sets. `out`: what comes back, without what is only sent. */
type Direction = "in" | "out";

/** Where a field stands: what contains it, how deep, and in which schemas. */
interface Place {
  readonly within: string;
  readonly depth: number;
  readonly above: ReadonlySet<Node>;
}

/** A value as it is asked for: a parameter, a body, an answer. */
interface Asked {
  readonly name: string;
  readonly required: boolean;
  readonly direction: Direction;
}

/** The tree of fields of one value, as deep as a tree of a bounded number of fields can be. */
export function fieldTree(
  reading: Reading,
  schema: Schema,
  { name, required, direction }: Asked,
): FieldDescription {
  const shape = reading.schemas.shapeOf(schema);
  for (let depthMax = DEPTH_MAX; ; depthMax -= 1) {
    const growth = new Growth(reading, direction, depthMax);
    const tree = growth.field(shape, name, { within: "", depth: 0, above: new Set() });
    if (growth.fields <= FIELDS_MAX || depthMax === 1) return { ...tree, required };
  }
}

/** A text of which nothing else is known. */
export const NO_FIELD: FieldDescription = {
  name: "",
  type: "string",
  required: false,
  nullable: false,
  description: "",
  format: "",
  enum: [],
  limits: {},
  fields: [],
  items: null,
  others: [],
  inSomeForms: false,
  cut: null,
  personal: false,
};

/** One try to make a tree. */
class Growth {
  fields = 0;
  readonly #reading: Reading;
  readonly #direction: Direction;
  readonly #depthMax: number;

  constructor(reading: Reading, direction: Direction, depthMax: number) {
    this.#reading = reading;
    this.#direction = direction;
    this.#depthMax = depthMax;
  }

  field(shape: Shape, name: string, place: Place): FieldDescription {
    this.fields += 1;
    const type = fieldType(shape);
    return {
      ...NO_FIELD,
      name,
      type,
      nullable: shape.nullable,
      description: this.#reading.texts.description(shape.description, FIELD_TEXT_MAX),
      format: shape.format.slice(0, 40),
      enum: this.#allowed(shape),
      limits: shape.limits,
      others: [...shape.others],
      personal: isPersonal(name, place.within) || shape.format === "email",
      ...this.#inside(shape, type, name, place),
    };
  }

  #allowed(shape: Shape): FieldDescription["enum"] {
    return (shape.enum ?? [])
      .slice(0, ENUM_MAX)
      .filter((value) => typeof value !== "string" || this.#reading.texts.exact(value) !== null);
  }

  #inside(shape: Shape, type: FieldType, within: string, place: Place): Partial<FieldDescription> {
    if (type !== "object" && type !== "list" && type !== "map") return {};
    if ([...shape.nodes].some((node) => place.above.has(node))) return { cut: "cycle" };
    if (place.depth >= this.#depthMax) return { cut: "depth" };
    if (this.fields > FIELDS_MAX) return { cut: "width" };
    const above = new Set([...place.above, ...shape.nodes]);
    if (type === "object")
      return this.#objectInside(shape, { within, depth: place.depth + 1, above });
    const items = type === "list" ? shape.items : shape.values;
    if (items === null || items === "any") return {};
    // A list is no level of its own for people, but a list of lists of lists has to end.
    const depth = place.depth + (type === "list" ? 0.5 : 1);
    const one = this.#reading.schemas.shapeOf(items);
    return { items: this.field(one, "", { within, depth, above }) };
  }

  #objectInside(shape: Shape, place: Place): Partial<FieldDescription> {
    const required = (key: string) => shape.required.has(key);
    const listed = [...shape.properties].toSorted(
      ([one], [other]) => Number(required(other)) - Number(required(one)),
    );
    const fields: FieldDescription[] = [];
    for (const [key, { schema, inSomeForms }] of listed.slice(0, FIELDS_OF_ONE_MAX)) {
      const inner = this.#reading.schemas.shapeOf(schema);
      const name = this.#reading.texts.exact(key);
      if (name === null || (this.#direction === "in" ? inner.readOnly : inner.writeOnly)) continue;
      fields.push({ ...this.field(inner, name, place), required: required(key), inSomeForms });
    }
    return { fields, cut: listed.length > FIELDS_OF_ONE_MAX ? "width" : null };
  }
}

function fieldType(shape: Shape): FieldType {
  const type = shapeType(shape);
  if (type === null) return "any";
  if (type === "object" && shape.properties.size === 0) return "map";
  return type;
}

/**
 * Why a text must not reach the model, or null when it may. It is handed in, because the rules that know instructions
 * are the input guard's.
 */
export type InspectText = (text: string) => string | null;

/** What a text of a field is cut to; a sentence of a hundred characters costs a model some 25 tokens. */
export const FIELD_TEXT_MAX = 120;

export const OPERATION_TEXT_MAX = 300;

/** Characters of a long text that are looked at; what comes after reaches no model. */
const READ_MAX = 4_000;

const NAME_MAX = 100;

/** Cuts texts and leaves out those that are refused. */
export class Texts {
  readonly #inspect: InspectText;
  readonly #remark: (says: string) => void;
  /** Documents say the same again and again. */
  readonly #inspected = new Map<string, string | null>();

  constructor(inspect: InspectText, remark: (says: string) => void) {
    this.#inspect = inspect;
    this.#remark = remark;
  }

  /** The first sentences of a description. Empty when it is refused. */
  description(text: string, max: number): string {
    const plain = plainText(text);
    if (plain === "" || this.#isRefused(plain, "A description")) return "";
    return firstSentences(plain, max);
  }

  /** A name or an allowed value that has to stay as it is; null when it is refused, too long or not printable. */
  exact(text: string): string | null {
    if (text.length > NAME_MAX || withoutInvisible(text) !== text || /[\p{Cc}\p{Cf}]/u.test(text)) {
      this.#remark(`A name or value is too long or has hidden characters, so it was left out.`);
      return null;
    }
    return text.includes(" ") && this.#isRefused(text, "A name or value") ? null : text;
  }

  #isRefused(text: string, what: string): boolean {
    const known = this.#inspected.get(text);
    const reason = known === undefined ? this.#inspect(text) : known;
    this.#inspected.set(text, reason);
    if (reason !== null) this.#remark(`${what} was left out: ${reason}.`);
    return reason !== null;
  }
}

/** The text without markup, on one line. */
function plainText(text: string): string {
  return withoutInvisible(text.slice(0, READ_MAX))
    .replaceAll(/<[^<>]{0,200}>/g, " ")
    .replaceAll(/!?\[([^[\]]{0,200})\]\([^()]{0,400}\)/g, "$1")
    .replaceAll(/[`*#|\\]+/g, " ")
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim();
}

/** As many whole sentences of a line as fit, or the first one cut at a word. */
export function firstSentences(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max - 1);
  const end = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("! "), cut.lastIndexOf("? "));
  if (end > max / 4) return cut.slice(0, end + 1);
  const word = cut.lastIndexOf(" ");
  return `${cut.slice(0, word > max / 2 ? word : undefined).trimEnd()}…`;
}

// The words in names, whatever way they are joined: `contactIDs`, `contact-id`, `q[contact_id]`.

/** The words of a name, in lower case and without their plural. */
export function singularWords(name: string): readonly string[] {
  return spelledWords(name).map(singular);
}

/** The words of a name as they are spelled: `search` looks something up, `searches` are records. */
export function spelledWords(name: string): readonly string[] {
  return name
    .slice(0, 200)
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})(?!s\b)/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** The steps of a path that are words and not values. */
export function fixedSteps(path: string): readonly string[] {
  return path.split("/").filter((step) => step !== "" && !step.startsWith("{"));
}

/** An English word without its plural, well enough to compare two names of one document. */
function singular(word: string): string {
  if (word.length <= 3) return word === "ids" ? "id" : word;
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  return /(?:ss|us|is)$/.test(word) || !word.endsWith("s") ? word : word.slice(0, -1);
}

/** The words of a name joined by underscores; empty when it has none that an identifier can carry. */
export function snakeCase(name: string): string {
  return name
    .slice(0, 200)
    .normalize("NFKD")
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1_$2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1_$2")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}

/** Words that a text lists. */
export function wordSet(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Words for people who buy from or are served by the system. */
export const CUSTOMER_WORDS = wordSet(`
  account attendee beneficiary buyer cardholder client consumer contact customer guest
  identity member passenger patient payer person purchaser recipient requester shopper
  subscriber traveller user
`);

const PERSONAL_WORDS = wordSet(`
  address birth birthday birthdate city dob email firstname fullname iban ip lastname latitude
  longitude mobile passport phone postal postcode ssn street surname zip line1 line2
`);

const NAME_PARTS = wordSet("first last given family full");

/** Whether a name of a field says that it is about a person; `within` is the field that contains it. */
function isPersonal(name: string, within: string): boolean {
  const words = singularWords(name);
  if (words.some((word) => PERSONAL_WORDS.has(word))) return true;
  if (!words.includes("name")) return false;
  const around = [...words, ...singularWords(within)];
  return around.some((word) => NAME_PARTS.has(word) || CUSTOMER_WORDS.has(word));
}
