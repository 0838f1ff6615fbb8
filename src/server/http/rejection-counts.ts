/** Counts rejected and repeated deliveries for health, metrics and the log. */

import { DeskhandError } from "#core/values/errors.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { Log } from "#core/contracts/ports.ts";

/** Rejected deliveries since the process started, by channel and reason. */
type RejectionCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * Counts rejected deliveries (many with one reason mean a wrong secret, a wrong clock, or an attacker) and repeated ones.
 */
export interface Rejections {
  /** Counts it when the delivery itself was at fault; other errors are ignored. */
  count(channel: ChannelName, error: unknown): void;
  counts(): RejectionCounts;
  /** Counts one of which nothing was new. */
  repeat(channel: ChannelName): void;
  repeats(): Readonly<Record<string, number>>;
}

/** Reasons are fixed sentences of ours; should one ever vary, the rest is counted together. */
const REASONS_MAX = 50;
const OTHERWISE = "another reason";

export function createRejections(log: Log): Rejections {
  const counts = new Map<ChannelName, Map<string, number>>();
  const repeats = new Map<ChannelName, number>();
  return {
    repeat: (channel) => void repeats.set(channel, (repeats.get(channel) ?? 0) + 1),
    repeats: () => Object.fromEntries(repeats),
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
