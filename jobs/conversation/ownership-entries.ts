/** Audit entries and log lines about who owns a conversation. */

import type { Signal } from "#core/values/message.ts";
import { assignedReason } from "#core/cases/ownership.ts";
import type { AuditEntry } from "#store/audit/pending-entries.ts";

/** Ownership is decided at the source, so the audit only refers to it there, by the key of each signal. */
export function ownershipEntries(
  conversationId: string,
  signals: readonly Signal[],
): readonly AuditEntry[] {
  return signals.flatMap((signal) =>
    signal.kind === "assigned" || signal.kind === "merged"
      ? [{ kind: "owner", data: { conversation: conversationId, signal: signal.key } }]
      : [],
  );
}

/** Each change of owner, oldest first, one line each. */
export function ownershipLines(signals: readonly Signal[]): readonly string[] {
  return signals.flatMap((signal) => {
    switch (signal.kind) {
      case "assigned":
        return [`  ${signal.at}  to ${signal.to}: ${assignedReason(signal)}`];
      case "merged":
        return [`  ${signal.at}  to human: ${signal.actor} merged it into ${signal.into}`];
      case "absorbed":
        return [`  ${signal.at}  ${signal.actor} merged ${signal.from} into it`];
      case "solved":
      case "reopened":
      case "rated":
      case "bounced":
        return [];
      default:
        throw new Error(`unknown signal ${String(signal satisfies never)}`);
    }
  });
}
