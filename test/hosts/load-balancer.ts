/** Where a customer's next request goes: to each host in turn that says it is ready, as a load balancer decides it. */
import { setTimeout as delay } from "node:timers/promises";

const LOOK_EVERY_MS = 250;
const LOOK_MS_MAX = 1_000;

/** A host that does not answer in time may only be busy, so it is left out after this many times. */
const SILENT_TIMES = 3;

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
    let silent = 0;
    while (!state.stopped) {
      const answer = await looked(url);
      silent = answer === "silent" ? silent + 1 : 0;
      if (answer === "ready") ready.add(url);
      if (answer === "not ready" || silent >= SILENT_TIMES) ready.delete(url);
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

async function looked(url: string): Promise<"ready" | "not ready" | "silent"> {
  try {
    const response = await fetch(`${url}/health/ready`, {
      signal: AbortSignal.timeout(LOOK_MS_MAX),
    });
    await response.arrayBuffer();
    return response.ok ? "ready" : "not ready";
  } catch (error) {
    return error instanceof DOMException && error.name === "TimeoutError" ? "silent" : "not ready";
  }
}
