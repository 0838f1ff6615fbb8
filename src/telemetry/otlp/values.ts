/** The pieces every OTLP request is made of, in the protocol's JSON form (OpenTelemetry protocol 1.x, JSON Protobuf). */
import type { Json } from "#core/values/canonical-json.ts";

const NANOS = 1_000_000n;

/** Names and values as the protocol lists them. */
export function attributesOf(attributes: Readonly<Record<string, Json>>): Json[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));
}

function valueOf(value: Json): Json {
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { stringValue: typeof value === "string" ? value : JSON.stringify(value) };
}

/** Milliseconds since 1970 as nanoseconds in decimal digits, which JSON numbers cannot hold. */
export function nanos(ms: number): string {
  return String(BigInt(Math.round(ms)) * NANOS);
}

/** What sends: attributes by the names of OpenTelemetry's resource conventions. */
export type Resource = Readonly<Record<string, string>>;

/** One request with these spans of one resource. */
export function spansRequest(resource: Resource, scope: string, spans: readonly Json[]): Json {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: scope }, spans: [...spans] }],
      },
    ],
  };
}
