import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import * as sandbox from "#sandbox/slack/index.ts";
import { CREDENTIALS, IDS } from "#sandbox/slack/index.ts";
import { slackPeople, type SlackPeople } from "#test/support/slack.ts";

export const TEAM = IDS.team;
export const BOT = IDS.bot;
export const USERS = { sam: IDS.sam, lea: IDS.lea, ned: IDS.ned, ann: IDS.ann } as const;
export const CHANNELS = {
  approvals: IDS.approvals,
  alerts: IDS.alerts,
  help: IDS.help,
} as const;

const Log = z.object({ log: z.array(z.object({ kind: z.string(), summary: z.string() })) });
const Opened = z.object({ channel: z.object({ id: z.string() }) });

/** The sandbox's Slack with its people, and with what tests of an adapter need besides: its log, its going away. */
export interface TestSlack {
  readonly url: string;
  readonly apiUrl: string;
  /** Driven anew after a restart, so that it is asked for each time. */
  readonly people: SlackPeople;
  /** The direct message channel of a person with the bot. */
  direct(user: string): Promise<string>;
  /** Calls the Web API past the adapter. */
  call(method: string, parameters: Record<string, string>): Promise<unknown>;
  /** Everything that went to the bot and came from it; of the kind `socket` are its connections. */
  log(): Promise<z.infer<typeof Log>["log"]>;
  /** Ends the server; messages are gone, as after a crash of this one. */
  stop(): Promise<void>;
  /** Starts it again at the same address, empty. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the sandbox's Slack in a folder of its own. */
export async function startTestSlack(requestUrl?: string): Promise<TestSlack> {
  const directory = mkdtempSync(join(tmpdir(), "deskhand-slack-"));
  const launch = async (): Promise<sandbox.LocalSlack> => {
    const started = await sandbox.startLocalSlack({
      directory,
      log: () => {},
      ...(requestUrl === undefined ? {} : { requestUrl }),
    });
    assert.ok("url" in started, "unavailable" in started ? started.unavailable : "");
    return started;
  };
  let server = await launch();
  let people = await slackPeople(server.url);
  const { url, apiUrl } = server;
  const stop = async (): Promise<void> => {
    people.close();
    await server.close();
  };

  const call: TestSlack["call"] = async (method, parameters) => {
    const response = await fetch(`${apiUrl}${method}`, {
      method: "POST",
      headers: { authorization: `Bearer ${CREDENTIALS.botToken}` },
      body: new URLSearchParams(parameters),
    });
    return response.json();
  };

  return {
    url,
    apiUrl,
    get people() {
      return people;
    },
    direct: async (user) =>
      Opened.parse(await call("conversations.open", { users: user })).channel.id,
    call,
    async log() {
      const response = await fetch(`${url}/_control/log`);
      return Log.parse(await response.json()).log;
    },
    stop,
    async start() {
      server = await launch();
      people = await slackPeople(url);
      assert.equal(server.url, url);
    },
    async close() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
