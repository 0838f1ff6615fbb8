/** The forecast is checked by a comparison that can fail, on halves that do not share a ticket. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Comparison, RehearsedRoute } from "#core/values/rehearsal.ts";
import { forecastCommand } from "#evals/forecast/command.ts";
import { checkForecast, type PlayedTicket, sharesOf } from "#evals/forecast/shares.ts";
import { halvesOf } from "#evals/forecast/tickets.ts";

const NOW = new Date("2026-11-20T10:00:00.000Z");

const SAME: Comparison = {
  sameAction: true,
  sameAmount: null,
  sameOrder: null,
  sameOutcome: true,
  lacks: [],
  contradicts: [],
  wrongActions: [],
  missedActions: [],
};

const WRONG: Comparison = {
  ...SAME,
  sameAction: false,
  wrongActions: [
    { operation: "refund", orderId: "789", amount: null, why: "not_taken", risk: null },
  ],
};

/** So many of a hundred tickets go alone, and so many of them are wrong. */
function hundred(alone: number, wrong: number): readonly PlayedTicket[] {
  return Array.from({ length: 100 }, (_, index) => ({
    route: index < alone ? "alone" : "with_person",
    comparison: index < wrong ? WRONG : SAME,
  }));
}

const outside = (forecast: readonly PlayedTicket[], live: readonly PlayedTicket[]) =>
  checkForecast(sharesOf(forecast), sharesOf(live)).flatMap(({ name, isWithin }) =>
    isWithin ? [] : [name],
  );

describe("a forecast", () => {
  test("holds up to five points in either direction, and not beyond", () => {
    assert.deepEqual(outside(hundred(60, 10), hundred(65, 5)), []);
    assert.deepEqual(outside(hundred(60, 10), hundred(55, 15)), []);
    assert.deepEqual(outside(hundred(60, 10), hundred(66, 10)), ["alone", "with_person"]);
    assert.deepEqual(outside(hundred(60, 10), hundred(60, 4)), ["wrong", "wrong_actions"]);
  });

  test("rests on tickets that the other half does not have, the same for the same seed", () => {
    const options = { tickets: 200, seed: 3, changed: false };
    const { rehearsed, simulated } = halvesOf(NOW, options);
    assert.deepEqual([rehearsed.length, simulated.length], [100, 100]);
    const ids = new Set([...rehearsed, ...simulated].map(({ id }) => id));
    assert.equal(ids.size, 200);
    assert.deepEqual(halvesOf(NOW, options), { rehearsed, simulated });
    const changed = halvesOf(NOW, { ...options, changed: true });
    assert.deepEqual(changed.rehearsed, rehearsed);
    assert.ok(changed.simulated.length === 100);
  });
});

describe("the command", () => {
  /** A world in which a ticket about a refund needs a person, in whichever half it is. */
  const world = (simulated: (text: string) => RehearsedRoute) => {
    const routed = (text: string): RehearsedRoute =>
      /refund|money/i.test(text) ? "with_person" : "alone";
    const said: string[] = [];
    const run = (...argv: readonly string[]) =>
      forecastCommand(["--tickets", "200", ...argv], {
        openWorld: async () => ({
          now: () => NOW,
          rehearse: async ({ messages: [first] }) => ({
            route: routed(first?.text ?? ""),
            comparison: SAME,
          }),
          simulate: async ({ messages: [first] }) => ({
            route: simulated(first?.text ?? ""),
            comparison: SAME,
          }),
          close: async () => undefined,
        }),
        print: (text) => void said.push(text),
        tell: () => undefined,
      });
    return { run, said, routed };
  };

  test("ends with 0 where the same mix behaves the same, and with 1 where the mix has changed", async () => {
    const { routed } = world(() => "alone");
    const same = world(routed);
    assert.equal(await same.run("--json", "--seed", "20"), 0);
    const figures: unknown = JSON.parse(same.said.join(""));
    assert.ok(typeof figures === "object" && figures !== null && "passed" in figures);
    assert.equal(figures.passed, true);
    const changed = world(routed);
    assert.equal(await changed.run("--changed"), 1);
    assert.match(changed.said.join(""), /OUTSIDE/);
  });
});
