/** Whether a process counts and measures for `/metrics`, and where that is answered: with a token beside the other routes, on a port of its own, or both. */

import type { Router } from "express";
import type { Log } from "#core/contracts/ports.ts";
import { createApp, listen } from "#server/http/app.ts";
import { metricsRoute } from "#server/http/health.ts";
import type { Config } from "#config/environment.ts";
import { noSpans } from "#telemetry/spans.ts";
import type { MetricSources, ProcessMetrics } from "./measured-process.ts";

/** For a process without metrics. */
const NOT_MEASURED: ProcessMetrics = {
  turns: noSpans,
  desk: (handler) => handler,
  wake: (work) => work(),
  wakes: (state) => state,
  text: async () => "",
  contentType: "text/plain",
};

/** The metrics of this process; the library behind them is loaded only where they are switched on. */
export async function processMetrics({
  environment,
}: Pick<Config, "environment">): Promise<ProcessMetrics> {
  const { DESKHAND_METRICS_TOKEN: token, DESKHAND_METRICS_PORT: port } = environment;
  if (token === undefined && port === undefined) return NOT_MEASURED;
  return (await import("./measured-process.ts")).measuredProcess();
}

/** The routes of the metrics. Without a token there is none beside the other routes, which strangers may reach. */
export function metricsOver(
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
