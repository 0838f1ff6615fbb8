/** Counts rejected deliveries for health and the log. */

import { DeskhandError } from "#core/values/errors.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Log } from "#core/contracts/ports.ts";

/** Rejected deliveries since the process started, by channel and reason. */
type RejectionCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Counts rejected deliveries: many with one reason mean a wrong secret, a wrong clock, or an attacker. */
export interface Rejections {
  /** Counts it when the delivery itself was at fault; other errors are ignored. */
  count(channel: ChannelName, error: unknown): void;
  counts(): RejectionCounts;
}

/** Reasons are fixed sentences of ours; should one ever vary, the rest is counted together. */
const REASONS_MAX = 50;
const OTHERWISE = "another reason";

export function createRejections(log: Log): Rejections {
  const counts = new Map<ChannelName, Map<string, number>>();
  return {
    count(channel, error) {
      if (!(error instanceof DeskhandError) || !error.code.startsWith("input.")) return;
      const reasons = counts.get(channel) ?? new Map<string, number>();
      counts.set(channel, reasons);
      const isKnown = reasons.has(error.message) || reasons.size < REASONS_MAX;
      const reason = isKnown ? error.message : OTHERWISE;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      log.warn("webhook_rejected", { channel, code: error.code, reason });
    },
    counts: () =>
      Object.fromEntries(
        [...counts].map(([channel, reasons]) => [channel, Object.fromEntries(reasons)]),
      ),
  };
}
