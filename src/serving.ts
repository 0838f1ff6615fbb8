import { Router } from "express";
import type { DeskHandler } from "#core/desk.ts";
import type { Log } from "#core/ports.ts";
import type { WakeQueue } from "#jobs/queue.ts";
import { following } from "#policy/live.ts";
import { TEAM } from "#sandbox/world.ts";
import { createApp, listen } from "#server/app.ts";
import { chatRoutes } from "#server/chat-route.ts";
import { healthRoutes } from "#server/health.ts";
import { pageRoutes } from "#server/pages.ts";
import { webhookRoutes } from "#server/webhooks.ts";
import type { Store } from "#store/driver.ts";
import { isRealSetup, type Config } from "./config.ts";
import type { Endpoints } from "./endpoints.ts";
import type { Wired } from "./wiring.ts";

/** Everything Deskhand answers over HTTP: webhooks, the chat, health and the pages, in one application. */
export async function serve(
  { config, log }: { readonly config: Config; readonly log: Log },
  given: {
    readonly parts: Wired;
    readonly handler: DeskHandler;
    readonly store: Store;
    readonly queue: WakeQueue;
    readonly identitySecret: string;
  },
) {
  const { parts, handler, store, queue, identitySecret } = given;
  const shown: { endpoints: Endpoints | null } = { endpoints: null };
  const pages = pageRoutes({
    parts,
    handler,
    identitySecret,
    endpoints: () => shown.endpoints,
    sandboxTeammates: isSandbox(config) ? [TEAM.sam, TEAM.lea] : [],
  });
  const app = createApp({
    log,
    frames: ["http://127.0.0.1:*", "http://localhost:*"],
    mounted: [
      ["/webhooks", webhookRoutes(parts)],
      ["/support/chat", liveChatRoutes(parts, identitySecret)],
      [
        "/health",
        healthRoutes(
          {
            database: () => store.run(async () => undefined),
            queue: () => queue.ping(),
          },
          () => parts.breakerStates(),
        ),
      ],
      ["/", pages],
    ],
  });
  const { DESKHAND_HOST: host, DESKHAND_PORT: port } = config.environment;
  const listening = await listen(app, { host, port });
  return {
    ...listening,
    show: (endpoints: Endpoints) => {
      shown.endpoints = endpoints;
    },
  };
}

/** How many messages a visitor may send is the policy's to say, so the door is made anew when that changes. */
function liveChatRoutes(parts: Wired, identitySecret: string): Router {
  const now = following(parts.policy, () =>
    chatRoutes(parts, {
      identitySecret,
      messagesPerMinute: parts.policy.chatMessagesPerMinute,
    }),
  );
  const router = Router();
  router.use((request, response, next) => now()(request, response, next));
  return router;
}

/** True while no real customer, team or shop can be reached: only then may anybody at this machine come in as a teammate. */
function isSandbox(config: Config): boolean {
  return !isRealSetup(config) && !config.real.shop;
}
