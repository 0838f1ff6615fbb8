/** Where a customer's next request goes: to each host in turn that says it is ready, as a load balancer decides it. */
import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 250;
const LOOK_MS_MAX = 1_000;

export interface LoadBalancer {
  /** The address for the next request; any host's when none is ready. */
  next(): string;
  stop(): void;
}

/** Asks every host again and again whether it is ready. */
export function startLoadBalancer(urls: readonly string[]): LoadBalancer {
  const ready = new Set(urls);
  const state = { stopped: false, turn: 0 };
  const watch = async (url: string): Promise<void> => {
    while (!state.stopped) {
      const isReady = await fetch(`${url}/health/ready`, {
        signal: AbortSignal.timeout(LOOK_MS_MAX),
      }).then(
        async (response) => {
          await response.arrayBuffer();
          return response.ok;
        },
        () => false,
      );
      if (isReady) ready.add(url);
      else ready.delete(url);
      await delay(LOOK_EVERY_MS);
    }
  };
  for (const url of urls) void watch(url);
  return {
    next() {
      const among = ready.size === 0 ? urls : [...ready];
      state.turn += 1;
      return among[state.turn % among.length] ?? "";
    },
    stop: () => {
      state.stopped = true;
    },
  };
}
