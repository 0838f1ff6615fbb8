/** Environment variables of traces and metrics that are sent to an OpenTelemetry collector. */

import { z } from "zod";
import { Secret } from "./secret.ts";

/** A token, as HTTP names a header, and a value without line breaks. */
const HEADER = /^\s*([!#$%&'*+.^_`|~\w-]+)\s*=([^\r\n]*)$/;

/** Variables for sending telemetry; the names are OpenTelemetry's where it has one, and mean the same. */
export const TELEMETRY_VARIABLES = {
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      "address of an OpenTelemetry collector that takes OTLP over HTTP as JSON; without it nothing is sent",
    ),
  OTEL_EXPORTER_OTLP_HEADERS: z
    .string()
    .trim()
    .min(1)
    .refine((text) => text.split(",").every((pair) => HEADER.test(pair)), {
      error: "it has to be name=value, several separated by commas",
    })
    .transform((text) => new Secret(text))
    .optional()
    .describe("headers for the collector, such as its key; values are percent-encoded"),
  OTEL_EXPORTER_OTLP_TIMEOUT: z.coerce
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(10_000)
    .describe("how many milliseconds one request to the collector may take"),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      "share of traces that are sent, from 0 to 1; decided where a message is accepted, for all that follows from it",
    ),
  OTEL_METRIC_EXPORT_INTERVAL: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(60_000)
    .describe("how many milliseconds pass between two times metrics are sent to the collector"),
  DESKHAND_TRACE_CONTENT: z
    .enum(["on", "off"])
    .default("off")
    .describe(
      "on: traces also have arguments and results of tools, shortened and with numbers masked, which may hold customers' words",
    ),
};

/** The collector as the settings name it; null without one. */
export function collectorOf(environment: {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_HEADERS?: Secret | undefined;
  readonly OTEL_EXPORTER_OTLP_TIMEOUT: number;
}) {
  const endpoint = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === undefined) return null;
  const headers = headersIn(environment.OTEL_EXPORTER_OTLP_HEADERS?.reveal() ?? "");
  const timeoutMs = environment.OTEL_EXPORTER_OTLP_TIMEOUT;
  // OTLP's exporter specification: the path of the signal is added to that of the endpoint.
  const at = (signal: "traces" | "metrics") => {
    const url = `${endpoint.replace(/(?<!\/)\/+$/, "")}/v1/${signal}`;
    return { url, headers, timeoutMs };
  };
  return { at };
}

function headersIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(",").flatMap((pair) => {
      const [, name, value] = HEADER.exec(pair) ?? [];
      return name === undefined || value === undefined ? [] : [[name, decoded(value.trim())]];
    }),
  );
}

/** A value that is not percent-encoded is taken as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
