import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const READY_MS = 60_000;

/** A validating proxy between a client and `upstream`; it ends with `stop`. */
export interface Prism {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts `prism proxy` on a free port of this machine and waits until it listens. Without its option `--errors` it
 * passes everything on and tells what it found in the header `sl-violations`, for the request and the response both;
 * with it a refused request would never show the answer. Rejects with what Prism said when it ends instead.
 */
export async function startPrism(
  program: string,
  document: string,
  upstream: string,
): Promise<Prism> {
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
