/**
 * Reads what a file of tools of version 0.3 declares, without running it: constants of objects, lists, texts, numbers and
 * chains of calls on a name such as `z.string().max(9)`. Nothing else of the language is known.
 */
import { invalidInput } from "#core/values/errors.ts";

/** A call of a chain, with what stands in its brackets. */
export interface Call {
  readonly name: string;
  readonly given: readonly Literal[];
}

/** A value as it is written; `line` is where it begins. */
export type Literal = { readonly line: number } & (
  | { readonly kind: "plain"; readonly value: string | number | boolean | null }
  | { readonly kind: "pattern"; readonly source: string }
  | { readonly kind: "list"; readonly items: readonly Literal[] }
  | { readonly kind: "object"; readonly parts: ReadonlyMap<string, Literal> }
  /** A name, and the calls on it. */
  | { readonly kind: "chain"; readonly root: string; readonly calls: readonly Call[] }
);

const TOKENS = new RegExp(
  [
    String.raw`(?<space>\s+|//[^\n]*|/\*[^]*?\*/)`,
    String.raw`(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')`,
    String.raw`(?<number>-?\d[\d_]*(?:\.\d+)?)`,
    String.raw`(?<name>[A-Za-z_$][\w$]*)`,
    String.raw`(?<pattern>/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*)`,
    String.raw`(?<sign>[{}[\]().,:;=])`,
  ].join("|"),
  "uy",
);

interface Token {
  readonly kind: "text" | "number" | "name" | "pattern" | "sign" | "end";
  readonly text: string;
  readonly line: number;
}

const DEPTH_MAX = 60;

/**
 * The exported constants of a file by their names. Throws `input.invalid` with file and line for anything else than
 * imports and such constants.
 */
export function declaredIn(text: string, file: string): ReadonlyMap<string, Literal> {
  const reader = new Reader(tokensIn(text, file), file);
  const found = new Map<string, Literal>();
  while (reader.now.kind !== "end") {
    if (reader.skip("import")) {
      while (!reader.skip(";")) reader.next();
      continue;
    }
    reader.take("export");
    reader.take("const");
    const name = reader.takeKind("name");
    // The type says nothing that the value does not.
    while (!reader.skip("=")) reader.next();
    found.set(name, reader.literal(0));
    reader.take(";");
  }
  return found;
}

function tokensIn(text: string, file: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length; at = TOKENS.lastIndex) {
    TOKENS.lastIndex = at;
    const found = TOKENS.exec(text);
    if (found === null) throw unreadable(file, line);
    const [[kind, value] = ["space", ""]] = Object.entries(found.groups ?? {}).filter(
      ([, one]) => one !== undefined,
    );
    if (isKind(kind)) tokens.push({ kind, text: value, line });
    line += found[0].split("\n").length - 1;
  }
  return [...tokens, { kind: "end", text: "", line }];
}

function isKind(kind: string): kind is Token["kind"] {
  return kind !== "space";
}

/** Says where a file has something that no import wrote. */
export function unreadable(file: string, line: number): Error {
  return invalidInput(`${file}:${line}: this is more than an import wrote, so it is not converted`);
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #file: string;
  #at = 0;

  constructor(tokens: readonly Token[], file: string) {
    this.#tokens = tokens;
    this.#file = file;
  }

  get now(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", line: 0 };
  }

  next(): Token {
    const { now } = this;
    if (now.kind === "end") throw unreadable(this.#file, now.line);
    this.#at += 1;
    return now;
  }

  skip(text: string): boolean {
    const isNext = this.now.kind !== "text" && this.now.text === text;
    if (isNext) this.#at += 1;
    return isNext;
  }

  take(text: string): void {
    if (!this.skip(text)) throw unreadable(this.#file, this.now.line);
  }

  takeKind(kind: Token["kind"]): string {
    if (this.now.kind !== kind) throw unreadable(this.#file, this.now.line);
    return this.next().text;
  }

  literal(depth: number): Literal {
    const { kind, text, line } = this.next();
    if (depth > DEPTH_MAX) throw unreadable(this.#file, line);
    if (kind === "text") return { kind: "plain", value: textIn(text, this.#file, line), line };
    if (kind === "number") return { kind: "plain", value: Number(text.replaceAll("_", "")), line };
    if (kind === "pattern") return { kind, source: text.slice(1, text.lastIndexOf("/")), line };
    if (text === "[")
      return { kind: "list", items: this.#between("]", () => this.literal(depth + 1)), line };
    if (text === "{") {
      const parts = new Map(this.#between("}", () => this.#part(depth + 1)));
      return { kind: "object", parts, line };
    }
    if (PLAIN.has(text)) return { kind: "plain", value: PLAIN.get(text) ?? null, line };
    if (kind === "name") return this.#chain(text, line, depth + 1);
    throw unreadable(this.#file, line);
  }

  /** What stands before a closing sign, with commas between. */
  #between<Part>(close: string, part: () => Part): readonly Part[] {
    const parts: Part[] = [];
    while (!this.skip(close)) {
      parts.push(part());
      if (this.skip(",")) continue;
      this.take(close);
      break;
    }
    return parts;
  }

  #part(depth: number): readonly [string, Literal] {
    const { kind, text, line } = this.next();
    if (text === "[" && kind === "sign") {
      const name = textIn(this.takeKind("text"), this.#file, line);
      this.take("]");
      this.take(":");
      return [name, this.literal(depth)];
    }
    if (kind !== "text" && kind !== "name" && kind !== "number") throw unreadable(this.#file, line);
    const name = kind === "text" ? textIn(text, this.#file, line) : text;
    // `connection,` stands for `connection: connection,`.
    return [
      name,
      this.skip(":") ? this.literal(depth) : { kind: "chain", root: name, calls: [], line },
    ];
  }

  #chain(root: string, line: number, depth: number): Literal {
    const calls: Call[] = [];
    while (this.skip(".")) {
      const name = this.takeKind("name");
      this.take("(");
      calls.push({ name, given: this.#between(")", () => this.literal(depth)) });
    }
    return { kind: "chain", root, calls, line };
  }
}

const PLAIN: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/** A quoted text as it was meant. Only what JSON knows is undone. */
function textIn(quoted: string, file: string, line: number): string {
  const inner = quoted.slice(1, -1);
  const json = quoted.startsWith("'")
    ? inner.replaceAll("\\'", "'").replaceAll('"', String.raw`\"`)
    : inner;
  try {
    return String(JSON.parse(`"${json}"`));
  } catch {
    throw unreadable(file, line);
  }
}
