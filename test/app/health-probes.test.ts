/** When the process that reads the channels says that it is not ready, and what it only tells. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionBoard } from "#core/connection/connection-board.ts";
import { probeChannels, probeReconciler } from "#app/health-probes.ts";
import { quiet } from "#test/jobs/operating/quiet.ts";

function boardOfFour() {
  const board = connectionBoard({ now: () => new Date(0) });
  const inboxes = ["a@shop.example", "b@shop.example", "c@shop.example"].map((address) =>
    board.of(`mail ${address}`, "email"),
  );
  const socket = board.of("Slack's socket", "slack");
  for (const report of [...inboxes, socket]) report.up();
  return { board, inboxes, socket };
}

const STARTED = { reconcilerAgeMs: null, connected: true };

test("one lost inbox of several is told and decides nothing, the last one does", () => {
  const { board, inboxes } = boardOfFour();
  assert.equal("degraded" in probeChannels(STARTED, board).facts, false);

  const [first, ...others] = inboxes;
  first?.down("the login was refused");
  const one = probeChannels(STARTED, board);
  assert.equal("reason" in one, false);
  assert.deepEqual("degraded" in one.facts && one.facts.degraded, [
    "mail a@shop.example: the login was refused",
  ]);

  for (const report of others) report.down("no answer");
  const all = probeChannels(STARTED, board);
  assert.equal(
    "reason" in all && all.reason,
    "mail a@shop.example: the login was refused; mail b@shop.example: no answer; mail c@shop.example: no answer",
  );

  first?.up();
  assert.equal("reason" in probeChannels(STARTED, board), false);
});

test("a channel with a single connection is lost with it, whatever the others do", () => {
  const { board, inboxes, socket } = boardOfFour();
  inboxes[1]?.down("no answer");
  socket.down("Slack closed it");
  const look = probeChannels(STARTED, board);
  assert.equal("reason" in look && look.reason, "Slack's socket: Slack closed it");
  assert.deepEqual("degraded" in look.facts && look.facts.degraded, [
    "mail b@shop.example: no answer",
  ]);
  socket.up();
  assert.equal("reason" in probeChannels(STARTED, board), false);
});

test("before everything was started no channel counts as there", () => {
  const { board } = boardOfFour();
  assert.equal(probeChannels({ connected: false }, board).reason, "not connected yet");
});

test("the worker that leads is not ready while what is due does not move for 30 seconds", () => {
  const now = new Date("2026-11-20T10:00:00.000Z");
  const after = (seconds: number) => {
    const seen = quiet(now);
    const due = { count: 2, oldest: new Date(now.getTime() - seconds * 1_000) };
    const figures = () => ({ ...seen, figures: { ...seen.figures, due } });
    return probeReconciler({ reconcilerAgeMs: () => 0, figures });
  };
  assert.deepEqual(after(30), {});
  assert.deepEqual(after(90), {
    reason: "2 cards and effects are due and do not move, the oldest for 2 min.",
  });
  assert.deepEqual(probeReconciler({ reconcilerAgeMs: () => 0, figures: () => null }), {});
});
