/** A teammate, Sam, who approves every card, now and then with a double click. */
import { setTimeout as delay } from "node:timers/promises";

import type { FakeSlack } from "#test/faults/vendors/slack.ts";
import { buttonsOf, slackPeople } from "#test/support/slack.ts";
import { chance } from "./plan.ts";

const LOOK_EVERY_MS = 500;
/** A click that led to nothing is made again after this, as people do. */
const AGAIN_AFTER_MS = 4_000;
const DOUBLE = 0.2;

export interface Teammate {
  readonly clicks: () => number;
  stop(): Promise<void>;
}

/** Looks at the approvals channel again and again, and presses Approve wherever there is one. */
export async function startTeammate(slack: FakeSlack, seed: number): Promise<Teammate> {
  const people = await slackPeople(slack.url);
  const state = { stopped: false, clicks: 0 };
  const clicked = new Map<string, number>();

  const press = async (ts: string, action: string): Promise<void> => {
    clicked.set(ts, Date.now());
    const times = chance(seed, "click", clicked.size) < DOUBLE ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      state.clicks += 1;
      await people.click(slack.sam, slack.approvalsChannel, ts, action);
    }
  };
  const round = async (): Promise<void> => {
    for (const message of await people.messages(slack.approvalsChannel)) {
      const approve = buttonsOf(message).find(({ action_id }) => action_id?.includes("approve"));
      const last = clicked.get(message.ts) ?? 0;
      if (approve?.action_id !== undefined && Date.now() - last > AGAIN_AFTER_MS)
        // The card may have changed before the click.
        await press(message.ts, approve.action_id).catch(() => undefined);
    }
  };
  const loop = async (): Promise<void> => {
    while (!state.stopped) {
      await delay(LOOK_EVERY_MS);
      // Slack did not answer; the next round looks again.
      await round().catch(() => undefined);
    }
  };
  const running = loop();
  return {
    clicks: () => state.clicks,
    async stop() {
      state.stopped = true;
      await running;
      people.close();
    },
  };
}
