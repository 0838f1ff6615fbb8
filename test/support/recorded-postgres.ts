/** A proxy before PostgreSQL that writes down what clients ask for, message by message as they cross the wire. */
import { startTcpProxy } from "./loopback.ts";

/** One message of a client: the words of a statement, or that a planned one runs. */
export interface AskedMessage {
  /** `query` carries a text without parameters, `parse` plans one, `execute` runs what is planned. */
  readonly kind: "query" | "parse" | "execute";
  /** The name under which it is planned; empty for one that is planned for this once. */
  readonly name: string;
  readonly text: string;
}

/** Starts one before this database. Connections to it are not encrypted. */
export async function recordedPostgres(databaseUrl: string) {
  const asked: AskedMessage[] = [];
  const proxy = await startTcpProxy(databaseUrl, () => ({
    sent: wireMessages(true, (type, body) => {
      const [first = "", second = ""] = body.toString("utf8").split("\0");
      if (type === "Q") asked.push({ kind: "query", name: "", text: first });
      else if (type === "P") asked.push({ kind: "parse", name: first, text: second });
      else if (type === "E") asked.push({ kind: "execute", name: first, text: "" });
    }),
    answered: () => undefined,
  }));
  return {
    url: proxy.url(databaseUrl),
    /** What was asked since the last call. */
    take: (): readonly AskedMessage[] => asked.splice(0),
    close: () => proxy.close(),
  };
}

const LENGTH_BYTES = 4;

/**
 * Cuts one side of a connection into messages (PostgreSQL's chapter "Message Formats"): a letter and a length each. A
 * client's first one has no letter before its length.
 */
export function wireMessages(
  beginsUntyped: boolean,
  each: (type: string, body: Buffer) => void,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let untyped = beginsUntyped;
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const typeBytes = untyped ? 0 : 1;
      if (rest.length < typeBytes + LENGTH_BYTES) return;
      const end = typeBytes + rest.readInt32BE(typeBytes);
      if (rest.length < end) return;
      const body = rest.subarray(typeBytes + LENGTH_BYTES, end);
      if (!untyped) each(String.fromCodePoint(rest[0] ?? 0), body);
      untyped = false;
      rest = rest.subarray(end);
    }
  };
}
