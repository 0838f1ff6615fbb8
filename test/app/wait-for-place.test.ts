/** A start waits for a database or a Redis that is not up yet, and only where waiting can help. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { waitForPlace } from "#app/foundation.ts";

const away = new DeskhandError("store.unavailable", "connect ECONNREFUSED");

/** What a place that fails with these says one after the other, and then is there, makes of a start. */
async function started(failures: readonly Error[], isElsewhere = true) {
  const left = [...failures];
  const lines: string[] = [];
  const open = async (): Promise<string> => {
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return "open";
  };
  const opened = await waitForPlace("The database", open, {
    isElsewhere,
    say: (line) => void lines.push(line),
  }).catch((error: unknown) => String(error));
  return { opened, lines, tries: failures.length - left.length };
}

test("what does not answer yet is tried again, and said once", async () => {
  const { opened, lines } = await started([away, away]);
  assert.equal(opened, "open");
  assert.deepEqual(lines, [
    "The database does not answer yet (store.unavailable: connect ECONNREFUSED). It is tried again for five minutes.",
  ]);
});

test("a wrong password, a lasting error and a part of this process end the start at once", async () => {
  for (const [failure, isElsewhere] of [
    [
      new DeskhandError("store.unavailable", 'password authentication failed for user "deskhand"'),
      true,
    ],
    [new DeskhandError("store.bad_backup", "it was written by another program"), true],
    [new Error("a fault of ours"), true],
    [away, false],
  ] as const) {
    const { opened, lines, tries } = await started([failure, failure], isElsewhere);
    assert.match(opened, new RegExp(failure.message.slice(0, 20)));
    assert.deepEqual([lines, tries], [[], 1], failure.message);
  }
});
