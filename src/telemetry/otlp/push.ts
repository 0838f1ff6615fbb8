/** Sends the metrics of a process to a collector at an interval. */
import type { Json } from "#core/values/canonical-json.ts";
import type { Log } from "#core/contracts/ports.ts";
import { reasonOf } from "#core/values/errors.ts";
import { post, type Collector } from "./sender.ts";

/** Metrics that are sent until it is stopped. */
export interface MetricsPush {
  /** Sends once more, within the time limit of a request, and stops. */
  stop(): Promise<void>;
}

/**
 * Reads and sends at this interval, never two at a time. What a collector that is away does not get is not sent again:
 * the next request has the sums since the start of the process.
 */
export function pushMetrics(
  collector: Collector,
  {
    read,
    everyMs,
    log,
  }: {
    /** The whole request, made anew each time. */
    readonly read: () => Promise<Json>;
    readonly everyMs: number;
    readonly log: Log;
  },
): MetricsPush {
  const state: { sending: Promise<void> | null } = { sending: null };
  const once = async (): Promise<void> => {
    try {
      const answer = await post(collector, await read());
      if (answer !== "taken")
        log.warn("the collector does not take metrics", { reason: "it answered with an error" });
    } catch (error) {
      log.warn("the collector does not take metrics", { reason: reasonOf(error) });
    }
  };
  const send = (): Promise<void> => {
    state.sending ??= once().finally(() => (state.sending = null));
    return state.sending;
  };
  const timer = setInterval(() => void send(), everyMs).unref();
  return {
    async stop() {
      clearInterval(timer);
      await state.sending;
      await send();
    },
  };
}
