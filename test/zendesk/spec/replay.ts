import { Agent, type IncomingMessage, request } from "node:http";
import { z } from "zod";
import { listen } from "#test/support/http-front.ts";
import type { Recorded } from "./recording.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "#sandbox/process/index.ts";

const Violation = z.object({
  location: z.array(z.union([z.string(), z.number()])).default([]),
  severity: z.string(),
  message: z.string(),
});
/** What the proxy found in one call: where in request or response, and what is wrong with it. */
export type Violation = z.infer<typeof Violation>;

const CALLS_AT_ONCE = 8;
/** The violations of a long list travel in one header. */
const HEADER_BYTES_MAX = 4_000_000;
const NUMBER = "x-recorded-call";
const BY_CONNECTION = new Set(["connection", "content-length", "keep-alive", "transfer-encoding"]);

/**
 * Sends every recorded call through Prism to a server that answers what was recorded, and gives what Prism found for
 * each, in the order of the calls.
 */
export async function replay(
  calls: readonly Recorded[],
  prismProgram: string,
  document: string,
): Promise<Violation[][]> {
  const upstream = await listen((asked, response) => {
    const call = calls[Number(asked.headers[NUMBER])];
    const headers = Object.entries(call?.headers ?? {}).filter(
      ([name]) => !BY_CONNECTION.has(name),
    );
    response.writeHead(call?.status ?? 500, {
      ...Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
      [NUMBER]: String(asked.headers[NUMBER]),
    });
    response.end(call?.body ?? undefined);
  });
  let prism: Prism | undefined;
  const agent = new Agent({ keepAlive: true, maxSockets: CALLS_AT_ONCE });
  try {
    prism = await startPrism(prismProgram, document, upstream.url);
    const { port } = prism;
    const found: Violation[][] = [];
    const waiting = [...calls.entries()];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, call] = next;
        found[index] = await send(port, agent, index, call);
      }
    };
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
    return found;
  } finally {
    agent.destroy();
    await prism?.stop();
    await upstream.close();
  }
}

async function send(
  port: number,
  agent: Agent,
  index: number,
  call: Recorded,
): Promise<Violation[]> {
  const { body, headers } = bodyOf(call);
  const asked = request({
    host: "127.0.0.1",
    port,
    agent,
    method: call.method,
    path: call.target,
    maxHeaderSize: HEADER_BYTES_MAX,
    headers: {
      ...headers,
      // The document knows Basic credentials only; which ones were sent is not in the recording.
      authorization: `Basic ${Buffer.from("recorded:call").toString("base64")}`,
      accept: "application/json",
      [NUMBER]: String(index),
    },
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once("response", resolve).once("error", reject).end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(Buffer.from(chunk));
  if (answer.headers[NUMBER] !== String(index)) {
    const said = Buffer.concat(chunks).toString().slice(0, 300);
    return [{ location: ["proxy"], severity: "Error", message: `no answer passed on: ${said}` }];
  }
  const told = answer.headers["sl-violations"];
  if (told === undefined) return [];
  // What does not fit into its header is cut off by the proxy, so nothing can be said of this call.
  if (String(told).startsWith("Too many violations!")) {
    const message = "the proxy found more than it can tell; record a shorter answer";
    return [{ location: ["proxy"], severity: "Error", message }];
  }
  return z.array(Violation).parse(JSON.parse(String(told)));
}

function bodyOf(call: Recorded): { body?: string; headers: Record<string, string> } {
  const { requestBody, requestType } = call;
  if (call.method === "GET" || requestBody === undefined || requestBody === null)
    return { headers: {} };
  const type = requestType ?? "application/json";
  const form = z.record(z.string(), z.string()).safeParse(requestBody);
  const body =
    type.includes("form-urlencoded") && form.success
      ? new URLSearchParams(form.data).toString()
      : JSON.stringify(requestBody);
  return {
    body,
    headers: { "content-type": type, "content-length": String(Buffer.byteLength(body)) },
  };
}

const READY_MS = 60_000;

/** A validating proxy between a client and `upstream`; it ends with `stop`. */
interface Prism {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts `prism proxy` on a free port of this machine and waits until it listens. Without its option `--errors` it
 * passes everything on and tells what it found in the header `sl-violations`, for the request and the response both;
 * with it a refused request would never show the answer. Rejects with what Prism said when it ends instead.
 */
async function startPrism(program: string, document: string, upstream: string): Promise<Prism> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    [program, "proxy", document, upstream, "--host", "127.0.0.1", "--port", String(port)],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said.push(text);
      if (said.length > 50) said.shift();
    });
  }
  const ended = once(child, "exit").then(() => "ended" as const);
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  const deadline = Date.now() + READY_MS;
  while (!(await answers(port))) {
    const state = await Promise.race([ended, wait(200, "waiting" as const)]);
    if (state === "ended" || Date.now() > deadline) {
      await stop();
      throw new Error(`Prism did not start.\n${said.join("").slice(-2000)}`);
    }
  }
  return { port, stop };
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
