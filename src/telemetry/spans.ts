/** Writes turns to a file as OpenTelemetry spans. */
import { appendFile } from "node:fs/promises";
import type { Json } from "#core/values/canonical-json.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log, TraceExporter, Tracing } from "#core/contracts/ports.ts";
import { traceNow } from "#core/contracts/work-context.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { turnSpans } from "./otlp/tracing.ts";
import { spansRequest } from "./otlp/values.ts";

/** For installations that collect no spans. */
export const noTracing: Tracing = {
  begin: () => null,
  step: (_span, work) => work(),
  export: () => undefined,
};

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

/** One turn with its steps, with their excerpts. Where a collector gets traces as well, both have the same ids. */
export function otlpRequest(trace: TurnTrace): Json {
  return spansRequest(
    { "service.name": "deskhand" },
    trace.architecture,
    turnSpans(trace, { parent: traceNow(), withContent: true }),
  );
}
