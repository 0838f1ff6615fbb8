/** What a process counts and measures for `/metrics`, where that is switched on; otherwise nothing is counted. */

import { noSpans } from "#telemetry/spans.ts";
import type { Config } from "#config/environment.ts";
import type { ProcessMetrics } from "./measured-process.ts";

/** For a process without metrics. */
const NOT_MEASURED: ProcessMetrics = {
  turns: noSpans,
  desk: (handler) => handler,
  wake: (work) => work(),
  wakes: (state) => state,
  text: async () => "",
  contentType: "text/plain",
};

/** Whether this configuration asks for metrics: a token or a port for them is set. */
function hasMetrics({ environment }: Pick<Config, "environment">): boolean {
  return (
    environment.DESKHAND_METRICS_TOKEN !== undefined ||
    environment.DESKHAND_METRICS_PORT !== undefined
  );
}

/** The metrics of this process; the library behind them is loaded only where they are switched on. */
export async function processMetrics(config: Pick<Config, "environment">): Promise<ProcessMetrics> {
  if (!hasMetrics(config)) return NOT_MEASURED;
  return (await import("./measured-process.ts")).measuredProcess();
}
