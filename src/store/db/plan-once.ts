/**
 * Lets the embedded database plan a statement once instead of every time it is asked. Its driver parses, describes and
 * plans each statement anew, which took more than half of what a conversation costs there; PostgreSQL on its own does
 * the same for named statements.
 *
 * The driver speaks the extended query protocol, one message at a time (PostgreSQL 55.2.3). Here its unnamed statements get
 * names, so that a second Parse and Describe is answered from memory, and Bind goes out together with Execute.
 */
import type { PGlite } from "@electric-sql/pglite";

/** What the driver calls for every message; answers are passed on as they come. */
type Exchange = PGlite["execProtocolStream"];
type Options = Parameters<Exchange>[1];
type Answers = Awaited<ReturnType<Exchange>>;

interface Planned {
  readonly name: string;
  /** The answer to Describe: the types of the parameters and the columns. Null until it was asked. */
  described: Answers | null;
  uses: number;
}

/** Statements of the builder differ in the length of their lists, so there are more than in our source. */
const STATEMENTS_MAX = 400;
/** Tables grow, and a plan made while they were small would stay for good. */
const USES_MAX = 500;
const PLANNABLE = /^\s*(?:select|insert|update|delete|with)\b/i;
const CHANGES_TABLES = /\b(?:create|alter|drop|reindex|discard|deallocate)\b/i;

const NUL = Buffer.alloc(1);

/** The statements the database has a plan for, by their text, oldest first. */
class PlannedStatements {
  readonly #byText = new Map<string, Planned>();
  #counted = 0;
  /** Names the database still has; it is told with the next statement that they are done with. */
  #finished: string[] = [];

  /** The statement of this text, if it may be used once more. */
  known(text: string): Planned | null {
    const planned = this.#byText.get(text);
    if (planned === undefined || planned.uses >= USES_MAX) return null;
    planned.uses += 1;
    return planned;
  }

  /** What to send so that the database has this statement under its name; kept once that has succeeded. */
  begin(text: string): { readonly planned: Planned; readonly messages: Uint8Array } {
    const [oldest = text] = this.#byText.keys();
    if (this.#byText.has(text)) this.#giveUp(text);
    else if (this.#byText.size >= STATEMENTS_MAX) this.#giveUp(oldest);
    const close = this.#finished.map((name) => message("C", Buffer.from(`S${name}\0`)));
    this.#finished = [];
    this.#counted += 1;
    const planned: Planned = { name: `deskhand_${this.#counted}`, described: null, uses: 1 };
    const body = Buffer.concat([Buffer.from(`${planned.name}\0${text}\0`), NUL, NUL]);
    return { planned, messages: Buffer.concat([...close, message("P", body)]) };
  }

  keep(text: string, planned: Planned): void {
    this.#byText.set(text, planned);
  }

  giveUpAll(): void {
    for (const text of this.#byText.keys()) this.#giveUp(text);
  }

  #giveUp(text: string): void {
    const planned = this.#byText.get(text);
    if (planned !== undefined) this.#finished.push(planned.name);
    this.#byText.delete(text);
  }
}

/** Changes the client so that it does this from now on. Nothing else about it changes. */
export function planOnce(client: PGlite): void {
  const send: Exchange = client.execProtocolStream.bind(client);
  const statements = new PlannedStatements();
  /** The statement of the Parse message that came last; null for one that is not kept. */
  let current: Planned | null = null;
  /** What is sent together with Execute. */
  let bind: Uint8Array | null = null;

  async function parse(given: Uint8Array, options: Options): Promise<Answers> {
    const text = textOf(given);
    current = null;
    if (text === null || !PLANNABLE.test(text)) {
      if (text !== null && CHANGES_TABLES.test(text)) statements.giveUpAll();
      return await send(given, options);
    }
    current = statements.known(text);
    if (current !== null) return [];
    const { planned, messages } = statements.begin(text);
    const answers = await send(messages, options);
    statements.keep(text, planned);
    current = planned;
    return answers;
  }

  /** The statement is described first and then, after Bind, the portal, which has the same columns. */
  async function describe(planned: Planned, options: Options): Promise<Answers> {
    planned.described ??= await send(message("D", Buffer.from(`S${planned.name}\0`)), options);
    return bind === null ? planned.described : columnsOf(planned.described);
  }

  async function execute(given: Uint8Array, options: Options): Promise<Answers> {
    const both = bind === null ? given : Buffer.concat([bind, given]);
    bind = null;
    try {
      return await send(both, options);
    } catch (error) {
      if (isOutdatedPlan(error)) statements.giveUpAll();
      throw error;
    }
  }

  client.execProtocolStream = async (given, options) => {
    const kind = String.fromCharCode(given[0] ?? 0);
    if (kind === "P") return await parse(given, options);
    if (kind === "D" && current !== null) return await describe(current, options);
    if (kind === "E") return await execute(given, options);
    if (kind === "B" && current !== null) {
      bind = named(given, current.name);
      return [];
    }
    if (kind === "Q" && CHANGES_TABLES.test(Buffer.from(given).toString("latin1")))
      statements.giveUpAll();
    current = null;
    bind = null;
    return await send(given, options);
  };
}

/** A table was changed behind the plan's back, such as by a function (`feature_not_supported`). */
function isOutdatedPlan(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "0A000";
}

/** The answer to Describe of a portal has the columns alone. */
function columnsOf(described: Answers): Answers {
  return described.filter(({ name }) => name === "rowDescription" || name === "noData");
}

/** The text of an unnamed statement without given types; null for any other. */
function textOf(parse: Uint8Array): string | null {
  const isUnnamed = parse[5] === 0;
  const end = parse.indexOf(0, 6);
  const types = end < 0 ? -1 : (parse[end + 1] ?? 1) + (parse[end + 2] ?? 1);
  return isUnnamed && types === 0 ? Buffer.from(parse.subarray(6, end)).toString("utf8") : null;
}

/** A Bind message of an unnamed portal, for the statement of this name instead of the unnamed one. */
function named(bind: Uint8Array, name: string): Uint8Array {
  return message("B", Buffer.concat([NUL, Buffer.from(`${name}\0`), bind.subarray(7)]));
}

/** A message: its kind, its length with the length itself, its body (PostgreSQL 55.7). */
function message(kind: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.write(kind, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
