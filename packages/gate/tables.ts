/** The gate's own tables, in a schema of its own, and how they are made. */
import { z } from "zod";
import { digest } from "./kernel/canonical-json.ts";
import type { GateDatabase } from "./database.ts";
import type { Ask } from "./kernel/statement.ts";

const SCHEMA = /^[a-z_][a-z0-9_]{0,40}$/;

/** Each is run once, in order. */
const MIGRATIONS: readonly ((schema: string) => readonly string[])[] = [
  (schema) => [
    `create table ${schema}.approval (
      id text primary key, run text not null, step text not null, place int not null, key text not null,
      call text not null,
      action jsonb not null, facts jsonb, needs jsonb not null, asked_by text, version int not null,
      seal text not null, state text not null, votes jsonb not null, closing text not null,
      expires_at timestamptz not null, created_at timestamptz not null)`,
    // Asked again while it is open, the same action is the same approval, whatever races.
    `create unique index on ${schema}.approval (key) where state in ('pending', 'approved')`,
    `create index on ${schema}.approval (step, place)`,
    `create index on ${schema}.approval (run, call)`,
    `create table ${schema}.effect (
      key text primary key, approval_id text, run text not null, bundle text not null,
      position int not null, action jsonb not null, request_digest text not null, facts jsonb, revision text,
      approved_by text not null, state text not null, fence bigint not null, attempts int not null,
      not_before timestamptz not null, created_at timestamptz not null, finished_at timestamptz, ref text, error text,
      away_count int not null default 0, away_since timestamptz, worker text)`,
    `create index on ${schema}.effect (approval_id)`,
    `create index on ${schema}.effect (not_before) where state in ('intended', 'executing')`,
    `create table ${schema}.standing (call text primary key, voter text not null, name text not null, mark text not null)`,
    `create table ${schema}.audit (seq bigserial primary key, at timestamptz not null, kind text not null,
      data jsonb not null, previous text not null, hash text not null)`,
    `create table ${schema}.audit_pending (id bigserial primary key, at timestamptz not null, kind text not null,
      data jsonb not null)`,
    `create index on ${schema}.audit ((data ->> 'approval'))`,
  ],
  (schema) => [
    `alter table ${schema}.effect add column leased_until timestamptz, add column waits_for text[],
      add column was_begun boolean not null default false`,
    `update ${schema}.effect e set waits_for = array(
      select b.id from ${schema}.approval b where b.step = e.bundle and b.place < e.position)
      where e.approval_id is null`,
    `create index on ${schema}.audit ((data ->> 'key')) where kind = 'done'`,
  ],
];

/** An advisory lock of this schema's own. */
export function schemaLock(schema: string): number {
  return Number.parseInt(digest(["gate", schema]).slice(0, 7), 16);
}

/** Makes the tables that are missing. Throws for a name that is no plain one, and for tables of a newer version. */
export async function migrate(database: GateDatabase, schema: string): Promise<void> {
  if (!SCHEMA.test(schema)) throw new Error(`${schema} is no name for a schema`);
  await database.run(async (ask) => {
    await plain(ask, `select pg_advisory_xact_lock(${schemaLock(schema) + 1})`);
    await plain(ask, `create schema if not exists ${schema}`);
    await plain(
      ask,
      `create table if not exists ${schema}.setting (name text primary key, value jsonb not null)`,
    );
    const [made] = await ask(
      {
        name: `${schema}_made`,
        text: `select value from ${schema}.setting where name = 'tables'`,
        row: z.object({ value: z.int() }),
      },
      [],
    );
    const version = made?.value ?? 0;
    if (version > MIGRATIONS.length) throw new Error(`${schema} has tables of a newer version`);
    for (const migration of MIGRATIONS.slice(version))
      for (const text of migration(schema)) await plain(ask, text);
    await plain(
      ask,
      `insert into ${schema}.setting values ('tables', '${MIGRATIONS.length}')
       on conflict (name) do update set value = excluded.value`,
    );
  });
}

async function plain(ask: Ask, text: string): Promise<void> {
  await ask({ name: "", text, row: z.unknown() }, []);
}
