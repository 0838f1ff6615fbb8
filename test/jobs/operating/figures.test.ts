/** What operators see of a conversation: figures of the installation, and not a word of the customer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionBoard } from "#core/connection/connection-board.ts";
import { followFigures } from "#jobs/operating/follow-figures.ts";
import { noteBackup } from "#store/reports/operating-figures.ts";
import { measuredProcess, type MetricSources } from "#app/metrics/measured-process.ts";
import { processReadiness } from "#server/http/readiness.ts";
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
  },
  DATABASES,
);
