/** What the team is told about the installation, by its figures and by what a process sees. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import {
  changesIn,
  type ConditionName,
  currentConditions,
  isToldBy,
  refusing,
  tellTeam,
  THRESHOLDS,
  watchProcess,
} from "#jobs/operating/watch-process.ts";
import { followFigures, type SeenFigures } from "#jobs/operating/follow-figures.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { connectionBoard, NEED_NAMES, type NeedName } from "#core/connection/connection-board.ts";
import { noteBackup } from "#store/reports/operating-figures.ts";
import { measuredProcess, type MetricSources } from "#app/metrics/measured-process.ts";
import { type Need, processReadiness } from "#server/http/health.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { DATABASES } from "#test/support/deskhand.ts";
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
  assert.deepEqual(namesIn({ ...seenWith(1), paused: true }), namesIn(seenWith(1)), "in a pause");
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

  test("name nothing as due that a pause holds", async () => {
    const id = await bench.write("Where is my order 4711, dear people of the shop?");
    await bench.pause("email");
    await bench.press("approve", id);
    await bench.pass(HOUR);
    const seen = await followFigures(bench.parts, null).read(true);
    assert.equal(seen.figures.intended.count, 1);
    assert.deepEqual(currentConditions(seen), []);
  });
});

test("what a process needs and has not is told with its runbook: what all share by those that connect, its own by each", async () => {
  const reason = (words: string) => ({ reason: words });
  const needs: Partial<Record<NeedName, { readonly reason: string }>> = {
    database: reason("store.unavailable: the disk of the database is full"),
    queue: reason("queue.unavailable: Redis refuses"),
    model: reason("the key is refused"),
    reconciler: reason("stands still for 60 s"),
    clock: reason("90 seconds behind the database"),
  };
  const asked: NeedName[] = [];
  const looks = NEED_NAMES.map((name): Need => ({
    name,
    required: true,
    ask: async () => {
      asked.push(name);
      return needs[name] ?? {};
    },
  }));
  const readiness = processReadiness(looks, { now: () => NOW });
  const told = async (connects: boolean) => {
    const seen = await readiness.look((name) => isToldBy(name, connects));
    return refusing(seen.needs, null).map(({ name, sentence }) => [name, sentence]);
  };
  assert.deepEqual(await told(false), [["clock-off", "90 seconds behind the database"]]);
  assert.deepEqual(asked, ["clock", "log"], "what others tell of is not looked at");
  assert.deepEqual(await told(true), [
    ["database-refuses", "the disk of the database is full"],
    ["queue-refuses", "Redis refuses"],
    ["clock-off", "90 seconds behind the database"],
  ]);
  assert.deepEqual(refusing({ clock: { reason: null } }, 100_001), [
    { name: "queue-long", sentence: "100001 wakes wait in the queue." },
  ]);
});

const HOUR = 60 * MINUTE;

function sourcesOf(bench: JobBench, figures: MetricSources["figures"]): MetricSources {
  const board = connectionBoard(bench.parts.clock);
  board.of("mail support@ourshop.test", "email").down("the login was refused");
  return {
    parts: {
      breakerStates: () => ({ shop: "open", "system crm.ourshop.test": "half-open" }),
      credentialStates: () => ({ "mail support@ourshop.test": "sign in again" }),
    },
    board,
    queue: { depth: async () => 2 },
    modelEnds: { seen: () => [] },
    rejections: {
      counts: () => ({ zendesk: { "wrong signature": 3, "too old": 1 } }),
      repeats: () => ({ zendesk: 7 }),
    },
    readiness: processReadiness(
      [
        { name: "database", required: true, ask: async () => ({ reason: "it is read-only" }) },
        { name: "clock", required: false, ask: async () => ({}) },
      ],
      bench.parts.clock,
    ),
    figures,
  };
}

function ours(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.startsWith("deskhand_"));
}

onDesk(
  "the figures of an installation",
  (bench) => {
    test("count messages once when their moment is past, and what waits with its age", async () => {
      const follower = followFigures(bench.parts, null);
      await follower.read(false);
      const id = await bench.write("Where is my order 4711, dear people of the shop?");
      await bench.at(noteBackup, new Date(bench.now().getTime() - HOUR));
      assert.equal((await follower.read(false)).received.size, 0, "the commit may still be open");
      bench.skip(5 * HOUR);
      const seen = await follower.read(true);
      assert.deepEqual([...seen.received], [["email", 1]]);
      assert.deepEqual([...(await follower.read(true)).received], [["email", 1]], "counted once");
      const { cards, backupAt } = seen.figures;
      assert.equal(cards.under_24h, 1);
      assert.deepEqual(backupAt, new Date(bench.now().getTime() - 6 * HOUR));
      await bench.press("approve", id);
      await bench.pass(MINUTE);
      bench.skip(MINUTE);
      assert.deepEqual([...(await follower.read(true)).ended], [["email answered", 1]]);
    });

    test("reach Prometheus without a word, an address or an id of the customer", async () => {
      const metrics = measuredProcess();
      const follower = followFigures(bench.parts, null);
      await follower.read(false);
      const words = "Zanzibar wants the turquoise teapot at ann@customer.test, order 471100815";
      const id = await bench.write(words);
      await metrics
        .desk({
          decide: async () => ({ accepted: true, message: "done", fieldErrors: {} }),
          editForm: async () => ({ accepted: false, message: "", fieldErrors: {} }),
          check: async () => ({ accepted: true, message: "", fieldErrors: {} }),
          explain: async () => null,
          command: async () => ({ title: "", sections: [] }),
          cardGone: async () => undefined,
          overview: async () => null,
        })
        .decide({
          decisionId: "click",
          approvalId: id,
          version: 1,
          button: "approve",
          teammate: { id: "sam", name: "Sam", email: "sam@ourshop.test", eligible: true },
          reason: words,
          edit: null,
        });
      await metrics.wake("reconciler", async () => "idle");
      bench.skip(HOUR);
      await follower.read(false);
      const text = await metrics.text(sourcesOf(bench, () => follower.seen()));
      const said = ours(text);
      for (const line of [
        'deskhand_messages_received_total{channel="email"} 1',
        'deskhand_cards_open{age="under_4h"} 1',
        'deskhand_wakes_total{notified_by="reconciler",found="idle"} 1',
        "deskhand_oldest_card_seconds 3600",
        "deskhand_leader 1",
        "deskhand_queue_jobs 2",
        'deskhand_webhook_refusals_total{channel="zendesk"} 4',
        'deskhand_breaker_open{provider="shop"} 1',
        'deskhand_breaker_open{provider="system"} 1',
        "deskhand_credentials_broken 1",
        'deskhand_connections{channel="email",state="down"} 1',
        'deskhand_desk_decisions_total{button="approve",accepted="yes"} 1',
        "deskhand_wake_duration_seconds_count 1",
      ])
        assert.ok(said.includes(line), `${line} is missing in\n${said.join("\n")}`);
      for (const word of [
        ...words.split(/[ ,]+/).filter((one) => one.length > 5),
        id,
        "sam",
        "test",
      ])
        assert.ok(!text.includes(word), `the metrics hold ${word}`);
      const again = ours(await metrics.text(sourcesOf(bench, () => follower.seen())));
      assert.ok(again.includes('deskhand_webhook_refusals_total{channel="zendesk"} 4'));
    });
  },
  DATABASES,
);

test("an end that an earlier version told under its own name is not told as over, nor one of two again when the other is done", () => {
  const since = "2026-11-20T10:00:00.000Z";
  const later = new Date("2026-11-20T11:00:00.000Z");
  const one = { name: "model-end", sentence: "b ends.", stage: "b 60" };
  assert.deepEqual(changesIn({ "model-end-60": { since, told: true } }, [], later).tellings, []);
  const both = { "model-end": { since, told: true, stage: "a 14,b 60" } };
  assert.deepEqual(changesIn(both, [one], later).tellings, []);
  const [again] = changesIn(both, [{ ...one, stage: "b 14" }], later).tellings;
  assert.match(again?.text ?? "", /^b ends\./);
});

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
