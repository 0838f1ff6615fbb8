/** What operators see of a conversation: figures of the installation, and not a word of the customer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { connectionBoard } from "#core/connection/connection-board.ts";
import { followFigures } from "#jobs/operating/follow-figures.ts";
import { readOperatingFigures, noteBackup } from "#store/reports/operating-figures.ts";
import { measuredProcess, type MetricSources } from "#app/metrics/measured-process.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { readinessOf } from "#server/http/readiness.ts";
import { onDesk } from "#test/jobs/bench.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { DATABASES } from "#test/support/deskhand.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function sourcesOf(bench: JobBench, figures: MetricSources["figures"]): MetricSources {
  const board = connectionBoard(bench.parts.clock);
  board.of("mail support@ourshop.test", "email").down("the login was refused");
  return {
    role: "worker",
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
    readiness: readinessOf(
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
      await bench.parts.store.run((transaction) =>
        noteBackup(transaction, new Date(bench.now().getTime() - HOUR)),
      );
      assert.equal((await follower.read(false)).received.size, 0, "the commit may still be open");
      bench.skip(5 * HOUR);
      const seen = await follower.read(true);
      assert.deepEqual([...seen.received], [["email", 1]]);
      assert.deepEqual([...(await follower.read(true)).received], [["email", 1]], "counted once");
      const { cards, backupAt } = seen.figures;
      assert.equal(cards.under_24h, 1);
      assert.deepEqual(backupAt, new Date(bench.now().getTime() - 6 * HOUR));
      await bench.press("approve", id);
      bench.skip(MINUTE);
      await bench.tick();
      bench.skip(MINUTE);
      assert.deepEqual([...(await follower.read(true)).ended], [["email answered", 1]]);
    });

    test("are of one moment: what is stuck, lost and not sealed", async () => {
      const id = await bench.write("Hello?");
      await bench.parts.store.run(async (transaction) => {
        await transaction.execute(sql`insert into effect (key, conversation_id, bundle, position, target, operation, action, request_digest,
            facts, approved_by, state, not_before, created_at, finished_at)
          select 'made:' || state, ${id}, 'b', 0, 'shop', 'refund', null, '', '{"v":1,"data":[]}', 'policy', state,
            ${bench.now()}, ${new Date(bench.now().getTime() - HOUR)}, case when state = 'unknown' then ${bench.now()}::timestamptz end
          from unnest(array['executing', 'unknown']) state`);
      });
      const now = new Date(bench.now().getTime() + 1);
      const figures = await readOperatingFigures(bench.parts.store, { now, from: now, to: now });
      assert.equal(figures.executing.count, 1);
      assert.deepEqual(figures.executing.oldest, new Date(bench.now().getTime() - HOUR));
      assert.equal(figures.unknown, 1);
      const later = new Date(now.getTime() + 25 * HOUR);
      const next = await readOperatingFigures(bench.parts.store, {
        now: later,
        from: now,
        to: now,
      });
      assert.equal(next.unknown, 0, "a day later it is known to be unknown");
    });

    test("tell what is due and does not move, and nothing that waits for a time or for something else", async () => {
      const due = async () => {
        const now = bench.now();
        return (await readOperatingFigures(bench.parts.store, { now, from: now, to: now })).due;
      };
      bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
      const id = await bench.write("Hello?");
      await bench.settled();
      await showCards(bench.parts);
      assert.deepEqual(await due(), { count: 0, oldest: null });
      const change = (changes: string) =>
        bench.parts.store.run((transaction) => transaction.execute(sql.raw(changes)));
      await change(`update approval set desk_ref = null, card_stale = true`);
      const since = bench.now();
      await change(`update approval set post_after = '${since.toISOString()}'`);
      bench.skip(40_000);
      assert.deepEqual(await due(), { count: 1, oldest: since });
      const later = new Date(bench.now().getTime() + MINUTE).toISOString();
      await change(`update approval set post_after = '${later}', post_attempts = 4`);
      assert.equal((await due()).count, 0, "it is tried again at its time");
      await change(`update approval set post_attempts = 5`);
      assert.equal((await due()).count, 1, "it is tried again and again");
      await change(`delete from approval`);
      await change(`insert into effect (key, conversation_id, bundle, position, target, operation, action, request_digest,
            facts, approved_by, state, not_before, created_at, held_at)
          select 'due:' || of.name, '${id}', of.bundle, of.position, 'shop', 'refund', null, '', '{"v":1,"data":[]}', 'policy', 'intended',
            of.at::timestamptz, '${since.toISOString()}', of.held::timestamptz
          from (values ('first', 'b1', 0, '${since.toISOString()}', null), ('second', 'b1', 1, '${since.toISOString()}', null),
            ('later', 'b2', 0, '${later}', null), ('held', 'b3', 0, '${since.toISOString()}', '${since.toISOString()}'))
            as of (name, bundle, position, at, held)`);
      assert.deepEqual(await due(), { count: 1, oldest: since });
    });

    test("tell for how long no process has read what is read in turn, and nothing where one process is alone", async () => {
      const duties = [
        { kind: "inbox", name: "never@ourshop.test" },
        { kind: "socket", name: "slack" },
      ] as const;
      const follower = followFigures(bench.parts, duties);
      const shown = async (one: typeof follower): Promise<readonly string[]> => {
        await one.read(false);
        const text = await measuredProcess().text(sourcesOf(bench, () => one.seen()));
        return ours(text).filter((line) => line.startsWith("deskhand_oldest_free_duty_seconds"));
      };
      const seconds = async (): Promise<number> =>
        Number((await shown(follower))[0]?.split(" ")[1]);
      const move = (name: string, by: string) =>
        bench.parts.store.run((transaction) =>
          transaction.execute(
            sql`update duty set until = now() + ${by}::interval where name = ${name}`,
          ),
        );
      assert.equal(await seconds(), 0, "at the first look they begin to wait");
      await move("inbox:never@ourshop.test", "-300 seconds");
      await move("socket:slack", "-100 seconds");
      assert.ok((await seconds()) >= 300);
      const waiting = (follower.seen()?.unheld ?? []).map(({ name }) => name);
      assert.deepEqual(waiting, ["inbox:never@ourshop.test", "socket:slack"]);
      await move("inbox:never@ourshop.test", "60 seconds");
      const left = await seconds();
      assert.ok(left >= 100 && left < 300, String(left));
      await move("socket:slack", "60 seconds");
      assert.equal(await seconds(), 0);
      assert.deepEqual(await shown(followFigures(bench.parts, null)), []);
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
      await metrics.wake(async () => undefined);
      bench.skip(HOUR);
      await follower.read(false);
      const text = await metrics.text(sourcesOf(bench, () => follower.seen()));
      const said = ours(text);
      for (const line of [
        'deskhand_messages_received_total{channel="email"} 1',
        'deskhand_cards_open{age="under_4h"} 1',
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

    test("are offered by the process that leads, and by no other", async () => {
      const metrics = measuredProcess();
      const said = ours(await metrics.text(sourcesOf(bench, () => null)));
      assert.ok(said.includes("deskhand_leader 0"));
      assert.deepEqual(
        said.filter((line) => /oldest|effects|cards|queue|dead_letters|messages/.test(line)),
        [],
      );
    });
  },
  DATABASES,
);
