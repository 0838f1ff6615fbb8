/** What a card names of procedures is what the model said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { namedProcedures } from "#agent/follow-procedures.ts";

const procedure = (name: string) => ({
  name,
  version: 1,
  title: name,
  when: "",
  body: "",
  steps: [
    { number: 1, text: "x" },
    { number: 2, text: "y" },
  ],
});

test("of two procedures in one line the card has a step of the one it names", () => {
  const opened = [procedure("late-parcel"), procedure("missing-parcel")];
  const [one] = namedProcedures(opened, "late-parcel 2, missing-parcel 1");
  assert.deepEqual([one?.name, one?.step], ["missing-parcel", 1]);
});
test("a step the procedure has not is not named", () => {
  assert.equal(namedProcedures([procedure("late-parcel")], "late-parcel 9")[0]?.step, null);
});
