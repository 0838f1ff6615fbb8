/** Environment variables of health checks and metrics. */
import { port, text } from "./fields.ts";
import { z } from "zod";
import { Secret } from "./secret.ts";

const token = text.min(16).transform((value) => new Secret(value));

/** Variables for readiness, for metrics, and for the notice before a stop. */
export const HEALTH_VARIABLES = {
  DESKHAND_METRICS_TOKEN: token
    .optional()
    .describe("bearer token for `/metrics`, at least 16 characters"),
  DESKHAND_METRICS_PORT: port
    .optional()
    .describe("port of its own for `/metrics`; without it and a token there are no metrics"),
  DESKHAND_METRICS_HOST: text
    .default("127.0.0.1")
    .describe("address `DESKHAND_METRICS_PORT` listens on"),
  DESKHAND_HEALTH_TOKEN: token
    .optional()
    .describe("bearer token for the details of `/health/ready`, at least 16 characters"),
  DESKHAND_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(300)
    .optional()
    .describe(
      "seconds for which a stopping process is not ready and still accepts; 1 for `web`, else 0",
    ),
};

/** How long a stop waits for load balancers to notice, in milliseconds. */
export function drainNoticeMs(environment: {
  readonly DESKHAND_ROLE: string;
  readonly DESKHAND_DRAIN_SECONDS?: number | undefined;
}): number {
  const seconds =
    environment.DESKHAND_DRAIN_SECONDS ?? (environment.DESKHAND_ROLE === "web" ? 1 : 0);
  return seconds * 1_000;
}
