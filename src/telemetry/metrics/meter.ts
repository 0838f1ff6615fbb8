/**
 * Counts and measures what a process does, turns by the traces they leave, and gives it as Prometheus' text. The only
 * file that knows `prom-client`.
 */

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import {
  type CounterName,
  type Definition,
  DEFINITIONS,
  type GaugeName,
  type HistogramName,
  type InstallationGauge,
  type LabelsOf,
  METRICS,
  OTHER,
} from "./definitions.ts";
import type { TraceExporter } from "#core/contracts/ports.ts";
import type { Json } from "#core/values/canonical-json.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";

/** The meter of one process. Nothing here throws or waits. */
export type Meter = ReturnType<typeof createMeter>;

/** Values of any gauge, each with its labels. */
export type GaugeValues = readonly {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}[];

/** Makes a meter with every metric of ours, and those of Node.js: memory, processor time, the lag of the event loop. */
export function createMeter() {
  const registry = runtimeRegistry();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, { readonly gauge: Gauge; readonly definition: Definition }>();
  const setGauge = (key: string, values: GaugeValues): void => {
    const { gauge, definition } = gauges.get(key) ?? {};
    if (gauge === undefined || definition === undefined) return;
    gauge.reset();
    // The library sets a gauge without labels to 0, which would be a value that nothing has read.
    if (Object.keys(definition.labels).length === 0) gauge.remove();
    for (const { labels, value } of values) gauge.inc(bounded(definition, labels), value);
  };
  for (const definition of DEFINITIONS) {
    const { key, name, help, labels, buckets = [] } = definition;
    const options = { name, help, labelNames: Object.keys(labels), registers: [registry] };
    if (definition.kind === "counter") counters.set(key, new Counter(options));
    if (definition.kind === "gauge") {
      gauges.set(key, { gauge: new Gauge(options), definition });
      setGauge(key, []);
    }
    if (definition.kind === "histogram")
      histograms.set(key, new Histogram({ ...options, buckets: [...buckets] }));
  }
  return {
    count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
      if (by > 0) counters.get(name)?.inc(bounded(METRICS[name], labels), by);
    },
    /** Puts one value, in seconds, into a histogram. */
    observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void {
      histograms.get(name)?.observe(bounded(METRICS[name], labels), Math.max(0, seconds));
    },
    /** Replaces all values of a gauge; none take it out of the answer. */
    set: <Name extends GaugeName>(
      name: Name,
      values: readonly { readonly labels: LabelsOf<Name>; readonly value: number }[],
    ): void => setGauge(name, values),
    /** The same for every gauge of the installation; null takes all of them out, where another process offers them. */
    setInstallation(values: Readonly<Record<InstallationGauge, GaugeValues>> | null): void {
      const all: Readonly<Record<string, GaugeValues>> = values ?? {};
      for (const { key, kind, scope } of DEFINITIONS)
        if (kind === "gauge" && scope === "installation") setGauge(key, all[key] ?? []);
    },
    contentType: registry.contentType,
    /** Everything as Prometheus' text format 0.0.4 has it. */
    text: () => registry.metrics(),
  };
}

/** How often the lag of the event loop is measured; what is measured includes it. */
const LAG_EVERY_MS = 100;

/** Three gauges of the library are named as counters are; what they add up is offered in parts beside them. */
function runtimeRegistry(): Registry {
  const registry = new Registry();
  // The library wakes an idle process a hundred times a second, which costs it more than everything else it does.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_EVERY_MS });
  for (const { name, type } of registry.getMetricsAsArray())
    if (String(type) === "gauge" && name.endsWith("_total")) registry.removeSingleMetric(name);
  return registry;
}

/** Values no list names become one: the number of series has a bound whatever customers, models and vendors write. */
function bounded(
  { labels: known }: Pick<Definition, "labels">,
  labels: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(known).map(([name, values]) => {
      const value = labels[name] ?? OTHER;
      return [name, values.includes(value) ? value : OTHER];
    }),
  );
}

/**
 * An exporter that counts turns, model calls, tokens, cost, tools and verdicts. Nothing of a trace but names of ours and
 * numbers is read. It costs a turn some microseconds.
 */
export function turnMetrics(meter: Pick<Meter, "count" | "observe">): TraceExporter {
  return {
    export(trace) {
      countTurn(meter, trace);
      for (const span of trace.spans) countSpan(meter, span);
    },
  };
}

function countTurn(meter: Pick<Meter, "count" | "observe">, trace: TurnTrace): void {
  const { channel, outcome, guard, decisions, cost_usd: cost } = trace;
  meter.count("turns", { channel, outcome });
  meter.observe("turnDuration", { channel }, trace.latency_ms / 1_000);
  meter.count("guardVerdicts", { verdict: guard.verdict });
  for (const { verdict } of decisions) meter.count("policyVerdicts", { verdict });
  meter.count("modelCost", {}, cost ?? 0);
}

function countSpan(meter: Pick<Meter, "count" | "observe">, { attributes }: Span): void {
  const operation = attributes["gen_ai.operation.name"];
  if (operation === "chat") {
    meter.count("modelCalls", { result: spanResult(attributes) });
    const cached = numberIn(attributes["gen_ai.usage.cache_read.input_tokens"]);
    const input = numberIn(attributes["gen_ai.usage.input_tokens"]);
    meter.count("modelTokens", { kind: "input" }, Math.max(0, input - cached));
    meter.count("modelTokens", { kind: "cached_input" }, cached);
    const output = numberIn(attributes["gen_ai.usage.output_tokens"]);
    meter.count("modelTokens", { kind: "output" }, output);
  }
  if (operation === "execute_tool") {
    const tool = attributes["gen_ai.tool.name"];
    const name = typeof tool === "string" ? tool : "";
    meter.count("toolCalls", { tool: name, result: spanResult(attributes) });
  }
}

function spanResult(attributes: Span["attributes"]): "ok" | "error" {
  const failed = attributes["error.type"] !== undefined || attributes["deskhand.valid"] === false;
  return failed ? "error" : "ok";
}

function numberIn(value: Json | undefined): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
