import assert from "node:assert/strict";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { describe, test, type TestContext } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { wholeFetch } from "#core/connection/http-answer.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { closed, listen } from "#test/support/loopback.ts";

/** A request that is not ended would hang: the test then fails instead. */
const LIMIT = { timeout: PATIENCE_MS };
const HEARD = Buffer.from('{"answer":"heard – 120 €"}');

/** A server on the loopback, closed with the test. */
async function server(context: TestContext, listener: RequestListener) {
  let connections = 0;
  const http = createServer(listener);
  http.on("connection", () => (connections += 1));
  const port = await listen(http);
  context.after(() => closed(http));
  return { url: `http://127.0.0.1:${port}/v1/chat?x=1`, connections: () => connections, http };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, body: Uint8Array, headers = {}): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": body.length,
    ...headers,
  });
  response.end(body);
}

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const thrown: unknown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Error, String(thrown));
  return thrown;
}

describe("fetch for model calls", LIMIT, () => {
  test("sends method, path, headers and body whole, in ASCII or not, and reads the answer", async (context) => {
    const seen: unknown[] = [];
    const { url } = await server(context, (request, response) => {
      void bodyOf(request).then((body) => {
        const { method, headers } = request;
        const { host, "content-length": length, "transfer-encoding": chunked } = headers;
        seen.push({ method, url: request.url, key: headers["x-key"], body, host, length, chunked });
        answer(response, HEARD, { "x-request-id": "r1", "set-cookie": ["a=1", "b=2"] });
      });
    });
    const fetch = wholeFetch(1_000_000);
    for (const body of ["Grüße", "Hello"]) {
      const init = { method: "POST", headers: new Headers({ "X-Key": "k" }), body };
      const response = await fetch(url, init);
      assert.deepEqual(
        { status: response.status, ok: response.ok, id: response.headers.get("x-request-id") },
        { status: 200, ok: true, id: "r1" },
      );
      assert.equal(await response.text(), HEARD.toString("utf8"));
    }
    const { host } = new URL(url);
    const expected = { method: "POST", url: "/v1/chat?x=1", key: "k", host, chunked: undefined };
    assert.deepEqual(seen, [
      { ...expected, body: "Grüße", length: "7" },
      { ...expected, body: "Hello", length: "5" },
    ]);
  });

  test("an answer packed without being asked for is unpacked", async (context) => {
    const packed = new Map([
      ["gzip", gzipSync(HEARD)],
      ["deflate", deflateSync(HEARD)],
      ["br", brotliCompressSync(HEARD)],
      ["identity", HEARD],
    ]);
    const { url } = await server(context, (request, response) => {
      const packing = request.url?.slice(1) ?? "";
      answer(response, packed.get(packing) ?? HEARD, { "content-encoding": packing });
    });
    const fetch = wholeFetch(1_000_000);
    for (const packing of ["gzip", "deflate", "br", "identity"])
      assert.equal(
        await (await fetch(new URL(`/${packing}`, url))).text(),
        HEARD.toString("utf8"),
        packing,
      );
  });

  test("an answer over the limit is refused, as it comes and once it is unpacked", async (context) => {
    const long = Buffer.alloc(4_000, "x");
    const { url } = await server(context, (request, response) => {
      const isPacked = request.url === "/packed";
      answer(
        response,
        isPacked ? gzipSync(long) : long,
        isPacked ? { "content-encoding": "gzip" } : {},
      );
    });
    const fetch = wholeFetch(1_000);
    assert.match((await errorOf(fetch(url))).message, /more than 1000 bytes/);
    await errorOf(fetch(new URL("/packed", url)));
    const enough = wholeFetch(4_000);
    assert.equal((await (await enough(new URL("/packed", url))).text()).length, 4_000);
  });

  test("a redirect is an answer, and is not followed", async (context) => {
    const { url, connections } = await server(context, (_request, response) => {
      response.writeHead(302, { location: "/elsewhere" });
      response.end();
    });
    const { status } = await wholeFetch(1_000)(url, { method: "POST", body: "x" });
    assert.deepEqual([status, connections()], [302, 1]);
  });

  test("an abort ends a request at once, in each of its stages", async (context) => {
    const { url } = await server(context, (request, response) => {
      if (request.url === "/half") response.write("half");
    });
    const fetch = wholeFetch(1_000_000);
    assert.equal((await errorOf(fetch(url, { signal: AbortSignal.abort() }))).name, "AbortError");
    for (const path of ["/silent", "/half"]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      const { name } = await errorOf(fetch(new URL(path, url), { signal: controller.signal }));
      assert.equal(name, "AbortError", path);
    }
  });

  test("a connection that breaks before the end of the answer is an error", async (context) => {
    const { url } = await server(context, (request, response) => {
      if (request.url === "/begun") {
        response.writeHead(200, { "content-length": 100 });
        response.write("the first part");
        setTimeout(() => request.socket.destroy(), 20);
      } else request.socket.destroy();
    });
    const fetch = wholeFetch(1_000_000);
    for (const path of ["/begun", "/silent"]) await errorOf(fetch(new URL(path, url)));
  });
});
