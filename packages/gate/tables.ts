/** The gate's own tables, in a schema of its own, and how they are made. */
import { z } from "zod";
import type { GateDatabase } from "./database.ts";
import type { Ask } from "./kernel/statement.ts";
import { statements } from "./statements.ts";

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
