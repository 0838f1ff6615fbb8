/** Exports turns as OpenTelemetry spans. */
import { createHash } from "node:crypto";
import { appendFile } from "node:fs/promises";
import type { Json } from "#core/values/canonical-json.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log, TraceExporter } from "#core/contracts/ports.ts";
import type { Span, TurnTrace } from "#core/values/trace.ts";

const NANOS = 1_000_000n;

/** An exporter for installations that collect no spans. */
export const noExporter: TraceExporter = { export: () => undefined };

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

/** One turn in OpenTelemetry's terms: a root span named `invoke_agent` with the turn's steps below it. */
export function otlpRequest(trace: TurnTrace): Json {
  const traceId = idOf(trace.request_id, 32);
  const root = idOf(`${trace.request_id}:root`, 16);
  const began = nanos(trace.started_at);
  const spans = [
    {
      traceId,
      spanId: root,
      name: "invoke_agent deskhand",
      kind: 1,
      startTimeUnixNano: String(began),
      endTimeUnixNano: String(began + BigInt(Math.round(trace.latency_ms)) * NANOS),
      attributes: attributesOf({
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "deskhand",
        "gen_ai.request.model": trace.model,
        "gen_ai.conversation.id": trace.conversation_id,
        "gen_ai.usage.input_tokens": trace.input_tokens,
        "gen_ai.usage.output_tokens": trace.output_tokens,
        "deskhand.outcome": trace.outcome,
        "deskhand.identity_level": trace.identity_level,
        "deskhand.policy_version": trace.policy_version,
      }),
    },
    ...trace.spans.map((span, index) => childSpan(span, { traceId, root, index })),
  ];
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf({ "service.name": "deskhand" }) },
        scopeSpans: [{ scope: { name: trace.architecture }, spans }],
      },
    ],
  };
}

function childSpan(
  span: Span,
  place: { readonly traceId: string; readonly root: string; readonly index: number },
): Record<string, Json> {
  const began = nanos(span.startedAt);
  return {
    traceId: place.traceId,
    spanId: idOf(`${place.traceId}:${place.index}`, 16),
    parentSpanId: place.root,
    name: span.name,
    kind: 1,
    startTimeUnixNano: String(began),
    endTimeUnixNano: String(began + BigInt(Math.round(span.durationMs)) * NANOS),
    attributes: attributesOf(span.attributes),
  };
}

/** The same turn always gets the same ids, so a line written twice is one span. */
function idOf(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}

function nanos(time: string): bigint {
  return BigInt(Date.parse(time)) * NANOS;
}

function attributesOf(attributes: Readonly<Record<string, Json>>): Json[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));
}

function valueOf(value: Json): Json {
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { stringValue: typeof value === "string" ? value : JSON.stringify(value) };
}
