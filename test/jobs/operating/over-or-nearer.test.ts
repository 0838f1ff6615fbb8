/** A model's end that comes nearer is not over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { watchProcess } from "#jobs/operating/watch-process.ts";

test("the team is not told that a model's end is over while it comes nearer", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const told: string[] = [];
  const state = { at: new Date("2026-10-01T10:00:00Z"), isReplaced: false };
  const watch = watchProcess(
    {
      clock: { now: () => state.at },
      log: { debug() {}, info() {}, warn() {}, error() {} } as never,
      desk: { notify: async (text: string) => void told.push(text) } as never,
    },
    {
      needs: async () => ({}),
      connects: true,
      modelEnds: () =>
        state.isReplaced ? [] : [{ model: "some-model", at: new Date("2026-11-15T00:00:00Z") }],
      queued: async () => null,
      board: { states: () => [] },
      credentialStates: () => ({}),
    },
  );
  const look = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
    t.mock.timers.tick(30_000);
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
  };
  await look();
  state.at = new Date("2026-10-01T10:03:00Z");
  await look();
  state.at = new Date("2026-11-02T10:00:00Z");
  await look();
  state.at = new Date("2026-11-02T10:03:00Z");
  await look();
  state.isReplaced = true;
  await look();
  await watch.stop();
  const said = (days: number) =>
    `The model some-model ends on 2026-11-15, in ${days} days. What to do: docs/runbooks/model-end.md`;
  const over = "Over after 32.0 days: model end (docs/runbooks/model-end.md)";
  assert.deepEqual(told, [said(44), said(12), over]);
});
