/** The narrow side of a database that a gate needs, over PGlite or a pool of `pg`, and the tables that it makes there. */
import { z } from "zod";
import { digest } from "./kernel/canonical-json.ts";
import { parsedRows, type Ask, type StatementValue } from "./kernel/statement.ts";
import { storable } from "./kernel/storable-text.ts";
import { statements } from "./statements.ts";

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

// The gate's own tables, in a schema of its own, and how they are made.

const SCHEMA = /^[a-z_][a-z0-9_]{0,40}$/;

/** Each is run once, in order. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `create table gate.approval (
      id text primary key, run text not null, step text not null, place int not null, key text not null,
      call text not null,
      action jsonb not null, facts jsonb, needs jsonb not null, asked_by text, version int not null,
      seal text not null, state text not null, votes jsonb not null, closing text not null,
      expires_at timestamptz not null, created_at timestamptz not null)`,
    // Asked again while it is open, the same action is the same approval, whatever races.
    `create unique index on gate.approval (key) where state in ('pending', 'approved')`,
    `create index on gate.approval (step, place)`,
    `create index on gate.approval (run, call)`,
    `create table gate.effect (
      key text primary key, approval_id text, run text not null, bundle text not null,
      position int not null, action jsonb not null, request_digest text not null, facts jsonb, revision text,
      approved_by text not null, state text not null, fence bigint not null, attempts int not null,
      not_before timestamptz not null, created_at timestamptz not null, finished_at timestamptz, ref text, error text,
      away_count int not null default 0, away_since timestamptz, worker text)`,
    `create index on gate.effect (approval_id)`,
    `create index on gate.effect (not_before) where state in ('intended', 'executing')`,
    `create table gate.standing (call text primary key, voter text not null, name text not null, mark text not null)`,
    `create table gate.audit (seq bigserial primary key, at timestamptz not null, kind text not null,
      data jsonb not null, previous text not null, hash text not null)`,
    `create table gate.audit_pending (id bigserial primary key, at timestamptz not null, kind text not null,
      data jsonb not null)`,
    `create index on gate.audit ((data ->> 'approval'))`,
  ],
  [
    `alter table gate.effect add column leased_until timestamptz, add column waits_for text[],
      add column was_begun boolean not null default false`,
    `update gate.effect e set waits_for = array(
      select b.id from gate.approval b where b.step = e.bundle and b.place < e.position)
      where e.approval_id is null`,
    `create index on gate.audit ((data ->> 'key')) where kind = 'done'`,
  ],
];

/** Makes the tables that are missing. Throws for a name that is no plain one, and for tables of a newer version. */
export async function migrate(database: GateDatabase, schema: string): Promise<void> {
  if (!SCHEMA.test(schema)) throw new Error(`${schema} is no name for a schema`);
  await database.run(async (ask) => {
    await plain(ask, "select pg_advisory_xact_lock(gate.lock + 1)");
    await plain(ask, `create schema if not exists ${schema}`);
    await plain(
      ask,
      `create table if not exists gate.setting (name text primary key, value jsonb not null)`,
    );
    const [made] = await ask(statements.setting, ["tables"]);
    const version = z.int().parse(made?.value ?? 0);
    if (version > MIGRATIONS.length) throw new Error(`${schema} has tables of a newer version`);
    for (const migration of MIGRATIONS.slice(version))
      for (const text of migration) await plain(ask, text);
    await ask(statements.set, ["tables", String(MIGRATIONS.length)]);
  });
}

async function plain(ask: Ask, text: string): Promise<void> {
  await ask({ name: "", text, row: z.unknown() }, []);
}
