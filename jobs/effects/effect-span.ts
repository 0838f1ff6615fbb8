/** How an effect looks in a trace: what is done where, and nothing of what it says. */

import type { Tracing } from "#core/contracts/ports.ts";

/** The span of one try to carry out an action. */
export function effectSpan(
  { target, operation }: { readonly target: string; readonly operation: string },
  attempt: number,
): Parameters<Tracing["step"]>[0] {
  return {
    name: `effect ${target}.${operation}`,
    kind: "client",
    attributes: {
      "deskhand.effect.target": target,
      "deskhand.effect.operation": operation,
      "deskhand.effect.attempt": attempt,
    },
  };
}
