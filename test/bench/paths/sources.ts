/** The sources of questions that need little: the chat and the sandbox's Slack. */
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { askInChat } from "#test/bench/fleet/chat-load.ts";
import { until } from "#test/support/waiting.ts";
import { OPEN_SOURCE_MS, type Source } from "./path.ts";

/** The chat's own page, four customers at a time. */
export async function chatSource(): Promise<Source> {
  return {
    environment: {},
    connect: async () => undefined,
    ask: async (fleet, count) => void (await askInChat(fleet.web.url, { count, atOnce: 4 })),
    close: async () => undefined,
  };
}

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
      const answered = async (): Promise<number> => {
        const messages = await people.messages(CHANNELS.help);
        return messages.filter(
          ({ user, ts, thread_ts }) =>
            user !== USERS.ann && thread_ts !== undefined && thread_ts !== ts,
        ).length;
      };
      const before = await answered();
      for (let index = 0; index < count; index += 1)
        await people.post(USERS.ann, CHANNELS.help, "What is your refund policy?");
      await until(
        `${count} answers in Slack`,
        async () => (await answered()) >= before + count,
        OPEN_SOURCE_MS,
      );
    },
    close: async () => undefined,
  };
}
