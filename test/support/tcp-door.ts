/** A TCP proxy in front of a server of any kind: open, hanging (it accepts bytes and passes none on), or closed. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { z } from "zod";

export interface TcpProxy {
  readonly port: number;
  /** The address of the server behind it, with this proxy's port instead. */
  url(behind: string): string;
  /** Bytes go nowhere until it opens again; neither side is told. As a stopped process or a lost network would. */
  hang(): void;
  /** Every connection ends and no new one is taken. */
  shut(): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname: host, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  const state = { hangs: false };
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on("error", () => undefined);
      one.on("close", () => {
        other.destroy();
        pairs.delete(pair);
      });
      one.pipe(other);
      if (state.hangs) one.pause();
    }
  });
  const listen = async (at: number): Promise<number> => {
    server.listen(at, "127.0.0.1");
    await once(server, "listening");
    return z.object({ port: z.number() }).parse(server.address()).port;
  };
  const own = await listen(0);
  const shut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    await closed;
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
    shut,
    async open() {
      state.hangs = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
      if (!server.listening) await listen(own);
    },
    close: shut,
  };
}
