/** Written pages and switches as rows: one version of each number, one switch at a time, and no name of an erased writer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ERASED } from "#core/values/message.ts";
import {
  offPeriods,
  putOff,
  putOn,
  insertWritten,
  writtenPages,
  writtenVersions,
  type WrittenVersion,
} from "#store/knowledge/page-notes.ts";
import { eraseTeammate } from "#store/privacy/erase-teammate.ts";
import { NOW, onEveryDatabase } from "#test/store/bench.ts";

const LEA = "Lea@ourshop.test";

const version = (number: number, body: string): WrittenVersion => ({
  name: "skates",
  version: number,
  title: "Skates",
  url: "",
  body,
  language: "de",
  brands: ["OurShop", "Other, with comma"],
  audience: "team",
  validFrom: "2026-03-01",
  validUntil: null,
  owner: "",
  labels: [],
  note: "",
  author: LEA,
  at: NOW,
});

onEveryDatabase("written pages", (bench) => {
  test("the newest version is the page, and no number is given twice", async () => {
    await bench.run(async (transaction) => {
      assert.equal(await insertWritten(transaction, version(1, "old")), true);
      assert.equal(await insertWritten(transaction, version(2, "new")), true);
      assert.equal(await insertWritten(transaction, version(2, "another")), false);
      assert.deepEqual(await writtenPages(transaction), [version(2, "new")]);
      assert.deepEqual(
        (await writtenVersions(transaction, "skates")).map(({ body }) => body),
        ["new", "old"],
      );
    });
  });

  test("an erased teammate is named nowhere in them", async () => {
    await bench.run(async (transaction) => {
      await insertWritten(transaction, { ...version(1, "text"), name: "erased" });
      await putOff(transaction, { slug: "erased", reason: "Wrong", by: LEA, at: NOW });
      await putOn(transaction, { slug: "erased", by: LEA, at: NOW });
      await eraseTeammate(transaction, [{ kind: "email", value: LEA.toLowerCase() }]);
      const [text] = await writtenVersions(transaction, "erased");
      const [period] = await offPeriods(transaction, "erased");
      assert.deepEqual([text?.author, period?.offBy, period?.onBy], [ERASED, ERASED, ERASED]);
    });
  });
});
