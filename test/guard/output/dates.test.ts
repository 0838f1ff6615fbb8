import assert from "node:assert/strict";
import { test } from "node:test";
import { factsIn } from "#guard/output/evidence.ts";
import { objections, tool } from "./evidence-world.ts";

const DELIVERED = { toolResults: [tool({ order_id: "789", delivered_on: "2022-02-22" })] };

const SAME_DAY: readonly string[] = [
  "02/22/2022",
  "2/22/2022",
  "2/22/22",
  "22/02/2022",
  "22.02.2022",
  "22.2.2022",
  "22. 2. 2022",
  "22-02-2022",
  "2022/02/22",
  "2022-02-22",
  "2022-02-22T10:00:00Z",
  "Feb 22nd, 2022",
  "February 22, 2022",
  "Feb. 22 2022",
  "22 February 2022",
  "the 22nd of February 2022",
  "22-Feb-2022",
  "22. Februar 2022",
  "le 22 février 2022",
  "el 22 de febrero de 2022",
  "22 de febrero",
];

for (const written of SAME_DAY) {
  test(`${written} is the day that a record has, and no other`, () => {
    const text = `It came on ${written}.`;
    const dates = (changes: typeof DELIVERED) =>
      objections(text, changes).filter((words) => /^(?:date|order):/.test(words));
    assert.deepEqual(dates(DELIVERED), []);
    const other = { toolResults: [tool({ order_id: "789", delivered_on: "2022-03-23" })] };
    assert.notDeepEqual(dates(other), []);
  });
}

test("a day that can be read in two ways is both, and equal to either", () => {
  for (const day of ["2026-03-04", "2026-04-03"])
    assert.deepEqual(
      objections("It came on 03/04/2026.", { toolResults: [tool({ due_on: day })] }),
      [],
      day,
    );
  assert.notDeepEqual(
    objections("It came on 03/04/2026.", { toolResults: [tool({ due_on: "2026-03-05" })] }),
    [],
  );
});

test("an amount behind a day's month is no second day", () => {
  const words = factsIn("Op 19 november 60.00 USD betaald.", 20_000).map((fact) => fact.words);
  assert.deepEqual(words.toSorted(), ["19 november", "60.00 USD"]);
});

const NO_DAYS: readonly string[] = [
  "2025-99-99",
  "2025-02-29",
  "0000-00-00",
  "45 March 2025",
  "31 April",
  "Feb 30th, 2025",
  "99/99/2025",
  "33.13.25",
  "99-99-2025",
];

for (const written of NO_DAYS) {
  test(`${written} is no day, stops nothing, and is known only where a source writes it so`, () => {
    const text = `It says ${written} there.`;
    const isDay = (key: string): boolean => /^(?:day|month-day):/.test(key);
    assert.ok(!factsIn(text, 20_000).some(({ keys }) => keys.some(isDay)));
    const keys = new Set(factsIn(text, 20_000).flatMap((fact) => fact.keys));
    assert.ok([...keys].every((key) => !/NaN|undefined|Invalid/.test(key)));
    assert.notDeepEqual(objections(text), []);
    assert.notDeepEqual(objections(text, { toolResults: [tool({ note: "2025-98-98" })] }), []);
    assert.deepEqual(objections(text, { toolResults: [tool({ note: text })] }), []);
  });
}

test("days further away than any calendar of four digits, and numbers that are none, are read without harm", () => {
  for (const text of [
    "in nine hundred thousand years",
    "nine hundred thousand thousand years ago",
    "in twenty, five days",
    "twenty\nfive dollars",
    "1.2.3 USD and 4.5.6 %",
  ])
    assert.doesNotThrow(() =>
      objections(text, { asked: text, toolResults: [tool({ other: text })] }),
    );
  // What is no amount in one place backs no amount that is none in another.
  assert.notDeepEqual(objections("9.9.9 USD", { toolResults: [tool({ note: "1.2.3 USD" })] }), []);
});
