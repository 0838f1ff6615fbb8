/** A proxy before PostgreSQL that writes down what clients ask for, message by message as they cross the wire. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { z } from "zod";

/** One message of a client: the words of a statement, or that a planned one runs. */
export interface AskedMessage {
  /** `query` carries a text without parameters, `parse` plans one, `execute` runs what is planned. */
  readonly kind: "query" | "parse" | "execute";
  /** The name under which it is planned; empty for one that is planned for this once. */
  readonly name: string;
  readonly text: string;
}

/** The letters that begin these messages (PostgreSQL's chapter "Message Formats"). */
const KINDS = new Map<number, AskedMessage["kind"]>([
  ["Q".charCodeAt(0), "query"],
  ["P".charCodeAt(0), "parse"],
  ["E".charCodeAt(0), "execute"],
]);

/** Starts one before this database. Connections to it are not encrypted. */
export async function recordedPostgres(databaseUrl: string) {
  const { hostname: host, port } = new URL(databaseUrl);
  const asked: AskedMessage[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), host);
    const read = reader((message) => void asked.push(message));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => other.destroy());
      one.pipe(other);
    }
    near.on("data", read);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port: own } = z.object({ port: z.number() }).parse(server.address());
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String(own);
  return {
    url: url.href,
    /** What was asked since the last call. */
    take: (): readonly AskedMessage[] => asked.splice(0),
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Reads a client's side of one connection: the first message has no letter, each later one has a letter and a length. */
function reader(found: (message: AskedMessage) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let isFirst = true;
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const letter = isFirst ? 0 : 1;
      if (rest.length < letter + 4) return;
      const end = letter + rest.readInt32BE(letter);
      if (rest.length < end) return;
      const kind = isFirst ? undefined : KINDS.get(rest.readUInt8(0));
      if (kind !== undefined) found(messageOf(kind, rest.subarray(letter + 4, end)));
      rest = rest.subarray(end);
      isFirst = false;
    }
  };
}

function messageOf(kind: AskedMessage["kind"], body: Buffer): AskedMessage {
  const [first = "", second = ""] = body.toString("utf8").split("\0");
  if (kind === "query") return { kind, name: "", text: first };
  return kind === "parse" ? { kind, name: first, text: second } : { kind, name: first, text: "" };
}
