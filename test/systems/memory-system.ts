/** A system in memory for tests of tools: records by path, every request noted, and a client that asks it. */
import type { PreparedRequest } from "#systems/http/prepare-request.ts";
import { type SystemClient, customerFinder } from "#systems/http/client.ts";
import type { SystemExchange } from "#systems/http/exchange.ts";
import type { SystemPorts } from "#systems/look-up.ts";
import type { Connection, ReadDeclaration, SystemTool } from "#systems/contract.ts";
import { DeskhandError } from "#core/values/errors.ts";

/** What the system says to one request; undefined for 404. */
type Handle = (request: PreparedRequest) => unknown;

export interface MemorySystem {
  readonly ports: SystemPorts;
  /** "GET /orders/1?x=y" for each request. */
  readonly calls: readonly string[];
  /** The body of each change, as it was sent. */
  readonly sent: readonly string[];
  answerWith(handle: Handle): void;
  /** What becomes of the next change: `lost` is done, and its answer never comes. */
  failNext(kind: "lost" | "unsent" | "refused" | "html"): void;
}

/** A connection that nothing is asked over. */
export function connectionTo(changes: Partial<Connection> = {}): Connection {
  return {
    name: "Test shop",
    addressFrom: "TEST_SHOP_URL",
    address: "https://shop.test",
    authentication: { kind: "none" },
    limits: { timeoutMs: 1_000, answerBytesMax: 100_000, perMinute: null },
    ...changes,
  };
}

/** Starts empty. */
export function memorySystem(tools: readonly SystemTool[] = []): MemorySystem {
  const calls: string[] = [];
  const sent: string[] = [];
  let handle: Handle = () => undefined;
  let fault: "lost" | "unsent" | "refused" | "html" | null = null;

  function asked(request: PreparedRequest): unknown {
    const query = request.query.map((pair) => pair.join("=")).join("&");
    calls.push(`${request.method} ${request.path}${query === "" ? "" : `?${query}`}`);
    return handle(request);
  }

  function ended(request: PreparedRequest): SystemExchange {
    const meets = fault;
    fault = null;
    if (meets === "unsent") return { kind: "unsent", cause: new Error("no connection") };
    const answered = { kind: "answered", retryAfterMs: undefined, isReadable: true } as const;
    if (meets === "refused") return { ...answered, status: 422, body: {}, said: "too late" };
    sent.push(request.body?.text ?? "");
    const body = asked(request);
    if (meets === "lost") return { kind: "lost", cause: new Error("connection reset") };
    if (meets === "html")
      return { ...answered, status: 200, body: undefined, said: "HTML", isReadable: false };
    return body === undefined
      ? { ...answered, status: 404, body: {}, said: "no such thing" }
      : { ...answered, status: 200, body, said: "" };
  }

  const client: Pick<SystemClient, "exchange" | "read"> = {
    exchange: async (request) => ended(request),
    async read(request) {
      const body = asked(request);
      if (body instanceof DeskhandError) throw body;
      return body === undefined ? { kind: "absent" } : { kind: "found", body };
    },
  };
  return {
    ports: {
      clientOf: (connection) => ({
        ...client,
        connection,
        customerId: customerFinder(connection.customer, client.read),
      }),
      sqlOf() {
        throw new Error("this system has no database");
      },
      readTool: (name) =>
        tools.find((one): one is ReadDeclaration => one.kind === "read" && one.name === name),
    },
    calls,
    sent,
    answerWith(next) {
      handle = next;
    },
    failNext(kind) {
      fault = kind;
    },
  };
}
