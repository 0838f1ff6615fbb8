/** The HTTP server of a process, the routes its role serves, and the metrics beside them. */

import type { Log } from "#core/contracts/ports.ts";
import { createApp, listen } from "#server/http/app.ts";
import { healthRoutes, metricsRoute } from "#server/http/health.ts";
import { createRejections } from "#server/http/webhook-routes.ts";
import type { Config } from "#config/environment.ts";
import type { ShownParts } from "./announce.ts";
import type { ServerContext } from "./public-routes.ts";
import type { Router } from "express";
import { noSpans } from "#telemetry/spans.ts";
import type { MetricSources, ProcessMetrics } from "#app/metrics/measured-process.ts";

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
  const sources = () => ({ parts, rejections, readiness, ...given.sources });
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

const NOT_MEASURED: ProcessMetrics = {
  turns: noSpans,
  desk: (handler) => handler,
  wake: async (_by, work) => void (await work()),
  text: async () => "",
  contentType: "text/plain",
};

/** The metrics of this process; the library behind them is loaded only where they are switched on. */
export async function processMetrics({
  environment,
}: Pick<Config, "environment">): Promise<ProcessMetrics> {
  const { DESKHAND_METRICS_TOKEN: token, DESKHAND_METRICS_PORT: port } = environment;
  if (token === undefined && port === undefined) return NOT_MEASURED;
  return (await import("#app/metrics/measured-process.ts")).measuredProcess();
}

/** The routes of the metrics. Without a token there is none beside the other routes, which strangers may reach. */
function metricsOver(
  { environment }: Pick<Config, "environment">,
  metrics: ProcessMetrics,
  sources: () => MetricSources,
): {
  readonly mounted: readonly (readonly [path: string, router: Router])[];
  /** Listens on the port of its own; null where none is set. */
  listen(log: Log): Promise<Awaited<ReturnType<typeof listen>> | null>;
} {
  const { DESKHAND_METRICS_HOST: host, DESKHAND_METRICS_PORT: port } = environment;
  const token = environment.DESKHAND_METRICS_TOKEN?.accepted() ?? null;
  const offered = { contentType: metrics.contentType, text: () => metrics.text(sources()) };
  return {
    mounted: token === null ? [] : [["/metrics", metricsRoute(offered, { token })]],
    async listen(log) {
      if (port === undefined) return null;
      const route = metricsRoute(offered, token === null ? "open" : { token });
      const app = createApp({ log, frames: [], mounted: [["/metrics", route]] });
      const listening = await listen(app, { host, port, variable: "DESKHAND_METRICS_PORT" });
      log.info("metrics are offered", { url: `${listening.url}/metrics` });
      return listening;
    },
  };
}
