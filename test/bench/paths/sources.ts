/** The sources of questions that need little: the chat and the sandbox's Slack. */
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { askInChat } from "#test/bench/fleet/chat-load.ts";
import { ANN_ALONE, inTurn } from "#test/bench/fleet/customers.ts";
import { inLanes } from "#test/support/program.ts";
import { until } from "#test/support/waiting.ts";
import { OPEN_SOURCE_MS, type Source } from "./path.ts";

const AT_ONCE = 4;

/** The chat's own page, four customers at a time. */
export async function chatSource(askers = ANN_ALONE): Promise<Source> {
  const next = inTurn(askers);
  return {
    environment: {},
    connect: async () => undefined,
    ask: async (fleet, count) =>
      void (await askInChat(fleet.web.url, { count, atOnce: AT_ONCE, next })),
    close: async () => undefined,
  };
}

/** What the help page says first. */
const ANSWER = "Our refund policy: you can ask for a refund within 30 days after delivery.";

/** Slack takes one message a second: more questions at once would measure how answers wait for it. */
const SLACK_AT_ONCE = 1;

/**
 * A help channel. The question is one about the shop's terms: what is known of one customer's order is not told where
 * others read along.
 */
export async function slackSource(): Promise<Source> {
  return {
    environment: { SLACK_HELP_CHANNELS: CHANNELS.help },
    connect: async () => undefined,
    async ask(fleet, count) {
      const { people } = fleet.shared.slack;
      const answers = async (): Promise<readonly string[]> =>
        (await people.messages(CHANNELS.help)).flatMap(({ user, ts, thread_ts, text }) =>
          user !== USERS.ann && thread_ts !== undefined && thread_ts !== ts ? [text ?? ""] : [],
        );
      await inLanes(Array(count).keys(), SLACK_AT_ONCE, async () => {
        const before = (await answers()).length;
        await people.post(USERS.ann, CHANNELS.help, "What is your refund policy?");
        const come = async (): Promise<boolean> => (await answers()).length > before;
        await until("an answer in Slack", come, OPEN_SOURCE_MS);
        // A hand-over opens a ticket, which is another path.
        const answer = (await answers()).at(-1) ?? "";
        if (!answer.startsWith(ANSWER)) throw new Error(`Slack was told: ${answer}`);
      });
    },
    close: async () => undefined,
  };
}
