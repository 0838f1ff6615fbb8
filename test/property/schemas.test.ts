/** Whatever is kept comes back as it was: every schema through JSON, every JSON column through every database. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { getTableColumns, getTableName, is, PgTable, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { AnswerAddress, HintNote, SendProgress } from "#email/options.ts";
import { ChatAddress, ChatHint, ChatRatingHint } from "#adapters/chat/index.ts";
import { Address, FormNote, HintData } from "#slack/api/schema.ts";
import * as actions from "#core/values/action.ts";
import { canonical } from "#core/values/canonical-json.ts";
import { Hint } from "#core/contracts/channel.ts";
import { ApprovalVote, Card, DeskDecision } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { Finding, GuardVerdict } from "#core/contracts/guard.ts";
import { BoundRequester, IdentityEvidence } from "#core/values/identity.ts";
import { Conversation, Message, Signal } from "#core/values/message.ts";
import { ModelMessage } from "#core/contracts/model.ts";
import { Approvers, Decision } from "#core/contracts/policy.ts";
import { Order } from "#core/contracts/shop.ts";
import { Span, TurnTrace } from "#core/values/trace.ts";
import { WrittenCase } from "#evals/case.ts";
import { readCases } from "#evals/read-cases.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { storableJson } from "#gate/kernel/storable-text.ts";
import { valuesOf } from "#test/store/arbitraries.ts";
import { onEveryDatabase } from "#test/store/bench.ts";
import { insertOf } from "./database-rows.ts";
import { withUnknownFields } from "./newer.ts";
import { COLUMNS, WITHOUT_VERSION } from "./json-columns.ts";
import { runs } from "#test/support/tiers.ts";
import { FolderPosition } from "#email/inbox/folder-position.ts";
import fc from "fast-check";
import * as tables from "#store/db/schema.ts";

const RUNS = { numRuns: runs(25) };
/** The way through a column is the same for every value; the values are what is tried above. */
const RUNS_IN_DATABASE = { numRuns: runs(6) };

function schemasOf(module: object): Readonly<Record<string, z.ZodType>> {
  const isSchema = (entry: [string, unknown]): entry is [string, z.ZodType] =>
    entry[1] instanceof z.ZodType;
  return Object.fromEntries(Object.entries(module).filter(isSchema));
}

/** Everything else that is written somewhere as JSON and read again: rows, notes inside columns, forms, cases. */
const KEPT: Readonly<Record<string, z.ZodType>> = {
  ...schemasOf(actions),
  ApprovalVote,
  Approvers,
  BoundRequester,
  Card,
  Conversation,
  Decision,
  DeskDecision,
  Finding,
  GuardVerdict,
  Hint,
  IdentityEvidence,
  Message,
  ModelMessage,
  Order,
  Signal,
  Span,
  TurnTrace,
  "chat: address of an answer": ChatAddress,
  "chat: note of a hint": ChatHint,
  "chat: note of a rating": ChatRatingHint,
  "email: address of an answer": AnswerAddress,
  "email: note of a hint": HintNote,
  "email: position in the mailbox": FolderPosition,
  "email: progress of a reply": SendProgress,
  "slack: address of an answer": Address,
  "slack: note of a form": FormNote,
  "slack: note of a hint": HintData,
};

/** Fields that only an adapter reads. Addresses are not among them: they are approved, and never dropped. */
const OWN_NOTES = [
  "chat: note of a hint",
  "chat: note of a rating",
  "email: note of a hint",
  "email: position in the mailbox",
  "email: progress of a reply",
  "slack: note of a form",
  "slack: note of a hint",
];

/** Every JSON column of the schema, under the name it has in the database. */
const jsonColumns = new Map(
  Object.values(tables)
    .filter((table) => is(table, PgTable))
    .flatMap((table) =>
      Object.values(getTableColumns(table))
        .filter((column) => column.getSQLType() === "jsonb")
        .map((column) => [`${getTableName(table)}.${column.name}`, { table, column }] as const),
    ),
);

