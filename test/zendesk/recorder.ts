import { listen, bytesOf } from "./servers.ts";

/** One call as it went over the wire. */
export interface Call {
  readonly method: string;
  /** Path with query, below the account's address. */
  readonly path: string;
  /** Who asked, as sent. */
  readonly authorization: string;
  /** The body as text; empty when there was none. */
  readonly body: string;
  readonly status: number;
}

const PASSED_ON = ["content-type", "idempotency-key", "accept"];
const HOP_BY_HOP = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "transfer-encoding",
]);

/** A proxy before the sandbox that forwards and records every call. A dropped connection is forwarded too. */
export async function openRecorder(
  target: string,
): Promise<{ url: string; calls: Call[]; close: () => Promise<void> }> {
  const calls: Call[] = [];
  const server = await listen((request, response) => {
    const { method = "GET", url = "", headers } = request;
    const forward = async (): Promise<void> => {
      const body = await bytesOf(request);
      const authorization = String(headers.authorization ?? "");
      const passed = PASSED_ON.flatMap((name) => {
        const value = headers[name];
        return value === undefined ? [] : [[name, String(value)] as const];
      });
      const call = { method, path: url, authorization, body: Buffer.from(body).toString() };
      try {
        const answer = await fetch(`${target}${url}`, {
          method,
          headers: {
            ...Object.fromEntries(passed),
            ...(authorization === "" ? {} : { authorization }),
          },
          redirect: "manual",
          ...(method === "GET" || body.length === 0 ? {} : { body: Buffer.from(body) }),
        });
        calls.push({ ...call, status: answer.status });
        const kept = [...answer.headers].filter(([name]) => !HOP_BY_HOP.has(name));
        response.writeHead(answer.status, Object.fromEntries(kept));
        response.end(Buffer.from(await answer.arrayBuffer()));
      } catch {
        calls.push({ ...call, status: 0 });
        response.destroy();
      }
    };
    void forward();
  });
  return { url: server.url, calls, close: server.close };
}
