/** Sends the traces and metrics of this process to a collector, where one is configured. */

import { hostname } from "node:os";
import type { Clock, Log, TraceExporter, Tracing } from "#core/contracts/ports.ts";
import type { Config } from "#config/environment.ts";
import { collectorOf } from "#config/telemetry.ts";
import { BatchSender, type SenderCounts } from "#telemetry/otlp/sender.ts";
import type { MeasuredMetric } from "#telemetry/metrics/meter.ts";
import { metricsRequest } from "#telemetry/otlp/metrics-form.ts";
import { type MetricsPush, pushMetrics } from "#telemetry/otlp/push.ts";
import { createTracing } from "#telemetry/otlp/tracing.ts";
import { type Resource, spansRequest } from "#telemetry/otlp/values.ts";
import { fileExporter, noTracing } from "#telemetry/spans.ts";

/** What a process sends about its work. */
export interface Telemetry {
  readonly tracing: Tracing;
  /** What became of the spans so far; null where none are sent. */
  spans(): SenderCounts | null;
  /** Sends what `read` gives at the interval of the settings, until it is stopped; null without a collector. */
  sendMetrics(read: () => Promise<readonly MeasuredMetric[]>): MetricsPush | null;
  /** Sends what waits, within two seconds. */
  close(): Promise<void>;
}

/** The telemetry of this process; without a collector and a file of spans it does nothing. */
export function startTelemetry({
  config: { environment },
  log,
  clock,
  version,
}: {
  readonly config: Pick<Config, "environment">;
  readonly log: Log;
  readonly clock: Clock;
  readonly version: string;
}): Telemetry {
  const file = environment.DESKHAND_SPANS_FILE;
  const inFile = file === undefined ? [] : [fileExporter(file, log)];
  const collector = collectorOf(environment);
  if (collector === null)
    return {
      tracing: withExporters(noTracing, inFile),
      spans: () => null,
      sendMetrics: () => null,
      close: async () => {},
    };
  const since = clock.now().getTime();
  const resource = resourceOf(environment.DESKHAND_ROLE, version);
  const sender = new BatchSender(collector.at("traces"), {
    request: (spans) => spansRequest(resource, "deskhand", spans),
    log,
  });
  const tracing = createTracing({
    sink: (span) => sender.add(span),
    clock,
    ratio: environment.OTEL_TRACES_SAMPLER_ARG,
    withContent: environment.DESKHAND_TRACE_CONTENT === "on",
  });
  return {
    tracing: withExporters(tracing, inFile),
    spans: () => sender.counts(),
    sendMetrics: (read) =>
      pushMetrics(collector.at("metrics"), {
        read: async () => {
          const metrics = await read();
          return metricsRequest(resource, metrics, { since, at: clock.now().getTime() });
        },
        everyMs: environment.OTEL_METRIC_EXPORT_INTERVAL,
        log,
      }),
    close: () => sender.close(),
  };
}

/** Names of OpenTelemetry's resource conventions; the role is ours. */
function resourceOf(role: string, version: string): Resource {
  return {
    "service.name": "deskhand",
    "service.version": version,
    "service.instance.id": `${hostname()}:${process.pid}`,
    "host.name": hostname(),
    "deskhand.role": role,
  };
}

/** The same tracing; finished turns also go to these. */
export function withExporters(tracing: Tracing, exporters: readonly TraceExporter[]): Tracing {
  return {
    ...tracing,
    export(trace) {
      tracing.export(trace);
      for (const exporter of exporters) exporter.export(trace);
    },
  };
}
