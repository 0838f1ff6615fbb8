/** The narrow side of a database that a gate needs, over PGlite or a pool of `pg`: transactions and statements. */
import { parsedRows, type Ask, type StatementValue } from "./kernel/statement.ts";
import { storable } from "./kernel/storable-text.ts";

/** Runs work in one transaction; it is rolled back when the work throws. */
export interface GateDatabase {
  run<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
}

/** The same database with every text made storable: ids, keys and words come from agents, people and targets. */
export function storingAny(database: GateDatabase): GateDatabase {
  const stored = (value: StatementValue): StatementValue =>
    typeof value === "string" ? storable(value) : value;
  return {
    run: (work) =>
      database.run((ask) => work((statement, values) => ask(statement, values.map(stored)))),
  };
}

/** The part of PGlite that is used. */
interface Embedded {
  transaction<T>(
    work: (transaction: {
      query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
    }) => Promise<T>,
  ): Promise<T>;
}

/** The part of a pool of `pg` that is used. */
interface Pool {
  connect(): Promise<{
    query(asked: string | { name: string; text: string; values: unknown[] }): Promise<object>;
    release(isBroken?: boolean): void;
  }>;
}

/** A gate's database in PGlite. */
export function onPglite(embedded: Embedded): GateDatabase {
  return {
    run: (work) =>
      embedded.transaction((transaction) =>
        work(async (statement, values) =>
          parsedRows(statement, await transaction.query(statement.text, [...values])),
        ),
      ),
  };
}

/** A gate's database in PostgreSQL. A connection that failed within a transaction is not used again. */
export function onPostgres(pool: Pool): GateDatabase {
  return {
    async run(work) {
      const client = await pool.connect();
      let isWhole = false;
      try {
        await client.query("begin");
        const result = await work(async (statement, values) => {
          const { name, text } = statement;
          return parsedRows(statement, await client.query({ name, text, values: [...values] }));
        });
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
