/** Pauses deliveries to an endpoint that keeps failing, as Zendesk does. */

/** Whether deliveries to each webhook's endpoint are paused. */
interface CircuitBreaker {
  /** Whether a request may go out now; after a pause a single one may, as a trial. */
  allows(webhookId: string): boolean;
  /** Records how a request ended. */
  recordResult(webhookId: string, failed: boolean): void;
}

const WINDOW_MS = 5 * 60_000;
const PAUSE_MS = 5_000;
const FAILED_MAX = 1000;
const FAILED_SHARE_MAX = 0.7;
/** With fewer requests the failure rate means nothing; the vendor names no number, this one is ours. */
const REQUESTS_LEAST = 100;

interface CircuitState {
  requests: { readonly atMs: number; readonly failed: boolean }[];
  /** Until when nothing goes out; undefined while all is well. */
  pausedUntilMs: number | undefined;
}

/**
 * Zendesk's circuit breaker: when within five minutes 70 % of a webhook's requests fail, or more than a thousand, it
 * sends nothing for some seconds, then tries with one request, and goes on once one succeeds. What falls into a pause
 * is lost, which is why a poller has to make up for webhooks.
 */
export function circuitBreaker(nowMs: () => number): CircuitBreaker {
  const states = new Map<string, CircuitState>();
  const stateOf = (id: string): CircuitState => {
    const known = states.get(id) ?? { requests: [], pausedUntilMs: undefined };
    states.set(id, known);
    return known;
  };
  return {
    allows(webhookId) {
      const state = stateOf(webhookId);
      if (state.pausedUntilMs === undefined) return true;
      if (nowMs() < state.pausedUntilMs) return false;
      state.pausedUntilMs = nowMs() + PAUSE_MS;
      return true;
    },
    recordResult(webhookId, failed) {
      const state = stateOf(webhookId);
      if (state.pausedUntilMs !== undefined) {
        if (failed) return;
        Object.assign(state, { requests: [], pausedUntilMs: undefined });
      }
      const atMs = nowMs();
      state.requests = state.requests.filter((request) => request.atMs > atMs - WINDOW_MS);
      state.requests.push({ atMs, failed });
      if (isOverLimit(state.requests)) state.pausedUntilMs = atMs + PAUSE_MS;
    },
  };
}

function isOverLimit(requests: CircuitState["requests"]): boolean {
  const failed = requests.filter((request) => request.failed).length;
  if (failed > FAILED_MAX) return true;
  return requests.length >= REQUESTS_LEAST && failed / requests.length >= FAILED_SHARE_MAX;
}
