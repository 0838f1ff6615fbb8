/**
 * An HTTP proxy of the tests' own that takes nothing but CONNECT: it counts what it is asked for, and leads every name
 * to a server of this machine, so that servers outside can be played under their names.
 */
import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { closed, listen } from "./loopback.ts";

export interface ConnectProxy {
  /** With user and password, which it wants to see. */
  readonly url: string;
  /** What it was asked for, in order, as `host:port`. */
  readonly asked: string[];
  /** Everything that was no CONNECT. */
  readonly others: string[];
  /** Where it leads: ports of this machine, by the port that was asked for. */
  readonly ports: Map<string, number>;
  /** The status with which it answers, in the place of a way to the server. */
  refusal: number | null;
  /** Until this is settled it says nothing to what it is asked for. */
  held: Promise<unknown>;
  /** How many connections are open that asked for this place. */
  open(place: string): number;
  close(): Promise<void>;
}

const USER = "desk:p%40ss";
const EXPECTED = `Basic ${Buffer.from("desk:p@ss").toString("base64")}`;

export async function connectProxy(): Promise<ConnectProxy> {
  const asked: string[] = [];
  const others: string[] = [];
  const ports = new Map<string, number>();
  const sockets = new Map<Socket, string>();
  const server = createServer((request, response) => {
    others.push(`${request.method} ${request.url}`);
    response.writeHead(405).end();
  });
  const answered = async (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const place = request.url ?? "";
    asked.push(place);
    sockets.set(socket, place);
    socket.on("error", () => undefined);
    await proxy.held;
    const port = ports.get(place.split(":").at(-1) ?? "");
    const isKnown = request.headers["proxy-authorization"] === EXPECTED;
    const status = isKnown ? (proxy.refusal ?? (port === undefined ? 502 : 200)) : 407;
    if (status !== 200 || port === undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const behind = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      behind.write(head);
      behind.pipe(socket).pipe(behind);
    });
    sockets.set(behind, "");
    behind.on("error", () => socket.destroy());
    socket.on("close", () => behind.destroy());
  };
  server.on("connect", (request, socket: Socket, head) => void answered(request, socket, head));
  const port = await listen(server);
  const proxy: ConnectProxy = {
    url: `http://${USER}@127.0.0.1:${port}`,
    asked,
    others,
    ports,
    refusal: null,
    held: Promise.resolve(),
    open: (place) =>
      [...sockets].filter(([socket, asked]) => asked === place && !socket.destroyed).length,
    async close() {
      for (const socket of sockets.keys()) socket.destroy();
      await closed(server);
    },
  };
  return proxy;
}
