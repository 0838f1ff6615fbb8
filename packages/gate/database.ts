/** The narrow side of a database that a gate needs, over PGlite or a pool of `pg`: transactions and statements. */
import { digest } from "./kernel/canonical-json.ts";
import { parsedRows, type Ask, type StatementValue } from "./kernel/statement.ts";
import { storable } from "./kernel/storable-text.ts";

/** Where a gate asks its statements. */
export interface GateDatabase {
  /** One statement, which commits by itself. */
  readonly ask: Ask;
  /** Runs work in one transaction; it is rolled back when the work throws. */
  run<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
}

/**
 * The same database for statements that call the schema `gate` and the number of its advisory lock `gate.lock`. Every text
 * is made storable: ids, keys and words come from agents, people and targets.
 */
export function inSchema(database: GateDatabase, schema: string): GateDatabase {
  const lock = String(Number.parseInt(digest(["gate", schema]).slice(0, 7), 16));
  const texts = new Map<string, string>();
  const placed = (text: string): string => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    const made = text.replaceAll("gate.lock", lock).replaceAll("gate.", `${schema}.`);
    texts.set(text, made);
    return made;
  };
  const stored = (value: StatementValue): StatementValue =>
    typeof value === "string" ? storable(value) : value;
  const within =
    (ask: Ask): Ask =>
    ({ name, text, row }, values) =>
      ask({ name: name && `${schema}_${name}`, text: placed(text), row }, values.map(stored));
  return { ask: within(database.ask), run: (work) => database.run((ask) => work(within(ask))) };
}

/** The part of PGlite that is used; a transaction asks as the whole does. */
interface Embedded {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  transaction<T>(work: (transaction: Pick<Embedded, "query">) => Promise<T>): Promise<T>;
}

/** The part of a pool of `pg` that is used; a connection asks as the pool does. */
interface Pool {
  query(asked: string | { name: string; text: string; values: unknown[] }): Promise<object>;
  connect(): Promise<Pick<Pool, "query"> & { release(isBroken?: boolean): void }>;
}

/** A gate's database in PGlite. */
export function onPglite(embedded: Embedded): GateDatabase {
  const on =
    (asking: Pick<Embedded, "query">): Ask =>
    async (statement, values) =>
      parsedRows(statement, await asking.query(statement.text, [...values]));
  return {
    ask: on(embedded),
    run: (work) => embedded.transaction((transaction) => work(on(transaction))),
  };
}

/** A gate's database in PostgreSQL. A connection that failed within a transaction is not used again. */
export function onPostgres(pool: Pool): GateDatabase {
  const on =
    (asking: Pick<Pool, "query">): Ask =>
    async (statement, values) => {
      const { name, text } = statement;
      return parsedRows(statement, await asking.query({ name, text, values: [...values] }));
    };
  return {
    ask: on(pool),
    async run(work) {
      const client = await pool.connect();
      let isWhole = false;
      try {
        await client.query("begin");
        const result = await work(on(client));
        await client.query("commit");
        isWhole = true;
        return result;
      } catch (error) {
        // What the rollback says is of no use beside why it was needed.
        isWhole = await client.query("rollback").then(
          () => true,
          () => false,
        );
        throw error;
      } finally {
        client.release(!isWhole);
      }
    },
  };
}
