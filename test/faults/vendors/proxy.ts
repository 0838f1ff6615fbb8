/** An HTTP proxy between Deskhand and a fake vendor that loses answers, hangs, cuts connections and answers itself. */
import { setTimeout as delay } from "node:timers/promises";
import { openFront, type Passing } from "#test/support/http-front.ts";

/** A request as it passes through. */
export type ProxiedRequest = Pick<Passing, "method" | "path">;

/** What becomes of one request. */
export type Fate =
  | { readonly kind: "pass"; readonly delayMs?: number }
  /** The vendor carries the request out, and its answer is lost. */
  | { readonly kind: "lose" }
  /** The connection is cut before the request reaches the vendor. */
  | { readonly kind: "cut" }
  /** The proxy answers in place of the vendor. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** No answer ever; the request reaches the vendor when `reaches` is set. */
  | { readonly kind: "hang"; readonly reaches?: boolean };

export const PASS: Fate = { kind: "pass" };

export interface Proxy {
  readonly url: string;
  /** The number of requests by their result, for reports. */
  readonly counts: () => Readonly<Record<Fate["kind"], number>>;
  close(): Promise<void>;
}

/** Forwards to `target`. `fate` is called once for each request and decides its result. */
export async function startProxy(options: {
  readonly target: string | (() => string);
  readonly fate: (request: ProxiedRequest) => Fate;
}): Promise<Proxy> {
  const counts: Record<Fate["kind"], number> = { pass: 0, lose: 0, cut: 0, answer: 0, hang: 0 };
  const { url, close } = await openFront(options.target, async (request) => {
    const fate = options.fate(request);
    counts[fate.kind] += 1;
    const reach = async (): Promise<unknown> => (await request.forward()).arrayBuffer();
    switch (fate.kind) {
      case "cut":
        return null;
      case "answer":
        return new Response(fate.body, fate);
      case "hang":
        if (fate.reaches === true) await reach();
        return new Promise<never>(() => undefined);
      case "lose":
        await reach();
        return null;
      case "pass":
        if (fate.delayMs !== undefined) await delay(fate.delayMs);
        return request.forward();
      default:
        throw new Error(`unknown fate ${String(fate satisfies never)}`);
    }
  });
  return { url, counts: () => ({ ...counts }), close };
}
