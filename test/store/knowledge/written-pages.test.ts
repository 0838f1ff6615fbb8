/** Written pages and switches as rows: one version of each number, one switch at a time, and no name of an erased writer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ERASED } from "#core/values/message.ts";
import {
  offPeriods,
  putOff,
  putOn,
  slugsOff,
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

  test("a page is off from one switch to the next, and each time is kept", async () => {
    const off = { slug: "written/skates", reason: "Wrong", by: LEA, at: NOW };
    await bench.run(async (transaction) => {
      assert.equal(await putOff(transaction, off), true);
      assert.equal(await putOff(transaction, off), false);
      assert.deepEqual([...(await slugsOff(transaction))], [off.slug]);
      assert.equal(await putOn(transaction, off), true);
      assert.equal(await putOn(transaction, off), false);
      assert.equal((await slugsOff(transaction)).size, 0);
      assert.equal(await putOff(transaction, { ...off, reason: "Wrong again" }), true);
      assert.deepEqual(
        (await offPeriods(transaction, off.slug)).map(({ reason, onAt }) => [reason, onAt]),
        [
          ["Wrong again", null],
          ["Wrong", NOW],
        ],
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
