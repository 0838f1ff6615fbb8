/** The metrics of a process as an OTLP request, in the protocol's JSON form. */
import type { Json } from "#core/values/canonical-json.ts";
import type { MeasuredMetric, MeasuredSample } from "#telemetry/metrics/meter.ts";
import { attributesOf, nanos, type Resource } from "./values.ts";

/** Sums that began with the process (`opentelemetry/proto/metrics/v1/metrics.proto`, AggregationTemporality). */
const CUMULATIVE = 2;

/** One request with these metrics, counted since `since` and read at `at`, both in milliseconds since 1970. */
export function metricsRequest(
  resource: Resource,
  metrics: readonly MeasuredMetric[],
  { since, at }: { readonly since: number; readonly at: number },
): Json {
  const times = { startTimeUnixNano: nanos(since), timeUnixNano: nanos(at) };
  const listed = metrics.filter(({ samples }) => samples.length > 0);
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeMetrics: [
          {
            scope: { name: "deskhand" },
            metrics: listed.map((metric) => ({
              name: metric.name,
              description: metric.help,
              ...dataOf(metric, times),
            })),
          },
        ],
      },
    ],
  };
}

type Times = Readonly<Record<"startTimeUnixNano" | "timeUnixNano", string>>;

function dataOf({ kind, samples }: MeasuredMetric, times: Times): { [name: string]: Json } {
  if (kind === "histogram")
    return {
      histogram: {
        aggregationTemporality: CUMULATIVE,
        dataPoints: histogramPoints(samples, times),
      },
    };
  const dataPoints = samples.map(({ labels, value }) => ({
    ...times,
    attributes: attributesOf(labels),
    asDouble: value,
  }));
  return kind === "counter"
    ? { sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } }
    : { gauge: { dataPoints } };
}

/** Prometheus counts every bucket from the smallest value on; OTLP counts each for itself. */
function histogramPoints(samples: readonly MeasuredSample[], times: Times): Json[] {
  const series = new Map<string, MeasuredSample[]>();
  for (const sample of samples) {
    const { le: _le, ...labels } = sample.labels;
    const name = JSON.stringify(labels);
    series.set(name, [...(series.get(name) ?? []), sample]);
  }
  return [...series.values()].map((parts) => {
    const named = (suffix: string) => parts.filter(({ name }) => name.endsWith(suffix));
    const [count] = named("_count");
    const [sum] = named("_sum");
    const buckets = named("_bucket")
      .map(({ labels, value }) => ({ bound: boundOf(labels["le"]), upTo: value }))
      .toSorted((one, other) => one.bound - other.bound);
    const { le: _le, ...labels } = parts[0]?.labels ?? {};
    return {
      ...times,
      attributes: attributesOf(labels),
      count: String(count?.value ?? 0),
      sum: sum?.value ?? 0,
      explicitBounds: buckets.map(({ bound }) => bound).filter((bound) => Number.isFinite(bound)),
      bucketCounts: buckets.map(({ upTo }, index) =>
        String(upTo - (buckets[index - 1]?.upTo ?? 0)),
      ),
    };
  });
}

function boundOf(text: string | number | undefined): number {
  return text === "+Inf" || text === undefined ? Number.POSITIVE_INFINITY : Number(text);
}
