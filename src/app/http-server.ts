/** The HTTP server of a process and the routes its role serves. */

import { Router } from "express";
import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import type { Log } from "#core/contracts/ports.ts";
import { following } from "#policy/current-policy.ts";
import { TEAM } from "#sandbox/world.ts";
import { createApp, listen } from "#server/http/app.ts";
import type { ChatOptions } from "#server/chat/access.ts";
import { chatRoutes } from "#server/chat/message-route.ts";
import { chatStreams, type ChatStreams } from "#server/chat/stream-updates.ts";
import { inboundRoutes } from "#server/http/inbound-routes.ts";
import { healthRoutes } from "#server/http/health.ts";
import { pageRoutes } from "#server/page-routes.ts";
import type { Readiness } from "#server/http/readiness.ts";
import { createRejections, type Rejections } from "#server/http/rejection-counts.ts";
import { webhookRoutes } from "#server/http/webhook-routes.ts";
import { chatAccessOf } from "#connections/chat.ts";
import { isRealSetup, type Config } from "#config/environment.ts";
import type { Endpoints } from "#config/endpoints-file.ts";
import type { ComposedApp } from "./compose.ts";

interface ServerContext {
  readonly parts: ComposedApp;
  readonly handler: DeskHandler;
  readonly readiness: Readiness;
  readonly identitySecret: string;
  /** Every role answers health checks; the other routes are for roles that serve. */
  readonly onlyHealth: boolean;
}

/** Everything a process answers over HTTP, in one application: webhooks, the chat, health and the pages. */
export async function serve(
  { config, log }: { readonly config: Config; readonly log: Log },
  given: ServerContext,
) {
  const { parts, readiness, onlyHealth } = given;
  const shown: { endpoints: Endpoints | null } = { endpoints: null };
  const { DESKHAND_HOST: host, DESKHAND_PORT: port, DESKHAND_ROLE: role } = config.environment;
  const rejections = createRejections(log);
  const health = healthRoutes(readiness, {
    token: config.environment.DESKHAND_HEALTH_TOKEN?.reveal() ?? null,
    operatorFacts: () => ({
      role,
      providers: parts.breakerStates(),
      credentials: parts.credentialStates(),
      webhooks_rejected: rejections.counts(),
    }),
  });
  const streams = chatStreams(parts);
  const app = createApp({
    log,
    proxies: config.environment.DESKHAND_PROXIES,
    frames: ["http://127.0.0.1:*", "http://localhost:*"],
    mounted: [
      ["/health", health],
      ...(onlyHealth
        ? []
        : publicRoutes(config, { ...given, rejections, streams }, () => shown.endpoints)),
    ],
  });
  const listening = await listen(app, { host, port });
  return {
    ...listening,
    close: () => {
      streams.stop();
      return listening.close();
    },
    show: (endpoints: Endpoints) => {
      shown.endpoints = endpoints;
    },
  };
}

/** The routes for vendors, visitors and teammates. */
function publicRoutes(
  config: Config,
  {
    parts,
    handler,
    identitySecret,
    rejections,
    streams,
  }: ServerContext & { readonly rejections: Rejections; readonly streams: ChatStreams },
  endpoints: () => Endpoints | null,
): readonly (readonly [path: string, router: Router])[] {
  const pages = pageRoutes({
    parts,
    handler,
    identitySecret,
    endpoints,
    sandboxTeammates: isSandbox(config) ? [TEAM.sam, TEAM.lea] : [],
  });
  return [
    ["/webhooks", webhookRoutes(parts, rejections)],
    ...slackRoutes(parts, rejections),
    ["/support/chat", liveChatRoutes(parts, { ...chatAccessOf(config, identitySecret), streams })],
    ["/", pages],
  ];
}

/** Three addresses, because Slack's settings ask for events, interactivity and commands separately. */
function slackRoutes(
  { slackHandler, clock }: ComposedApp,
  rejections: Rejections,
): readonly (readonly [path: string, router: Router])[] {
  if (slackHandler === null) return [];
  const addresses = ["events", "interactions", "commands"];
  return [["/slack", inboundRoutes(slackHandler, { name: "slack", addresses, clock, rejections })]];
}

/** The policy sets how many messages a visitor may send, so the routes are rebuilt when it changes. */
function liveChatRoutes(
  parts: ComposedApp,
  options: Omit<ChatOptions, "answerWaitMs" | "messagesPerMinute">,
): Router {
  const now = following(parts.policy, () =>
    chatRoutes(parts, {
      ...options,
      messagesPerMinute: parts.policy.chatMessagesPerMinute,
    }),
  );
  const router = Router();
  router.use((request, response, next) => now()(request, response, next));
  return router;
}

/**
 * True while no real customer, team or shop can be reached; only then may any user of this machine act as a teammate.
 */
function isSandbox(config: Config): boolean {
  return !isRealSetup(config) && !config.real.shop;
}
