import type { Signal } from "#core/values/message.ts";
import { assignedReason } from "#core/values/ownership.ts";
import type { AuditEntry } from "#jobs/approval/save-card.ts";

/** Who has a conversation is decided at its source, so the audit says where that stands there: by each signal's key. */
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

/** Who gave a conversation to whom, oldest first, one line each. */
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
