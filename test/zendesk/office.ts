/**
 * The real jobs behind the real Zendesk channel on a sandbox of its own: what its webhook sends is taken in and worked
 * on, and a test looks at what is stored in the sandbox and at the calls that led there.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, afterEach } from "node:test";
import { z } from "zod";
import { SUBSCRIPTIONS } from "#zendesk/setup/account.ts";
import { zendesk } from "#zendesk/index.ts";
import type { Channel } from "#core/contracts/channel.ts";
import { intake } from "#jobs/intake.ts";
import { type SandboxZendesk, startSandboxZendesk } from "#sandbox/zendesk/index.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { optionsOn, quickExports } from "./bench.ts";
import { type Call, openHook, openRecorder } from "./servers.ts";
import { type Desk, deskOf } from "./read/people.ts";
import { openedBy } from "#test/support/opened.ts";
import { until } from "#test/support/waiting.ts";

const Faults = z.object({ faults: z.array(z.unknown()) });

type ZendeskOptions = Parameters<typeof zendesk>[0];

/** One test's office. All of it goes by the desk's clock, which only the test moves. */
export interface Office extends Desk {
  readonly desk: JobBench;
  readonly sandbox: SandboxZendesk;
  readonly channel: Channel;
  /** Puts a channel with other options in the place of the first, as a restart with another configuration would. */
  reopen(options: Partial<ZendeskOptions>): Channel;
  /** The calls our own identities made so far, oldest first. */
  calls(): readonly Call[];
  /** How many of them were writes. */
  writes(): readonly Call[];
  /** Takes in what the webhook brings and works on it, until nothing more comes; the clock moves on by some seconds. */
  settle(): Promise<void>;
  /** The same, while `change` happens after our next write has left and before Zendesk carries it out. */
  settleWhile(change: () => Promise<unknown>): Promise<void>;
  /** The id of the conversation a ticket became. */
  conversationOf(ticketId: number): Promise<string>;
  /** A mail of Ann's with a draft in these words that waits on a card. */
  drafted(words?: string): Promise<{ readonly ticketId: number; readonly id: string }>;
}

/** Runs tests in an office; each has a sandbox, a channel and a desk of its own. */
export function inOffice(
  name: string,
  body: (office: Office) => void,
  options: Partial<ZendeskOptions> = {},
): void {
  onDesk(name, (desk) => {
    const now: { opened?: Awaited<ReturnType<typeof open>> } = {};
    beforeEach(async () => {
      now.opened = await open(desk, options);
    });
    afterEach(async () => {
      await now.opened?.close();
    });
    body(openedBy(() => now.opened?.office));
  });
}

async function open(
  desk: JobBench,
  options: Partial<ZendeskOptions>,
): Promise<{ readonly office: Office; readonly close: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "deskhand-office-"));
  const sandbox = await startSandboxZendesk({
    directory,
    now: () => desk.now(),
    webhookRetryMs: 5,
  });
  const recorder = await openRecorder(sandbox.url);
  const hook = await openHook();
  sandbox.setWebhook(hook.url, SUBSCRIPTIONS);
  const people = deskOf(sandbox);
  await people.control("PUT", "settings", { contentUrl: recorder.url });
  const own = { ...optionsOn(sandbox), url: recorder.url, clock: { now: () => desk.now() } };
  const make = (changed: Partial<ZendeskOptions>): Channel => {
    // A restart has limits of its own, and what was stored.
    const channel = zendesk({ ...own, allowances: quickExports(), ...options, ...changed });
    desk.connect(channel);
    return channel;
  };
  const state = { channel: make({}) };
  const settle = async (): Promise<void> => {
    for (let quiet = 0, round = 0; quiet < 2; round += 1) {
      assert.ok(round < 30, "the office does not come to rest");
      await sandbox.webhooksIdle();
      const deliveries = hook.deliveries.splice(0);
      for (const delivery of deliveries)
        await intake(desk.parts, state.channel, { ...delivery, receivedAt: desk.now() });
      // A turn on Zendesk waits for more words, and an approved reply for a change of mind.
      desk.skip(3_000);
      const before = recorder.calls.length;
      await desk.tick();
      quiet = deliveries.length === 0 && recorder.calls.length === before ? quiet + 1 : 0;
    }
  };
  const settleWhile = async (change: () => Promise<unknown>): Promise<void> => {
    await people.control("POST", "faults", { kind: "slow", ms: 900, method: "PUT" });
    const working = settle();
    await until("our write to be under way", async () => {
      const { faults } = Faults.parse(await people.control("GET", "faults"));
      return faults.length === 0;
    });
    await change();
    await working;
  };
  const conversationOf = async (ticketId: number): Promise<string> => {
    const id = await desk.conversationWith(`zendesk:ticket:${ticketId}`);
    assert.ok(id !== null, `ticket ${ticketId} became no conversation`);
    return id;
  };
  return {
    office: {
      ...people,
      desk,
      sandbox,
      get channel() {
        return state.channel;
      },
      reopen: (changed) => (state.channel = make(changed)),
      calls: () => recorder.calls,
      writes: () => recorder.calls.filter(({ method }) => method !== "GET"),
      settle,
      settleWhile,
      conversationOf,
      async drafted(words = "It is on its way.") {
        desk.answer(() => replying(words));
        const ticketId = await people.mail("ann@customer.test", "Where is my lamp?");
        await settle();
        return { ticketId, id: await conversationOf(ticketId) };
      },
    },
    async close() {
      await state.channel.stop();
      await sandbox.close();
      await recorder.close();
      await hook.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
