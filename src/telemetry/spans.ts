/** Writes turns to a file as OpenTelemetry spans, in the protocol's JSON form (OpenTelemetry protocol 1.x, JSON Protobuf). */
import { createHash } from "node:crypto";
import { appendFile } from "node:fs/promises";
import type { Json } from "#core/values/canonical-json.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log, TraceExporter } from "#core/contracts/ports.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";

/** The numbers the protocol has for them (`opentelemetry/proto/trace/v1/trace.proto`, SpanKind and StatusCode). */
const INTERNAL = 1;
const CLIENT = 3;
const FAILED = 2;

const NANOS = 1_000_000n;

/** For installations that collect no spans. */
export const noSpans: TraceExporter = { export: () => undefined };

/** Hands each turn to all of these. */
export function toAll(exporters: readonly TraceExporter[]): TraceExporter {
  return {
    export(trace) {
      for (const exporter of exporters) exporter.export(trace);
    },
  };
}

/**
 * Appends each turn to a file as one OTLP request per line, the form the OpenTelemetry collector's `otlpjsonfile`
 * receiver reads (OpenTelemetry protocol file exporter specification). A file that cannot be written costs spans, never
 * a turn.
 */
export function fileExporter(path: string, log: Log): TraceExporter {
  return {
    export(trace) {
      appendFile(path, `${JSON.stringify(otlpRequest(trace))}\n`, { mode: 0o600 }).catch(
        (error: unknown) => log.warn("spans not written", { reason: reasonOf(error) }),
      );
    },
  };
}

/** One turn with its steps, with their excerpts. */
export function otlpRequest(trace: TurnTrace): Json {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributeList({ "service.name": "deskhand" }) },
        scopeSpans: [{ scope: { name: trace.architecture }, spans: turnSpans(trace) }],
      },
    ],
  };
}

/**
 * One turn in OpenTelemetry's terms: a span named `invoke_agent` with the turn's steps below it, by the GenAI semantic
 * conventions. The ids derive from the turn's, so a turn written twice is one span.
 */
function turnSpans(trace: TurnTrace): Json[] {
  const traceId = hashedId(trace.request_id, 32);
  const root = hashedId(`${trace.request_id}:root`, 16);
  const began = Date.parse(trace.started_at);
  const turn = {
    traceId,
    spanId: root,
    name: "invoke_agent deskhand",
    kind: INTERNAL,
    startTimeUnixNano: nanos(began),
    endTimeUnixNano: nanos(began + trace.latency_ms),
    attributes: attributeList({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "deskhand",
      "gen_ai.request.model": trace.model,
      "gen_ai.conversation.id": trace.conversation_id,
      "gen_ai.usage.input_tokens": trace.input_tokens,
      "gen_ai.usage.output_tokens": trace.output_tokens,
      "deskhand.turn.id": trace.request_id,
      "deskhand.channel": trace.channel,
      "deskhand.outcome": trace.outcome,
      "deskhand.identity_level": trace.identity_level,
      "deskhand.policy_version": trace.policy_version,
    }),
  };
  return [turn, ...trace.spans.map((span, index) => stepSpan(span, { traceId, root, index }))];
}

function stepSpan(
  { name, startedAt, durationMs, attributes }: Span,
  { traceId, root, index }: Readonly<{ traceId: string; root: string; index: number }>,
): Json {
  const began = Date.parse(startedAt);
  return {
    traceId,
    spanId: hashedId(`${root}:${index}`, 16),
    parentSpanId: root,
    name,
    kind: attributes["gen_ai.operation.name"] === "chat" ? CLIENT : INTERNAL,
    startTimeUnixNano: nanos(began),
    endTimeUnixNano: nanos(began + durationMs),
    attributes: attributeList(attributes),
    status: attributes["error.type"] === undefined ? {} : { code: FAILED },
  };
}

/** Names and values as the protocol lists them. */
function attributeList(attributes: Readonly<Record<string, Json>>): Json[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));
}

function valueOf(value: Json): Json {
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { stringValue: typeof value === "string" ? value : JSON.stringify(value) };
}

/** Milliseconds since 1970 as nanoseconds in decimal digits, which JSON numbers cannot hold. */
function nanos(ms: number): string {
  return String(BigInt(Math.round(ms)) * NANOS);
}

function hashedId(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
