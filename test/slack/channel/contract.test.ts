import { z } from "zod";
import { slack } from "#slack/index.ts";
import type { Delivery } from "#core/contracts/channel.ts";
import { describeChannel } from "#test/contract/channel.ts";
import { slackProxy, optionsFor } from "#test/slack/bench.ts";
import { BOT, CHANNELS, startTestSlack, USERS } from "#test/slack/local-slack.ts";
import { eventBody } from "#test/slack/transport/signed.ts";

/** A message as the event names its parts. */
interface Said {
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly thread_ts?: string;
  readonly bot_id?: string;
}

const delivered = (body: Uint8Array): Delivery => ({
  source: "socket",
  headers: {},
  body,
  receivedAt: new Date(),
});

/** An event as Slack announces a message of #help. */
function announced(message: Said): Delivery {
  const event = {
    type: "message",
    channel: CHANNELS.help,
    channel_type: "channel",
    event_ts: message.ts,
    ...message,
  };
  return delivered(new TextEncoder().encode(eventBody(event)));
}

const Words = z.object({ text: z.object({ text: z.string() }) });

describeChannel("slack", {
  async open() {
    const server = await startTestSlack();
    const proxy = await slackProxy(server.url);
    const { channel } = slack(optionsFor(proxy.apiUrl));
    const threads = new Map<string, string>();

    const say = async (thread: string, text: string): Promise<Said> => {
      const root = threads.get(thread);
      const ts = await server.people.post(USERS.ann, CHANNELS.help, text, root);
      if (root === undefined) threads.set(thread, ts);
      return {
        ts,
        user: USERS.ann,
        text,
        ...(root === undefined ? {} : { thread_ts: root }),
      };
    };

    return {
      channel,
      delivery: async ({ thread, text }) => announced(await say(thread, text)),
      ownDelivery: async () => {
        const { ts } = await say("own", "Are you there?");
        const text = "I am the bot.";
        const own = { ts: `${ts}1`, user: BOT, bot_id: "B0BOT", thread_ts: ts, text };
        return { delivery: announced(own), text };
      },
      sealed: delivered,
      write: async ({ thread, text }) => void (await say(thread, text)),
      async arrived() {
        const messages = await server.people.messages(CHANNELS.help);
        return messages
          .filter(({ user }) => user === BOT)
          .map(({ blocks }) =>
            (blocks ?? []).map((block) => Words.parse(block).text.text).join(""),
          );
      },
      calls: () => proxy.calls.length,
      async close() {
        await proxy.close();
        await server.close();
      },
    };
  },
});
