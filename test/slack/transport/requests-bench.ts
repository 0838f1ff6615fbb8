import { createRejections, inboundRoutes } from "#server/http/webhook-routes.ts";
import { createApp, listen } from "#server/http/app.ts";
import { slack, type SlackOptions } from "#slack/index.ts";
import type { InboundHandler } from "#core/contracts/channel.ts";
import { CREDENTIALS } from "#sandbox/slack/index.ts";
import { optionsFor, recordingLog } from "#test/slack/bench.ts";
import { startTestSlack, type TestSlack } from "#test/slack/local-slack.ts";

const clock = { now: () => new Date() };

/** One process that Slack sends requests to: the real Express app, routes and adapter. */
export interface Requested {
  readonly url: string;
  readonly sides: ReturnType<typeof slack>;
  readonly log: string[];
  close(): Promise<void>;
}

/** Serves the routes of the adapter that `make` gives, once it is known where requests have to go. */
async function served(handler: () => InboundHandler) {
  const { log, messages } = recordingLog();
  const rejections = createRejections(log);
  const behind: InboundHandler = { receive: (delivery) => handler().receive(delivery) };
  const addresses = ["events", "interactions", "commands"];
  const routes = inboundRoutes(behind, { name: "slack", addresses, clock, rejections });
  const app = createApp({ log, frames: [], mounted: [["/slack", routes]] });
  return { log, messages, ...(await listen(app, { host: "127.0.0.1", port: 0 })) };
}

/** Adapter and routes for a Slack at this address; without one no call may reach a Slack. */
function requestedFrom(
  apiUrl: string,
  log: ReturnType<typeof recordingLog>["log"],
  secrets: readonly string[],
  change: Partial<SlackOptions> = {},
) {
  const { appToken: _token, ...common } = {
    appToken: "",
    ...optionsFor(apiUrl, { log, ...change }),
  };
  return slack({ ...common, signingSecrets: secrets });
}

/** Another process of the same Deskhand, beside the one Slack knows. */
export async function anotherProcess(
  apiUrl: string,
  secrets: readonly string[] = [CREDENTIALS.signingSecret],
  change: Partial<SlackOptions> = {},
): Promise<Requested> {
  const made: { sides: ReturnType<typeof slack> | null } = { sides: null };
  const web = await served(() => handlerOf(made.sides));
  const sides = requestedFrom(apiUrl, web.log, secrets, change);
  made.sides = sides;
  return { url: web.url, sides, log: web.messages, close: () => web.close() };
}

/** A Slack that sends signed requests, and the process it sends them to. */
export async function slackByRequest(): Promise<Requested & { readonly server: TestSlack }> {
  const made: { sides: ReturnType<typeof slack> | null } = { sides: null };
  const web = await served(() => handlerOf(made.sides));
  const server = await startTestSlack(`${web.url}/slack/events`);
  const sides = requestedFrom(server.apiUrl, web.log, [CREDENTIALS.signingSecret]);
  made.sides = sides;
  return {
    url: web.url,
    sides,
    server,
    log: web.messages,
    async close() {
      await Promise.all([sides.channel.stop(), sides.desk.stop()]);
      await server.close();
      await web.close();
    },
  };
}

function handlerOf(sides: ReturnType<typeof slack> | null): InboundHandler {
  const handler = sides?.inbound;
  if (handler == null) throw new Error("there is no handler yet");
  return handler;
}
