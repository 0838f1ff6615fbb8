/** Slack as the vendor of a fleet: the local workspace, with a Web API that loses answers. */
import { z } from "zod";

import { startLocalSlack } from "#sandbox/slack/index.ts";
import { PASS, startProxy, type Fate, type ProxiedRequest, type Proxy } from "./proxy.ts";

export interface FakeSlack {
  /** The workspace's own address, with its control API: what the people in it see. */
  readonly url: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly counts: Proxy["counts"];
  readonly approvalsChannel: string;
  readonly alertsChannel: string;
  /** The member id of Sam, who may approve alone. */
  readonly sam: string;
  /** The texts of a channel, oldest first. */
  textsIn(channel: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

const Messages = z.object({ messages: z.array(z.object({ text: z.string().default("") })) });

/** Starts one in `directory`; throws with the reason where it cannot run. */
export async function startFakeSlack(options: {
  readonly directory: string;
  readonly fate?: (request: ProxiedRequest) => Fate;
}): Promise<FakeSlack> {
  const slack = await startLocalSlack({ directory: options.directory, log: () => undefined });
  if ("unavailable" in slack) throw new Error(`no Slack here: ${slack.unavailable}`);
  const proxy = await startProxy({ target: slack.url, fate: options.fate ?? (() => PASS) });
  return {
    url: slack.url,
    counts: proxy.counts,
    approvalsChannel: slack.approvalsChannel,
    alertsChannel: slack.alertsChannel,
    sam: slack.users.sam.id,
    environment: {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_APP_TOKEN: slack.appToken,
      SLACK_API_URL: `${proxy.url}/api/`,
      // More happens here in a minute than any team reads.
      SLACK_MESSAGES_PER_MINUTE: "4800",
      SLACK_APPROVALS_CHANNEL: slack.approvalsChannel,
      SLACK_ALERTS_CHANNEL: slack.alertsChannel,
      SLACK_HELP_CHANNELS: slack.helpChannel,
    },
    async textsIn(channel) {
      const response = await fetch(`${slack.url}/_control/messages/${channel}`);
      return Messages.parse(await response.json()).messages.map(({ text }) => text);
    },
    close: async () => {
      await proxy.close();
      await slack.close();
    },
  };
}
