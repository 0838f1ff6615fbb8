/** Days and lengths of time compare by value in every language that is read. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  monthNumber,
  NEAR_DAYS,
  calendarUnit,
  weekdayNumber,
} from "#guard/output/calendar-words.ts";
import { factsIn } from "#guard/output/evidence.ts";
import { epochDay } from "#guard/output/dates.ts";
import { spelled } from "#text/spelling.ts";
import {
  allFound,
  allPass,
  allPassAbroad,
  objections,
  receipts,
  refundPage,
  tool,
} from "./evidence-world.ts";

const TODAY = epochDay(receipts().today);
const keysOf = (text: string): readonly string[] =>
  factsIn(text, TODAY).flatMap(({ keys }) => keys);

for (const locale of "en de fr es it nl pt pl sv da tr cs nb".split(" ")) {
  test(`${locale}: the locale data's months, weekdays, near days and units are read`, () => {
    const format = (options: Intl.DateTimeFormatOptions, at: number, wanted: string): string =>
      new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" })
        .formatToParts(new Date(at))
        .find(({ type }) => type === wanted)?.value ?? "";
    for (let month = 0; month < 12; month += 1)
      for (const form of [{ month: "long" }, { month: "long", day: "numeric" }] as const) {
        const name = format(form, Date.UTC(2024, month, 5), "month");
        assert.equal(monthNumber(spelled(name)), month + 1, name);
      }
    for (let weekday = 0; weekday < 7; weekday += 1) {
      const name = format({ weekday: "long" }, Date.UTC(2024, 8, 1 + weekday), "weekday");
      assert.equal(weekdayNumber(spelled(name)), weekday, name);
    }
    const near = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    for (const offset of [-2, -1, 0, 1, 2]) {
      const words = near.format(offset, "day");
      if (!/\d/.test(words)) assert.equal(NEAR_DAYS.get(spelled(words)), offset, words);
    }
    for (const unit of ["minute", "hour", "day", "week", "month", "year"])
      for (const count of [1, 2, 5]) {
        const parts = new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" });
        const word = parts.formatToParts(count).find(({ type }) => type === "unit")?.value ?? "";
        if (word !== "time") assert.equal(calendarUnit(spelled(word)), unit, word);
      }
  });

  test(`${locale}: a date written out is the day a record has`, () => {
    const at = new Date("2026-11-05T00:00:00Z");
    const written = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(
      at,
    );
    assert.ok(
      keysOf(written).includes(`day:${epochDay(at)}`),
      `${written}: ${keysOf(written).join(" ")}`,
    );
  });
}

describe("a weekday beside a date", () => {
  const on = { toolResults: [tool({ delivered_on: "2026-10-07" })] };
  test("says nothing more where the day has that weekday, with and without a year", () => {
    allPassAbroad(
      [
        "It came on Wednesday, October 7th.",
        "It came on Wednesday, 7 October 2026.",
        "Es kam am Mittwoch, den 7. Oktober.",
        "Llegó el miércoles 7 de octubre.",
        "It came on 7 October (Wednesday).",
      ],
      on,
    );
  });

  test("is wrong where it has another", () => {
    for (const text of [
      "It came on Thursday, October 7th.",
      "It came on Thursday, 7 October 2026.",
      "Es kam am Freitag, den 7. Oktober.",
    ])
      assert.match(objections(text, on).join(), /^date: (?:Thursday|Freitag)/, text);
  });
});

describe("what follows from known days", () => {
  const known = { toolResults: [tool({ order_id: "790", delivered_on: "2026-10-07" })] };

  test("how long ago a recorded day is, as people round it", () => {
    allPassAbroad(
      [
        "It arrived 44 days ago.",
        "It arrived about six weeks ago.",
        "Das war vor sechs Wochen.",
        "That is 44 days, which is more than the 30 of our policy.",
      ],
      { ...known, passages: [refundPage] },
    );
    allFound(["It arrived 50 days ago.", "It arrived nine weeks ago."], known, "date: ");
    const prices = { ...known, asked: "I paid 85, now it is at 69." };
    allPass(["It arrived 44 days ago. 85 less 69 is 16."], prices);
  });

  test("how many working days ago a recorded day is", () => {
    const late = { toolResults: [tool({ order_id: "790", due_on: "2026-11-12" })] };
    allPassAbroad(["It is six business days late.", "Es ist sechs Werktage überfällig."], late);
    allFound(["It is eight business days late."], late, "unsure: ");
  });

  test("is no rule: a limit of that length has to stand in a source", () => {
    allFound(["You can return it within 44 days."], known, "date: 44 days");
  });

  test("when a page's length of time after it ends", () => {
    const both = { ...known, passages: [refundPage] };
    allPass(["Until 6 November a refund was possible."], both);
    allFound(["Until 9 November a refund was possible."], both, "date: ");
    allFound(["Until 6 November a refund was possible."], known, "date: ");
  });
});

describe("values others wrote before", () => {
  test("the customer's own values are theirs to read back, but no record of when something arrives", () => {
    const asked = "I fly on December 14 and paid 55 dollars for order 9, I wait for 3 weeks now.";
    allPass(
      [
        "I understand that December 14 matters to you.",
        "About the 55 dollars: I can't see that order.",
        "Three weeks is a long time, sorry.",
      ],
      { asked },
    );
    allFound(["It will be delivered on December 14."], { asked }, "unsure: ");
  });

  test("what we or a teammate answered may be said again, with days counted from then", () => {
    const at = new Date("2026-11-17T09:00:00Z");
    const said = [
      { by: "us", text: "The second entry of 59.00 USD disappears tomorrow.", at },
      { by: "teammate", text: "I promise it by 24 November.", at },
    ] as const;
    allPass(
      [
        "As I wrote, the entry of 59.00 USD is gone since 18 November.",
        "The lamp comes by 24 November.",
      ],
      { said },
    );
    allFound(["The entry of 58.00 USD is gone."], { said }, "amount: 58");
  });
});
