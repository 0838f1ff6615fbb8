/** Decides by seed and request which answers get lost, so that a run with the same seed meets the same faults. */
import type { Call, Transcript } from "#sandbox/rehearsal/transcript.ts";
import type { ModelFate } from "#test/faults/vendors/model.ts";
import { PASS, type Fate, type ProxiedRequest } from "#test/faults/vendors/proxy.ts";
import type { PolicyChange } from "#test/support/sandbox-policy.ts";
import { chance } from "./plan.ts";

const BUSY: Fate = {
  kind: "answer",
  status: 503,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ error: { code: "unavailable", message: "not now" } }),
};

/** The result of each request to the providers of a run. */
export function faultsFor(seed: number): {
  shop(this: void, request: ProxiedRequest): Fate;
  slack(this: void, request: ProxiedRequest): Fate;
  model(this: void, call: number, transcript: Transcript): ModelFate;
} {
  const times = new Map<string, number>();
  // The n-th request of the same kind has the same fate in every run, whenever it comes.
  const draw = (...words: readonly string[]): number => {
    const name = words.join(" ");
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return chance(seed, name, time);
  };
  return {
    shop(request) {
      const drawn = draw("shop", request.method, request.path.replace(/\?.*/, ""));
      if (request.method !== "POST") return drawn < 0.01 ? { kind: "cut" } : PASS;
      // One refund in five is made and its answer lost.
      if (drawn < 0.2) return { kind: "lose" };
      if (drawn < 0.25) return { kind: "cut" };
      return drawn < 0.3 ? BUSY : PASS;
    },
    slack(request) {
      if (!request.path.endsWith("/chat.postMessage")) return PASS;
      return draw("slack", "post") < 0.2 ? { kind: "lose" } : PASS;
    },
    model(_call, transcript) {
      const drawn = draw("model", transcript.unread.join("\n"));
      if (drawn < 0.02) return { kind: "refuse", status: drawn < 0.01 ? 429 : 500 };
      return { kind: "answer", delayMs: Math.floor(drawn * 120) };
    },
  };
}

/** Every reply ends with the words of the messages it answers, so that a reader can tell which those are. */
export function addMarkers(calls: readonly Call[], { unread }: Transcript): readonly Call[] {
  const words = unread.flatMap((text) => /\(note ([a-z]+)\)/.exec(text)?.[1] ?? []);
  return calls.map((call) =>
    call.name === "reply" && typeof call.input["text"] === "string"
      ? {
          ...call,
          input: { ...call.input, text: `${call.input["text"]} (about ${words.join(", ")})` },
        }
      : call,
  );
}

/**
 * The sandbox's policy for thousands of customers: refunds are made at once without a daily limit, and the limits on
 * messages and model calls are out of reach.
 */
export const SOAK_POLICY: readonly PolicyChange[] = [
  ["up_to: 10.00", "up_to: 100.00"],
  [/(small_refunds_for_one: [^}]*)count_max: 1/, "$1count_max: 1000"],
  [/(small_refunds_for_all: [^}]*)sum_max: 50\.00/, "$1sum_max: 1000000.00"],
  [/per_user: \d+, per_address: \d+/, "per_user: 10000, per_address: 100000"],
  [
    /\n {2}day: \{[^}]*\}/,
    "\n  day: { steps: 10000000, output_tokens: 1000000000, usd: 1000000, seconds: 10000000 }",
  ],
];
