/** Two teammates in Slack before a whole desk: real jobs and rows behind real cards, forms and whispers. */
import assert from "node:assert/strict";
import { after, before, beforeEach, type TestContext } from "node:test";
import { slack } from "#slack/index.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { buttonsOf, shownText, type SlackMessage } from "#test/support/slack.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";
import { eventually, optionsFor } from "#test/slack/bench.ts";
import { CHANNELS, startTestSlack, USERS, type TestSlack } from "#test/slack/local-slack.ts";

type Who = keyof typeof USERS;

/** What people do and see there. */
export interface Team {
  readonly server: () => TestSlack;
  /** The newest card as it is now. */
  card(): Promise<SlackMessage>;
  /** Waits until the newest card fits. */
  shows(context: TestContext, pattern: RegExp): Promise<SlackMessage>;
  /** Presses a button of the newest card. */
  press(who: Who, button: string): Promise<void>;
  /** Opens the form behind a button, and waits until it can be filled in. */
  open(context: TestContext, who: Who, button: string): Promise<void>;
  /** Waits until the form on screen says this. */
  told(context: TestContext, pattern: RegExp): Promise<void>;
  /** Waits until a person is told this for their eyes only. */
  whispered(context: TestContext, pattern: RegExp): Promise<void>;
}

/** Puts the desk of a bench into a Slack, anew for each test. */
export function inSlack(bench: JobBench): Team {
  const state: { server?: TestSlack } = {};
  const server = (): TestSlack => {
    assert.ok(state.server, "Slack is not open yet");
    return state.server;
  };
  before(async () => {
    state.server = await startTestSlack();
  });
  after(() => server().close());
  beforeEach(async (context) => {
    assert.ok("after" in context);
    await server().people.reset();
    const { desk } = slack(optionsFor(server().apiUrl));
    bench.connectDesk(desk);
    await desk.start(deskHandler(bench.parts));
    context.after(() => desk.stop());
  });

  const posts = () => server().people.messages(CHANNELS.approvals);
  const card = async (): Promise<SlackMessage> => {
    const newest = (await posts()).findLast(({ subtype }) => subtype !== "ephemeral");
    assert.ok(newest, "there is no card");
    return newest;
  };
  const press = async (who: Who, button: string): Promise<void> =>
    server().people.click(USERS[who], CHANNELS.approvals, (await card()).ts, `desk:${button}`);
  return {
    server,
    card,
    press,
    async shows(context, pattern) {
      await eventually(context, async () => assert.match(shownText(await card()), pattern));
      return card();
    },
    async open(context, who, button) {
      const shown = server().people.view()?.id;
      await press(who, button);
      await eventually(context, () => {
        assert.equal(server().people.view()?.callback_id, `desk:${button}`);
        assert.notEqual(server().people.view()?.id, shown);
      });
    },
    told: (context, pattern) =>
      eventually(context, () => assert.match(JSON.stringify(server().people.view()), pattern)),
    whispered: (context, pattern) =>
      eventually(context, async () => {
        const whispers = (await posts()).filter(({ subtype }) => subtype === "ephemeral");
        assert.match(whispers.map(shownText).join("\n"), pattern);
      }),
  };
}

/** The values of a card's buttons by what they are for. */
export function valuesOn(card: SlackMessage): ReadonlyMap<string, string> {
  return new Map(
    buttonsOf(card).map(({ action_id: id = "", value = "" }) => [id.replace("desk:", ""), value]),
  );
}
