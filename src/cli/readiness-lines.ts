/** Formats the readiness of a process for `status`. */

import type { NeedCheck } from "#server/http/readiness.ts";

/** Whether the process is ready, and a line for each need that is away. */
export function readinessLines({ ready, stopping, needs }: NeedCheck): readonly string[] {
  const away = Object.entries(needs).filter(([, { state }]) => state === "away");
  return [
    stopping ? "Not ready: it is being stopped" : ready ? "Ready" : "Not ready",
    ...away.map(
      ([name, { required, since, reason }]) =>
        `  ${name}: ${reason ?? "away"}, since ${since}${required ? "" : " (goes on without it)"}`,
    ),
  ];
}
