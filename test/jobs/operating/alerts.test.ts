/** What the team is told about the installation itself: once, not for a moment's trouble, and again when it is over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { refusing } from "#jobs/operating/watch-process.ts";
import { currentConditions, type ConditionName, THRESHOLDS } from "#jobs/operating/conditions.ts";
import type { SeenFigures } from "#jobs/operating/follow-figures.ts";
import { changesIn, tellTeam } from "#jobs/operating/tell-team.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { quiet } from "./quiet.ts";

const NOW = new Date("2026-11-20T10:00:00.000Z");
const MINUTE = 60_000;

function unreadFor(ms: number, at: Date = NOW): SeenFigures {
  const seen = quiet(at);
  const unread = { count: 3, oldest: new Date(at.getTime() - ms) };
  return { ...seen, figures: { ...seen.figures, unread } };
}

const AGED = {
  "oldest-unread": "unread",
  "not-moving": "due",
  "effect-executing": "executing",
  "audit-unsealed": "unsealed",
} as const;

test("nothing is wrong at the thresholds, and everything beyond them", () => {
  const seenWith = (more: number): SeenFigures => {
    const seen = quiet(NOW);
    const since = (name: ConditionName): Date =>
      new Date(NOW.getTime() - (THRESHOLDS[name] + more) * 1_000);
    const aged = Object.entries(AGED).map(([name, part]) => {
      const key = z
        .enum(["oldest-unread", "not-moving", "effect-executing", "audit-unsealed"])
        .parse(name);
      return [part, { count: 1, oldest: since(key) }] as const;
    });
    return {
      ...seen,
      unheld: [{ name: "inbox:help@shop.example", seconds: THRESHOLDS["no-reader"] + more }],
      figures: {
        ...seen.figures,
        ...Object.fromEntries(aged),
        cards: { ...seen.figures.cards, oldest: since("cards-waiting") },
        backupAt: since("backup-old"),
        spentUsd: THRESHOLDS["spend-per-hour"] + more,
      },
    };
  };
  const namesIn = (seen: SeenFigures) => currentConditions(seen).map(({ name }) => name);
  assert.deepEqual(namesIn(quiet(NOW)), []);
  assert.deepEqual(namesIn(seenWith(0)), []);
  assert.deepEqual(namesIn(seenWith(1)).toSorted(), Object.keys(THRESHOLDS).toSorted());
  const paused = namesIn({ ...seenWith(1), paused: true });
  for (const name of ["oldest-unread", "not-moving", "effect-executing"])
    assert.ok(!paused.includes(name), name);
});

test("what lasts is told once, a moment's trouble never, and its end once", () => {
  const wrong = currentConditions(unreadFor(6 * MINUTE));
  const at = (minutes: number): Date => new Date(NOW.getTime() + minutes * MINUTE);
  const first = changesIn({}, wrong, at(0));
  assert.deepEqual(first.tellings, []);
  assert.deepEqual(changesIn(first.open, [], at(1)), { open: {}, tellings: [] });
  const [told, ...more] = changesIn(first.open, wrong, at(2)).tellings;
  assert.equal(more.length, 0);
  assert.equal(
    told?.text,
    "3 deliveries are unread, the oldest for 6 min. What to do: docs/runbooks/oldest-unread.md",
  );
  const known = { "oldest-unread": { since: NOW.toISOString(), told: true } };
  assert.deepEqual(changesIn(known, wrong, at(60)), { open: known, tellings: [] });
  const [over] = changesIn(known, [], at(60)).tellings;
  assert.equal(over?.text, "Over after 60 min: oldest unread (docs/runbooks/oldest-unread.md)");
  assert.equal(over?.afterwards, null);
});

onDesk("alerts about the installation", (bench) => {
  test("reach the desk once, also when it was away, and their end as well", async () => {
    const told: string[] = [];
    const away = { is: true };
    const context = {
      store: bench.parts.store,
      clock: bench.parts.clock,
      desk: {
        ...bench.parts.desk,
        notify: async (text: string) => {
          if (away.is) throw new DeskhandError("channel.unavailable", "Slack is away");
          told.push(text);
        },
      },
    };
    const look = (isWrong: boolean): Promise<void> =>
      tellTeam(context, isWrong ? unreadFor(6 * MINUTE, bench.now()) : quiet(bench.now()));
    await look(true);
    bench.skip(3 * MINUTE);
    await assert.rejects(look(true), /Slack is away/);
    away.is = false;
    await look(true);
    await look(true);
    assert.equal(told.length, 1);
    bench.skip(MINUTE);
    await look(false);
    await look(false);
    assert.equal(told.length, 2);
    assert.match(told[1] ?? "", /^Over after 4 min/);
  });
});

test("what a process needs and has not is told with its runbook: what all share by those that connect, its own by each", () => {
  const reason = (words: string) => ({ reason: words });
  const needs = {
    database: reason("store.unavailable: the disk of the database is full"),
    queue: reason("queue.unavailable: Redis refuses"),
    model: reason("the key is refused"),
    reconciler: reason("stands still for 60 s"),
    clock: reason("90 seconds behind the database"),
  };
  const told = (connects: boolean) =>
    refusing(needs, null, connects).map(({ name, sentence }) => [name, sentence]);
  assert.deepEqual(told(true), [
    ["database-refuses", "the disk of the database is full"],
    ["queue-refuses", "Redis refuses"],
    ["clock-off", "90 seconds behind the database"],
  ]);
  assert.deepEqual(told(false), [["clock-off", "90 seconds behind the database"]]);
  assert.deepEqual(refusing({ clock: { reason: null } }, 100_001, true), [
    { name: "queue-long", sentence: "100001 wakes wait in the queue." },
  ]);
});
