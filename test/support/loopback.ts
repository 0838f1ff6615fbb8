/** Servers of tests, on a free port of 127.0.0.1 and gone with all their connections; and a proxy that hangs or shuts. */
import { once } from "node:events";
import { Server as HttpServer } from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Lets a server listen on this port, or on one that is free; gives the port. */
export async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("it has no port");
  return address.port;
}

/** Takes no more connections, ends those of HTTP that are open, and resolves when the server is gone. */
export async function closed(server: Server): Promise<void> {
  const gone = once(server, "close");
  server.close();
  if (server instanceof HttpServer) server.closeAllConnections();
  await gone;
}

export interface TcpProxy {
  readonly port: number;
  /** The address of the server behind it, with this proxy's port instead. */
  url(behind: string): string;
  /** Bytes go nowhere until it opens again; neither side is told. As a stopped process or a lost network would. */
  hang(): void;
  /** From now on nothing passes on the connections there are, and neither side is told; new ones pass. */
  silence(): void;
  /** Every connection ends and no new one is taken. */
  shut(): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}

/** Hears what a client sends and what the server answers. */
interface Tap {
  sent(bytes: Buffer): void;
  answered(bytes: Buffer): void;
}

/** A TCP proxy in front of a server of any kind: open, hanging, or shut. `tap` gives who listens to a new connection. */
export async function startTcpProxy(target: string, tap?: () => Tap): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const state = { hangs: false };
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    const pair = [near, far] as const;
    pairs.add(pair);
    const tapped = tap?.();
    if (tapped !== undefined) {
      near.on("data", (bytes: Buffer) => tapped.sent(bytes));
      far.on("data", (bytes: Buffer) => tapped.answered(bytes));
    }
    for (const [one, other] of [pair, [far, near] as const]) {
      one.setNoDelay(true);
      one.on("error", () => undefined);
      one.on("close", () => {
        other.destroy();
        pairs.delete(pair);
      });
      one.pipe(other);
      if (state.hangs) one.pause();
    }
  });
  const own = await listen(server);
  const shut = async (): Promise<void> => {
    if (!server.listening) return;
    const gone = closed(server);
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    await gone;
  };
  return {
    port: own,
    url(behind) {
      const url = new URL(behind);
      url.hostname = "127.0.0.1";
      url.port = String(own);
      return url.href;
    },
    hang() {
      state.hangs = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    silence() {
      for (const pair of pairs) for (const socket of pair) socket.unpipe().resume();
    },
    shut,
    async open() {
      state.hangs = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
      if (!server.listening) await listen(server, own);
    },
    close: shut,
  };
}
