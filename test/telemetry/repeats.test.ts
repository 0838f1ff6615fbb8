/** The log tells of a state when it begins and when it is over, and not of each moment of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { collapseRepeats } from "#telemetry/log.ts";
import { until } from "#test/support/waiting.ts";

describe("a state that lasts", () => {
  test("is a line when it begins and one when it is over, and every error is told", async () => {
    const told: (readonly [string, string, unknown])[] = [];
    const between: string[] = [];
    const note = (level: string) => (message: string, details: unknown) =>
      void told.push([level, message, details]);
    const raw = { info: note("info"), warn: note("warn"), error: note("error") };
    const log = collapseRepeats(raw, (message) => void between.push(message), 50);
    for (let index = 0; index < 169; index += 1)
      log.warn("hint could not be read", { hint: index, reason: `limit, again in ${index} s` });
    log.warn("hint could not be read", { hint: 1, reason: "another one" });
    log.warn("once", {});
    log.error("bad", {});
    log.error("bad", {});
    const count = (message: string) => told.filter(([, one]) => one === message).length;
    assert.deepEqual([count("hint could not be read"), count("once"), count("bad")], [2, 1, 2]);
    assert.equal(between.length, 168);
    // A state that began last is over last.
    log.warn("last", {});
    log.warn("last", {});
    const ends = () =>
      told.filter(([, , details]) => JSON.stringify(details).includes('"over":true'));
    await until("the end of the last", async () => ends().some(([, one]) => one === "last"));
    assert.deepEqual(
      ends().map(([level, message, details]) => [level, message, Over.parse(details).times]),
      [
        ["warn", "hint could not be read", 169],
        ["warn", "last", 2],
      ],
    );
    log.warn("hint could not be read", { hint: 1, reason: "limit, again in 2 s" });
    assert.equal(count("hint could not be read"), 4, "it begins anew");
  });
});

const Over = z.object({ times: z.int() });

test("ids in a reason do not make a state another one, and a process that ends tells the ends", () => {
  const told: string[] = [];
  const note = (message: string, details: unknown) =>
    void told.push(`${message} ${JSON.stringify(details)}`);
  const log = collapseRepeats({ info: note, warn: note, error: note }, () => undefined);
  for (let index = 1_000; index < 1_605; index += 1)
    log.warn("hint could not be read", {
      reason: `Zendesk's limit is used up for c_${index.toString(16)}ab and ${index}f00dcafe`,
      card: `a_${index}`,
    });
  assert.equal(told.length, 1);
  log.end();
  log.end();
  assert.equal(told.length, 2);
  assert.match(told[1] ?? "", /"over":true,"times":605/);
});

test("a second system, inbox or channel is a state of its own, though its name differs by a digit", () => {
  const told: unknown[] = [];
  const note = (_: string, details: unknown) => void told.push(details);
  const log = collapseRepeats({ info: note, warn: note, error: note }, () => undefined);
  const things = ["system", "inbox", "channel", "duty"].flatMap((kind) => [
    { [kind]: "part1" },
    { [kind]: "part2" },
  ]);
  for (const thing of [...things, ...things]) log.warn("lost, trying again", thing);
  assert.deepEqual(told, things);
});
