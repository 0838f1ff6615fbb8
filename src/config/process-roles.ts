/** The process roles with the tasks of each, and the environment variables by which a process is watched and stopped. */

import type { ChannelName } from "#core/values/vocabulary.ts";
import { port, text, Secret } from "./secret.ts";
import { z } from "zod";

/** What a process may be started as. */
export const PROCESS_ROLES = ["all", "web", "worker", "channels"] as const;

/** The tasks of one process. */
export interface RoleTasks {
  /** Webhooks, the chat, the pages and the console. */
  readonly serves: boolean;
  /** Turns, effects, due times, and the policy file. */
  readonly works: boolean;
  /** Sockets and pollers of the channels, and clicks in Slack where they come by the socket. */
  readonly connects: boolean;
}

/**
 * Every role can post cards and alerts, since the Web API needs no open connection. Every role also follows the policy
 * in force, because people's rights are read from it wherever they click; only roles that work watch the file.
 */
export const ROLE_TASKS: Readonly<Record<(typeof PROCESS_ROLES)[number], RoleTasks>> = {
  all: { serves: true, works: true, connects: true },
  web: { serves: true, works: false, connects: false },
  worker: { serves: false, works: true, connects: false },
  channels: { serves: false, works: false, connects: true },
};

/**
 * Which channels a process listens to. Requests from Slack come to roles that serve, the rest to roles that connect.
 */
export function listensTo(
  { connects, serves }: RoleTasks,
  { slackRequests }: { readonly slackRequests: boolean },
): (channel: ChannelName) => boolean {
  return (channel) => (channel === "slack" && slackRequests ? serves : connects);
}

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
