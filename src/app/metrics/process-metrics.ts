/** What a process counts and measures for `/metrics`, where that is switched on; otherwise nothing is counted. */

import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { ModelEnd } from "#core/connection/model-end.ts";
import type { TraceExporter } from "#core/contracts/ports.ts";
import type { SeenFigures } from "#jobs/operating/follow-figures.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { WorkerState } from "#jobs/worker/worker-state.ts";
import type { Readiness } from "#server/http/readiness.ts";
import type { Rejections } from "#server/http/webhook-routes.ts";
import type { SharedDuties } from "#connections/shared-duties.ts";
import { noSpans } from "#telemetry/spans.ts";
import type { Config } from "#config/environment.ts";
import type { ComposedApp } from "#app/composed-app.ts";

/** What is looked at when the metrics are asked for. */
export interface MetricSources {
  readonly role: Config["environment"]["DESKHAND_ROLE"];
  readonly parts: Pick<ComposedApp, "breakerStates" | "credentialStates">;
  readonly board: Pick<ConnectionBoard, "states">;
  /** Undefined where nothing is read in turn, or this process is the only one. */
  readonly duties?: Pick<SharedDuties, "counts"> | undefined;
  readonly queue: Pick<WakeQueue, "depth">;
  /** Which models end when, as far as this process looks. */
  readonly modelEnds: { seen(): readonly ModelEnd[] };
  readonly rejections: Pick<Rejections, "counts" | "repeats">;
  /** What the process needs, as its health sees it. */
  readonly readiness: Pick<Readiness, "look">;
  /** What the process that leads has read; null in every other. */
  readonly figures: () => SeenFigures | null;
}

/** The metrics of a process. What it hands out does the same as what it is given, and counts. */
export interface ProcessMetrics {
  readonly turns: TraceExporter;
  desk(handler: DeskHandler): DeskHandler;
  /** Runs the work of one wake. */
  wake(work: () => Promise<void>): Promise<void>;
  wakes(state: WorkerState): WorkerState;
  /** Prometheus' text, with what the sources say at this moment. */
  text(sources: MetricSources): Promise<string>;
  readonly contentType: string;
}

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
