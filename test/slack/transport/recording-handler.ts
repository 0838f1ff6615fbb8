/** A proxy in front of a Slack server that keeps every call with what was sent, and can lose answers or break calls. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";

/** One call as it went out: the method's name and its parameters as Slack reads them. */
interface Recorded {
  readonly method: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The result of a call: carried out, carried out with its answer lost, or refused with Slack's error code. */
type Fate = "through" | "lose" | { readonly refuse: string };

/** The proxy, with all that went through it. */
export interface RecordingProxy {
  readonly apiUrl: string;
  readonly calls: Recorded[];
  /** Decides about every call from now on. */
  fate: (method: string) => Fate;
  close(): Promise<void>;
}

/** Opens it in front of the server at `target`, an address without a slash at its end. */
export async function recordingProxy(target: string): Promise<RecordingProxy> {
  const proxy: { url: string } = { url: "" };
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(z.instanceof(Buffer).parse(chunk));
    const body = Buffer.concat(chunks);
    const method = (incoming.url ?? "").replace("/api/", "");
    opened.calls.push({
      method,
      parameters: Object.fromEntries(new URLSearchParams(body.toString())),
    });
    const fate = opened.fate(method);
    if (typeof fate === "object") {
      outgoing.setHeader("content-type", "application/json");
      outgoing.end(JSON.stringify({ ok: false, error: fate.refuse }));
      return;
    }
    const answer = await fetch(`${target}${incoming.url ?? ""}`, {
      method: "POST",
      headers: {
        "content-type": incoming.headers["content-type"] ?? "",
        authorization: incoming.headers.authorization ?? "",
      },
      body,
    });
    // Files go through the same proxy.
    const text = (await answer.text()).replaceAll(`${target}/upload/`, `${proxy.url}/upload/`);
    if (fate === "lose") {
      incoming.socket.destroy();
      return;
    }
    outgoing.setHeader("content-type", answer.headers.get("content-type") ?? "text/plain");
    outgoing.writeHead(answer.status).end(text);
  };
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.number() }).parse(server.address());
  proxy.url = `http://127.0.0.1:${port}`;
  const opened: RecordingProxy = {
    apiUrl: `${proxy.url}/api/`,
    calls: [],
    fate: () => "through",
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return opened;
}
