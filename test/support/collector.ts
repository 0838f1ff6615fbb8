/** A stand-in for an OpenTelemetry collector: takes OTLP over HTTP as JSON, strictly, and fails on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";

const Attribute = z.strictObject({
  key: z.string().min(1),
  value: z.union([
    z.strictObject({ stringValue: z.string() }),
    z.strictObject({ intValue: z.string().regex(/^-?\d+$/) }),
    z.strictObject({ doubleValue: z.number() }),
    z.strictObject({ boolValue: z.boolean() }),
  ]),
});
const Nanos = z.string().regex(/^\d{19}$/);
const TraceId = z.string().regex(/^(?!0+$)[\da-f]{32}$/);
const SpanId = z.string().regex(/^(?!0+$)[\da-f]{16}$/);
const Resource = z.strictObject({ attributes: z.array(Attribute) });
const Scope = z.strictObject({ name: z.string() });

const Span = z.strictObject({
  traceId: TraceId,
  spanId: SpanId,
  parentSpanId: SpanId.optional(),
  name: z.string().min(1),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: Nanos,
  endTimeUnixNano: Nanos,
  attributes: z.array(Attribute),
  status: z.strictObject({ code: z.int().min(0).max(2).optional() }).optional(),
  links: z.array(z.strictObject({ traceId: TraceId, spanId: SpanId })).optional(),
});

/** `ExportTraceServiceRequest` in its JSON form, with the fields Deskhand uses and no others. */
const Traces = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: Resource,
      scopeSpans: z.array(z.strictObject({ scope: Scope, spans: z.array(Span) })),
    }),
  ),
});

const Point = { startTimeUnixNano: Nanos, timeUnixNano: Nanos, attributes: z.array(Attribute) };
const Numbers = z.array(z.strictObject({ ...Point, asDouble: z.number() }));
const Count = z.string().regex(/^\d+$/);
const Described = { name: z.string().min(1), description: z.string() };
const Histogram = z
  .strictObject({
    ...Point,
    count: Count,
    sum: z.number(),
    explicitBounds: z.array(z.number()),
    bucketCounts: z.array(Count),
  })
  .refine(({ explicitBounds, bucketCounts }) => bucketCounts.length === explicitBounds.length + 1)
  .refine(
    ({ count, bucketCounts }) =>
      bucketCounts.reduce((sum, one) => sum + Number(one), 0) === Number(count),
  );
const Metric = z.union([
  z.strictObject({ ...Described, gauge: z.strictObject({ dataPoints: Numbers }) }),
  z.strictObject({
    ...Described,
    sum: z.strictObject({
      aggregationTemporality: z.literal(2),
      isMonotonic: z.literal(true),
      dataPoints: Numbers,
    }),
  }),
  z.strictObject({
    ...Described,
    histogram: z.strictObject({
      aggregationTemporality: z.literal(2),
      dataPoints: z.array(Histogram),
    }),
  }),
]);

/** `ExportMetricsServiceRequest` in its JSON form, with the fields Deskhand uses and no others. */
const Metrics = z.strictObject({
  resourceMetrics: z.array(
    z.strictObject({
      resource: Resource,
      scopeMetrics: z.array(z.strictObject({ scope: Scope, metrics: z.array(Metric) })),
    }),
  ),
});

/** One metric as it arrived, and the role of the process that sent it. */
type SeenMetric = z.infer<typeof Metric> & { readonly role: string };

/** One span with what it says, and the role of the process that sent it. */
export interface SeenSpan extends Omit<z.infer<typeof Span>, "attributes"> {
  readonly role: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** How the collector answers: as it should, with this status, not at all, or by closing the connection. */
type Behaviour = "take" | "hang" | "reset" | { readonly status: number };

/** A running collector. */
export interface FakeCollector {
  readonly url: string;
  readonly spans: SeenSpan[];
  readonly metrics: SeenMetric[];
  /** Everything that arrived, as it was sent. */
  readonly bodies: string[];
  readonly headers: IncomingMessage["headers"][];
  /** What was wrong with requests. */
  readonly problems: string[];
  behave(how: Behaviour): void;
  close(): Promise<void>;
}

/** Starts a collector on a free port of this machine. */
export async function startCollector(): Promise<FakeCollector> {
  const state: { how: Behaviour } = { how: "take" };
  const spans: SeenSpan[] = [];
  const metrics: SeenMetric[] = [];
  const bodies: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const problems: string[] = [];
  const take = (path: string, body: string): void => {
    bodies.push(body);
    if (path === "/v1/metrics") {
      const read = Metrics.safeParse(JSON.parse(body));
      if (read.success) metrics.push(...metricsIn(read.data));
      else problems.push(z.prettifyError(read.error));
      return;
    }
    if (path !== "/v1/traces") {
      problems.push(`nothing is taken at ${path}`);
      return;
    }
    const parsed = Traces.safeParse(JSON.parse(body));
    if (parsed.success) spans.push(...spansIn(parsed.data));
    else problems.push(z.prettifyError(parsed.error));
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    headers.push(request.headers);
    const { how } = state;
    if (how === "hang") return;
    if (how === "reset") {
      request.socket.destroy();
      return;
    }
    if (how === "take") take(request.url ?? "", Buffer.concat(chunks).toString("utf8"));
    response.writeHead(how === "take" ? 200 : how.status, { "content-type": "application/json" });
    response.end("{}");
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z
    .object({ port: z.int() })
    .parse(server.address() satisfies AddressInfo | string | null);
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    metrics,
    bodies,
    headers,
    problems,
    behave: (how) => void (state.how = how),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function spansIn({ resourceSpans }: z.infer<typeof Traces>): readonly SeenSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const role = String(valuesIn(resource.attributes)["deskhand.role"]);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({ ...span, role, attributes: valuesIn(span.attributes) })),
    );
  });
}

function metricsIn({ resourceMetrics }: z.infer<typeof Metrics>): readonly SeenMetric[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const role = String(valuesIn(resource.attributes)["deskhand.role"]);
    return scopeMetrics.flatMap(({ metrics }) => metrics.map((metric) => ({ ...metric, role })));
  });
}

function valuesIn(attributes: readonly z.infer<typeof Attribute>[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** The spans of one trace, by who is below whom. */
export class TraceTree {
  readonly #spans: readonly SeenSpan[];
  constructor(spans: readonly SeenSpan[]) {
    this.#spans = spans;
  }
  /** The first span of this name. Throws where there is none. */
  of(name: string): SeenSpan {
    const span = this.#spans.find((one) => one.name === name);
    if (span === undefined)
      throw new Error(`no ${name} in ${this.#spans.map((one) => one.name).join(", ")}`);
    return span;
  }
  /** The role and name of every span from the root down to this one. */
  pathTo(name: string): readonly string[] {
    const path: string[] = [];
    for (let at: SeenSpan | undefined = this.of(name); at !== undefined;) {
      path.unshift(`${at.role}: ${at.name}`);
      const parentSpanId: string | undefined = at.parentSpanId;
      at =
        parentSpanId === undefined
          ? undefined
          : this.#spans.find((one) => one.spanId === parentSpanId);
      if (parentSpanId !== undefined && at === undefined) path.unshift(`missing ${parentSpanId}`);
    }
    return path;
  }
}
