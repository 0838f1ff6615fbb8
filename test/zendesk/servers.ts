import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Delivery } from "#core/values/delivery.ts";

/** A server on a free port of this machine. */
export async function listen(
  answer: RequestListener,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** An address at which no server listens. */
export async function deadUrl(): Promise<string> {
  const { url, close } = await listen(() => undefined);
  await close();
  return url;
}

/** Stands before the sandbox and keeps the first update back until it is let go, as a slow network would. */
export async function openHoldingProxy(target: string): Promise<{
  url: string;
  /** Sends the update on and tells what the sandbox answered, long after its sender gave up. */
  letGo: () => Promise<number>;
  close: () => Promise<void>;
}> {
  let held: (() => Promise<number>) | null = null;
  const server = await listen((request, response) => {
    void bytesOf(request).then(async (body) => {
      const { method = "GET", url = "", headers } = request;
      const forward = async (): Promise<Response> =>
        await fetch(`${target}${url}`, {
          method,
          headers: {
            authorization: String(headers.authorization),
            "content-type": "application/json",
          },
          ...(method === "GET" ? {} : { body: new Uint8Array(body) }),
        });
      if (method === "PUT" && held === null) {
        held = async () => (await forward()).status;
        return;
      }
      const answer = await forward();
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(await answer.text());
    });
  });
  return {
    url: server.url,
    letGo: async () => await (held?.() ?? 0),
    close: server.close,
  };
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
  return {
    url: server.url,
    deliveries,
    close: server.close,
  };
}

/** A request's body, whole. */
export async function bytesOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return new Uint8Array(Buffer.concat(chunks));
}