test("every JSON column of the database is listed here with its schema", () => {
  assert.deepEqual([...jsonColumns.keys()].toSorted(), Object.keys(COLUMNS).toSorted());
});

describe("what is kept as JSON reads as it was written", () => {
  for (const [name, schema] of [...Object.entries(KEPT), ...Object.entries(COLUMNS)])
    test(name, () => {
      fc.assert(
        fc.property(valuesOf(schema), (value) => {
          const read = schema.parse(JSON.parse(JSON.stringify(value)));
          assert.deepEqual(read, value);
          // A seal is computed over this form, so it may not depend on which side of the database one is.
          assert.equal(canonical(read), canonical(value));
        }),
        RUNS,
      );
    });

  for (const name of OWN_NOTES)
    test(`${name}, with fields that only a newer version knows`, () => {
      const schema = KEPT[name];
      assert.ok(schema, name);
      fc.assert(
        fc.property(valuesOf(schema), (value) => {
          assert.deepEqual(schema.parse(withUnknownFields(schema, value)), value);
        }),
        RUNS,
      );
    });

  test("eval cases", () => {
    const cases = readCases(join(import.meta.dirname, "../../evals/cases"));
    assert.ok(cases.length > 100);
    for (const { id, ...one } of cases) {
      const { id: _id, ...read } = WrittenCase.parse(JSON.parse(JSON.stringify(one)));
      assert.deepEqual(read, one, id);
    }
  });
});

test("every JSON column that holds objects of ours refuses a newer version of them by name", () => {
  const refusing = [...jsonColumns].filter(([name, { column }]) => {
    const newer = { $version: 1_000 };
    const stored = COLUMNS[name] instanceof z.ZodArray ? [newer] : newer;
    try {
      column.mapFromDriverValue(stored);
    } catch (error) {
      return error instanceof DeskhandError && error.code === "store.newer_schema";
    }
    return false;
  });
  assert.deepEqual(
    [...refusing.map(([name]) => name), ...WITHOUT_VERSION].toSorted(),
    [...jsonColumns.keys()].toSorted(),
  );
});

onEveryDatabase("JSON columns", (bench) => {
  for (const [name, { table, column }] of jsonColumns) {
    const schema = COLUMNS[name] ?? z.never();
    const id = sql.identifier(column.name);
    /** The row has no references, and only this column of it is looked at. */
    const inOneRow = <Read>(value: unknown, read: (transaction: Transaction) => Promise<Read>) =>
      bench.run(async (transaction) => {
        await transaction.execute(sql`set local session_replication_role = 'replica'`);
        await transaction.execute(sql`delete from ${table}`);
        await transaction.execute(insertOf(table, column, value, () => bench.id("x")));
        return read(transaction);
      });
    const holds = (check: (value: unknown) => Promise<void>): Promise<void> =>
      fc.assert(fc.asyncProperty(valuesOf(schema), check), RUNS_IN_DATABASE);

    test(`${name} reads without the fields that only a newer version knows`, () =>
      holds(async (value) => {
        const newer = storableJson(withUnknownFields(schema, value));
        const stored = await inOneRow(value, async (transaction) => {
          if (value !== null)
            await transaction.execute(sql`update ${table} set ${id} = ${newer}::jsonb`);
          return transaction.select({ value: column }).from(table);
        });
        assert.deepEqual(stored, [{ value }]);
      }));

    test(`${name} gives back what was put into it`, () =>
      holds(async (value) => {
        const query = sql`select ${id} as value from ${table}`;
        const stored = await inOneRow(value, (transaction) => rowsOf(transaction, Raw, query));
        assert.deepEqual(
          // Through the column's own document, which knows what a version is.
          stored.map((row) =>
            schema.parse(row.value === null ? null : column.mapFromDriverValue(row.value)),
          ),
          [value],
        );
      }));
  }
});

const Raw = z.object({ value: z.unknown() });
