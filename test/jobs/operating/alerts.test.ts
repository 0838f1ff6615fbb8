/** What the team is told about the installation itself: once, not for a moment's trouble, and again when it is over. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { conditionsOf, type ConditionName, THRESHOLDS } from "#jobs/operating/conditions.ts";
import type { SeenFigures } from "#jobs/operating/follow-figures.ts";
import { connectionBoard } from "#core/connection/connection-board.ts";
import { lostConnections, LONG_QUEUE_WAKES, refusing } from "#jobs/operating/watch-process.ts";
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
  const namesIn = (seen: SeenFigures) => conditionsOf(seen).map(({ name }) => name);
  assert.deepEqual(namesIn(quiet(NOW)), []);
  assert.deepEqual(namesIn(seenWith(0)), []);
  assert.deepEqual(namesIn(seenWith(1)).toSorted(), Object.keys(THRESHOLDS).toSorted());
  const paused = namesIn({ ...seenWith(1), paused: true });
  for (const name of ["oldest-unread", "not-moving", "effect-executing"])
    assert.ok(!paused.includes(name), name);
});

test("what no process reads is told by name, the longest first, and of many the first five", () => {
  const waiting = (count: number): SeenFigures => ({
    ...quiet(NOW),
    unheld: Array.from({ length: count }, (_, index) => ({
      name: `inbox:${index}@shop.example`,
      seconds: 600 - index,
    })),
  });
  const sentence = (count: number) => conditionsOf(waiting(count))[0]?.sentence;
  assert.equal(
    sentence(2),
    "No process reads inbox:0@shop.example, inbox:1@shop.example, the first for 10 min by now.",
  );
  assert.match(
    sentence(7) ?? "",
    /inbox:4@shop\.example and 2 more, the first for 10 min by now\.$/,
  );
  assert.deepEqual(conditionsOf({ ...waiting(2), unheld: null }), []);
});

test("the rules for Prometheus have the same thresholds", () => {
  const file = join(import.meta.dirname, "../../../docs/prometheus/alerts.yml");
  const Rule = z.looseObject({
    expr: z.string(),
    annotations: z.looseObject({ runbook: z.string() }).optional(),
  });
  const { groups } = z
    .looseObject({ groups: z.array(z.looseObject({ rules: z.array(Rule) })) })
    .parse(parse(readFileSync(file, "utf8")));
  for (const [name, threshold] of Object.entries(THRESHOLDS)) {
    const rule = groups
      .flatMap(({ rules }) => rules)
      .find(({ annotations }) => annotations?.runbook === `docs/runbooks/${name}.md`);
    assert.match(rule?.expr ?? "", new RegExp(`> ${threshold}(?: |$)`), name);
  }
});

test("what lasts is told once, a moment's trouble never, and its end once", () => {
  const wrong = conditionsOf(unreadFor(6 * MINUTE));
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

test("a connection that is lost for five minutes and a sign-in that is refused are wrong, each with its reason", () => {
  const clock = { at: NOW };
  const board = connectionBoard({ now: () => clock.at });
  board.of("mail a@shop.example", "email").up();
  board.of("Slack's socket", "slack").down("no route to it");
  const found = (minutes: number, state: string): readonly string[] =>
    lostConnections(
      { board, credentialStates: () => ({ "Zendesk's reader": state }) },
      new Date(NOW.getTime() + minutes * MINUTE),
    ).map(({ name, sentence }) => `${name}: ${sentence}`);
  assert.deepEqual(found(5, "ok"), []);
  assert.deepEqual(found(6, "sign in again"), [
    "channel-silent: Slack's socket hears nothing for 6 min: no route to it.",
    "credential-broken: Zendesk's reader cannot sign in: sign in again.",
  ]);
});

test("what refuses is told by its sentence without the code, with its runbook, and a long queue with its length", () => {
  const refusals = {
    database: "store.unavailable: the database is read-only. Let it take writes again.",
    queue: null,
    clock: "the clock of a host is 60 min ahead of the database's.",
  };
  assert.deepEqual(refusing(refusals, LONG_QUEUE_WAKES), [
    {
      name: "database-refuses",
      sentence: "the database is read-only. Let it take writes again.",
    },
    { name: "clock-off", sentence: "the clock of a host is 60 min ahead of the database's." },
  ]);
  assert.deepEqual(refusing({}, null), []);
  assert.deepEqual(refusing({}, LONG_QUEUE_WAKES + 1), [
    { name: "queue-long", sentence: "100001 wakes wait in the queue." },
  ]);
  const rules = readFileSync(
    join(import.meta.dirname, "../../../docs/prometheus/alerts.yml"),
    "utf8",
  );
  assert.match(rules, new RegExp(`deskhand_queue_jobs\\) > ${LONG_QUEUE_WAKES}\\b`));
  for (const need of ["database", "queue", "blobs", "clock", "log"])
    assert.match(rules, new RegExp(`deskhand_need_away\\{need="${need}"\\}`), need);
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
