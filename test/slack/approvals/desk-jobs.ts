/** The real jobs over a real store, with the team in a real local-slack: for what only the two together can show. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { slack, type SlackOptions } from "#slack/index.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { buttonsOf, shownText, type SlackMessage } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { faultySlackProxy, optionsFor, type Fault } from "#test/slack/bench.ts";
import { CHANNELS, startTestSlack, type TestSlack } from "#test/slack/local-slack.ts";

export interface SlackSide {
  readonly server: TestSlack;
  /** Takes a message away, as a person with the right does. This Slack tells an app nothing of its own messages. */
  remove(channel: string, ts: string): Promise<void>;
  /** Lets calls to Slack go wrong, until the next test. */
  breakCalls(fault: Fault): void;
  /** Sits down anew, as a process with these options would. */
  restart(options: Partial<SlackOptions>): Promise<void>;
  /** The cards of a channel, oldest first. */
  cards(channel?: string): Promise<readonly SlackMessage[]>;
  /** Those with a button that decides. */
  live(channel?: string): Promise<readonly SlackMessage[]>;
  /** What a person alone was told, newest last. */
  whispers(): Promise<readonly string[]>;
  /** Presses a button of the newest card that has it, and waits until it was worked on. */
  click(user: string, button: string): Promise<void>;
}

/** Runs tests on a desk where nothing has happened yet, in front of an empty Slack. */
export function onSlackDesk(name: string, body: (bench: JobBench, side: SlackSide) => void): void {
  onDesk(name, (bench) => {
    const held: { server?: TestSlack; desk?: ApprovalDesk } = {};
    const state: { fault: Fault; decided: number } = { fault: () => null, decided: 0 };
    const server = (): TestSlack => {
      assert.ok(held.server);
      return held.server;
    };
    let proxy: Awaited<ReturnType<typeof faultySlackProxy>>;
    const sit = async (options: Partial<SlackOptions>): Promise<void> => {
      await held.desk?.stop();
      held.desk = slack(optionsFor(proxy.apiUrl, options)).desk;
      bench.connectDesk(held.desk);
      const handler = deskHandler(bench.parts);
      await held.desk.start({
        ...handler,
        decide: (decision) => handler.decide(decision).finally(() => (state.decided += 1)),
      });
    };
    before(async () => {
      held.server = await startTestSlack();
      proxy = await faultySlackProxy(held.server.url, (method) => state.fault(method));
    });
    beforeEach(async () => {
      state.fault = () => null;
      await server().people.reset();
      await sit({});
    });
    afterEach(async () => {
      await held.desk?.stop();
      delete held.desk;
    });
    after(async () => {
      await proxy.close();
      await held.server?.close();
    });
    const cards = async (channel: string = CHANNELS.approvals) =>
      (await server().people.messages(channel)).filter(({ subtype }) => subtype !== "ephemeral");
    const live = async (channel?: string) =>
      (await cards(channel)).filter((message) => buttonsOf(message).some(decides));
    body(bench, {
      get server() {
        return server();
      },
      breakCalls: (fault) => void (state.fault = fault),
      restart: sit,
      async remove(channel, ts) {
        await server().call("chat.delete", { channel, ts });
        await deskHandler(bench.parts).cardGone(`${channel}:${ts}`);
      },
      cards,
      live,
      whispers: async () =>
        (await server().people.messages(CHANNELS.approvals))
          .filter(({ subtype }) => subtype === "ephemeral")
          .map(shownText),
      async click(user, button) {
        const message = (await live()).findLast((one) =>
          buttonsOf(one).some(({ action_id }) => action_id === button),
        );
        assert.ok(message, `no card has ${button}`);
        const before = state.decided;
        await server().people.click(user, CHANNELS.approvals, message.ts, button);
        await until("the click is worked on", async () => state.decided > before);
      },
    });
  });
}

function decides({ action_id = "" }: { readonly action_id?: string | undefined }): boolean {
  return action_id.startsWith("desk:") && action_id !== "desk:undo" && action_id !== "desk:why";
}
