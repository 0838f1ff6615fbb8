/** No column of text is forgotten: each is said to hold something of a person or not, and an erasure empties all that are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { PAUSE_SETTINGS } from "#store/effects/pause.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { erasing } from "#test/jobs/privacy/erasing.ts";
import { CONTENTS } from "#test/jobs/privacy/personal-columns.ts";

const Column = z.object({
  table: z.string(),
  name: z.string(),
  type: z.string(),
  isComputed: z.boolean(),
  /** One of the values that the column is limited to; null for any. */
  allowed: z.string().nullable(),
});
type Column = z.infer<typeof Column>;

/** Which hold no text. */
const PLAIN = [
  "bigint",
  "boolean",
  "date",
  "double precision",
  "integer",
  "real",
  "timestamp with time zone",
];

/** What a column is filled with where a row needs something else than the person's address. */
const FILLED: Readonly<Record<string, string | null>> = {
  "approval.id": "a1",
  "approval.turn_id": "t1",
  "approval.state": "approved",
  "attachment.id": "f1",
  "conversation.lease_owner": null,
  "conversation.lease_until": null,
  "conversation.linked_id": null,
  "desk_decision.approval_id": "a1",
  "effect.state": "done",
  "hint.state": "read",
  "message.visibility": "public",
  "policy_change.state": "superseded",
  "setting.name": PAUSE_SETTINGS[0] ?? "",
  "procedure_version.state": "retired",
};

onDesk("a row in every table with a person in every column", (bench) => {
  const { erase, rows } = erasing(bench, () => memoryBlobs());

  async function columns(): Promise<readonly Column[]> {
    return bench.at((transaction) =>
      rowsOf(
        transaction,
        Column,
        sql`select table_name as table, column_name as name, data_type as type, is_generated = 'ALWAYS' as "isComputed",
            (select substring(pg_get_constraintdef(oid) from 'ARRAY\\[''([^'']*)') from pg_constraint where contype = 'c'
              and conrelid = table_name::regclass and pg_get_constraintdef(oid) like '%' || column_name || ' = ANY%' limit 1) as allowed
          from information_schema.columns where table_schema = 'public' order by 1, ordinal_position`,
      ),
    );
  }

  /** The columns of text that stand under one of these. */
  function declared(...whose: readonly (keyof (typeof CONTENTS)[string])[]): string[] {
    return Object.entries(CONTENTS).flatMap(([table, contents]) =>
      whose.flatMap((one) => contents[one]?.split(" ") ?? []).map((name) => `${table}.${name}`),
    );
  }

  function filledWith(
    address: string,
    { table, name, type, allowed }: Column,
    more: typeof FILLED,
  ): unknown {
    const place = `${table}.${name}`;
    const given = { ...FILLED, ...more }[place];
    if (given !== undefined) return given;
    if (name === "cleared_at") return null;
    if (name === "channel") return "email";
    if (allowed !== null) return allowed;
    if (place === "conversation.id" || name === "conversation_id") return "c1";
    const vote = { voter: address, deskId: "", name: address, at: bench.now() };
    switch (type) {
      case "jsonb":
        return JSON.stringify(name === "claim" ? vote : [vote]);
      case "bytea":
        return Buffer.from(address);
      case "boolean":
        return true;
      case "date":
      case "timestamp with time zone":
        return bench.now();
      case "ARRAY":
        return "{1}";
      default:
        return PLAIN.includes(type) ? 1 : address;
    }
  }

  async function fill(address: string, more: typeof FILLED): Promise<void> {
    const all = (await columns()).filter(({ isComputed }) => !isComputed);
    await bench.at(async (transaction) => {
      await transaction.execute(sql`set local session_replication_role = replica`);
      // The audit's entries are chained, and what migrations ran is no test's to say.
      for (const table of Object.keys(CONTENTS).filter((one) => !/^audit|^deskhand_/.test(one))) {
        const own = all.filter((one) => one.table === table);
        const names = own.map(({ name }) => sql.identifier(name));
        const values = own.map((one) => sql`${filledWith(address, one, more)}`);
        await transaction.execute(
          sql`insert into ${sql.identifier(table)} (${sql.join(names, sql`, `)}) overriding system value
            values (${sql.join(values, sql`, `)})`,
        );
      }
    });
  }

  /** The columns in which the address stands. */
  async function columnsWith(address: string): Promise<readonly string[]> {
    const hex = Buffer.from(address).toString("hex");
    const Row = z.record(z.string(), z.unknown());
    return (await rows()).flatMap((row) => {
      const [table = ""] = row.split(" ", 1);
      return Object.entries(Row.parse(JSON.parse(row.slice(table.length))))
        .filter(([, value]) => [address, hex].some((text) => JSON.stringify(value).includes(text)))
        .map(([name]) => `${table}.${name}`);
    });
  }

  test("of each column of the database it is said whose text it holds, and of no other", async () => {
    const text = (await columns()).filter(({ type }) => !PLAIN.includes(type));
    const inDatabase = text.map(({ table, name }) => `${table}.${name}`);
    const known = declared("nobody", "customers", "teammates", "both");
    assert.deepEqual(
      {
        unknown: inDatabase.filter((one) => !known.includes(one)),
        gone: known.filter((one) => !inDatabase.includes(one)),
        twice: known.filter((one, at) => known.indexOf(one) !== at),
      },
      { unknown: [], gone: [], twice: [] },
    );
  });

  test("an erasure of a customer empties all that may be theirs", async () => {
    const ann = "ann@customer.test";
    await fill(ann, {
      "message.author_kind": "requester",
      "message.author_id": `email:${ann}`,
      // A line is found by the key of its chat.
      "transcript.conversation_id": ann,
    });
    const before = await columnsWith(ann);
    assert.deepEqual(
      declared("customers", "both").filter((one) => !before.includes(one)),
      [],
    );
    const { busy } = await erase(ann);
    assert.deepEqual(busy, []);
    const left = await columnsWith(ann);
    assert.deepEqual(
      declared("customers", "both").filter((one) => left.includes(one)),
      [],
    );
  });

  test("an erasure of a teammate empties all that may be theirs", async () => {
    const sam = "sam@ourshop.test";
    await fill(sam, { "message.author_kind": "teammate", "message.author_id": `email:${sam}` });
    const before = await columnsWith(sam);
    assert.deepEqual(
      declared("teammates", "both").filter((one) => !before.includes(one)),
      [],
    );
    await erase(sam);
    const left = await columnsWith(sam);
    assert.deepEqual(
      declared("teammates", "both").filter((one) => left.includes(one)),
      [],
    );
  });
});
