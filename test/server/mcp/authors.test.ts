/** Whoever's assistant wrote or wished is its author, and what people do not see is in none of its words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { onAssistants } from "./bench.ts";

const SAM = "sam@ourshop.test";
const LEA = "lea@ourshop.test";

onAssistants("the author of what an assistant proposes", (bench, assistants, me) => {
  const done = async (name: string, given: object): Promise<void> => {
    const told = await assistants.call(me.token, name, given);
    assert.equal(told.isError, false, told.text);
  };

  for (const needs of [
    { count: 2, leads: 0 },
    { count: 1, leads: 0, fourEyes: true },
  ])
    for (const between of ["its own edit", "a colleague's edit", "a colleague's later wish"])
      test(`a wish bars its teammate whatever comes after it: ${between}, ${JSON.stringify(needs)}`, async () => {
        const answer = (minor: number) =>
          bench.answer(() => replying("We refund you.", { actions: [refundOf(minor, { needs })] }));
        answer(12_000);
        const id = await bench.write("My headphones broke. Please refund order 789.");
        await done("propose_action", { case: id, version: 1, wish: "refund 190 USD" });
        answer(19_000);
        if (between === "its own edit")
          await done("draft_reply", { case: id, version: 2, text: "We do." });
        if (between === "a colleague's edit")
          await bench.press("edit", id, LEA, { edit: { text: "We do.", amount: null } });
        await bench.pass(1_000);
        if (between === "a colleague's later wish") {
          await bench.press("redo", id, LEA, { hint: "friendlier" });
          await bench.pass(1_000);
        }
        assert.ok(((await bench.pending(id))?.version ?? 0) >= 3);
        assert.equal((await bench.press("approve", id, SAM)).accepted, false);
      });

  test("what people do not see is in no draft, note or wish of an assistant", async () => {
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is my parcel?");
    const hidden = (from: number) =>
      Array.from("order 456", (letter) =>
        String.fromCodePoint(from + (letter.codePointAt(0) ?? 0)),
      ).join("");
    const text = `Your parcel${hidden(0xe0000)} is${hidden(0xe0100)} on \u202eits\u202c way.\u200b\u200c`;
    await done("draft_reply", { case: id, version: 1, text });
    assert.equal((await bench.pending(id))?.card.draft?.text, "Your parcel is on its way.");
    await done("add_note", { case: id, text });
    const rows = await bench.rows(
      z.object({ text: z.string() }),
      sql`select text from case_note where conversation_id = ${id}`,
    );
    assert.deepEqual(rows, [{ text: "Your parcel is on its way." }]);
  });
});
