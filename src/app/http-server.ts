/** The HTTP server of a process and the routes its role serves. */

import type { Log } from "#core/contracts/ports.ts";
import { createApp, listen } from "#server/http/app.ts";
import { healthRoutes } from "#server/http/health.ts";
import { createRejections } from "#server/http/webhook-routes.ts";
import type { Config } from "#config/environment.ts";
import { metricsOver } from "#app/metrics/over-http.ts";
import type { ShownParts } from "./announce.ts";
import type { ServerContext } from "./public-routes.ts";

/** Everything a process answers over HTTP, in one application: webhooks, the chat, health and the pages. */
export async function serve(
  { config, log }: { readonly config: Config; readonly log: Log },
  given: ServerContext,
) {
  const { parts, readiness, figures, onlyHealth } = given;
  const shown: ShownParts = { endpoints: null, mail: null };
  const { DESKHAND_HOST: host, DESKHAND_PORT: port, DESKHAND_ROLE: role } = config.environment;
  const rejections = createRejections(log);
  const health = healthRoutes(readiness, {
    instance: given.instance,
    token: config.environment.DESKHAND_HEALTH_TOKEN?.accepted() ?? null,
    operatorFacts: () => ({
      role,
      ...figures.now(),
      providers: parts.breakerStates(),
      credentials: parts.credentialStates(),
      webhooks_rejected: rejections.counts(),
    }),
  });
  const sources = () => ({
    role,
    parts,
    rejections,
    readiness,
    ...given.sources,
  });
  const metered = metricsOver(config, given.metrics, sources);
  // A worker answers health checks alone, and needs no page, chat or console for them.
  const served = onlyHealth
    ? null
    : await (
        await import("./public-routes.ts")
      ).publicRoutes(config, { ...given, rejections }, () => shown);
  const app = createApp({
    log,
    proxies: config.environment.DESKHAND_PROXIES,
    frames: ["http://127.0.0.1:*", "http://localhost:*"],
    mounted: [["/health", health], ...metered.mounted, ...(served?.mounted ?? [])],
  });
  const listening = await listen(app, { host, port });
  const beside = await metered.listen(log);
  return {
    ...listening,
    unverified: () => rejections.unverified(),
    close: async () => {
      served?.stop();
      await Promise.all([listening.close(), beside?.close()]);
    },
    show: (parts: ShownParts) => void Object.assign(shown, parts),
  };
}
