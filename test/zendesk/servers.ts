/** What stands around a sandbox account in tests: in front of it, and behind its webhook. */
import type { Delivery } from "#core/contracts/channel.ts";
import { bytesOf, listen, openFront, type Passing } from "#test/support/http-front.ts";

/** One call as it went over the wire. */
export interface Call {
  readonly method: string;
  /** Path with query, below the account's address. */
  readonly path: string;
  /** Who asked, as sent. */
  readonly authorization: string;
  /** The body as text; empty when there was none. */
  readonly body: string;
  /** 0 for a connection that was cut. */
  readonly status: number;
}

/** Stands before the account and records every call. A dropped connection is forwarded too. */
export async function openRecorder(
  target: string,
): Promise<{ url: string; calls: Call[]; close: () => Promise<void> }> {
  const calls: Call[] = [];
  const front = await openFront(target, async ({ method, path, headers, body, forward }) => {
    const answer = await forward().catch(() => null);
    const authorization = headers.authorization ?? "";
    calls.push({ method, path, authorization, body, status: answer?.status ?? 0 });
    return answer;
  });
  return { ...front, calls };
}

/** Stands before the sandbox and keeps the first update back until it is let go, as a slow network would. */
export async function openHoldingProxy(target: string): Promise<{
  url: string;
  /** Sends the update on and tells what the sandbox answered, long after its sender gave up. */
  letGo: () => Promise<number>;
  close: () => Promise<void>;
}> {
  const held: Passing["forward"][] = [];
  const front = await openFront(target, ({ method, forward }) => {
    if (method !== "PUT" || held.length > 0) return forward();
    held.push(forward);
    return new Promise(() => undefined);
  });
  return { ...front, letGo: async () => (await held[0]?.())?.status ?? 0 };
}

/** Takes what the sandbox's webhook sends, as our server would, and acknowledges it. */
export async function openHook(): Promise<{
  url: string;
  deliveries: Delivery[];
  close: () => Promise<void>;
}> {
  const deliveries: Delivery[] = [];
  const server = await listen((request, response) => {
    void bytesOf(request).then((body) => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      deliveries.push({ source: "webhook", headers, body, receivedAt: new Date() });
      response.writeHead(200).end();
    });
  });
  return { ...server, deliveries };
}
