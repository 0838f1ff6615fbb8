/** An SMTP server that fails on purpose at a chosen point (RFC 5321), and remembers what it took. */

import { createServer, type Socket } from "node:net";
import { closed, listen } from "#test/support/loopback.ts";

/** Answers by the step they are given at; `cut` ends the connection, `silence` says nothing more. */
export interface Faults {
  readonly greeting?: string;
  /** For each sender that is named. */
  readonly sender?: (from: string) => string;
  /** One answer for all of them, or one for each. */
  readonly recipient?: string | ((address: string) => string);
  /** Instead of asking for the content. */
  readonly data?: string;
  /** After the content was taken. */
  readonly content?: string;
  /** What a server does that keeps a copy of what it sends, before it answers. */
  readonly keep?: (raw: string) => Promise<void>;
}

/** Addresses as they were given in MAIL and RCPT; refused ones are left out. */
interface Envelope {
  readonly from: string;
  readonly to: readonly string[];
}

export interface FaultSmtp {
  readonly port: number;
  /** Contents taken, with what the wire added for dots undone. */
  readonly taken: string[];
  /** Envelope senders named, refused ones too. */
  readonly senders: string[];
  /** For each content who it was from and for, as the envelope says. */
  readonly envelopes: Envelope[];
  readonly close: () => Promise<void>;
}

/** Starts one; `faults` may be changed while it runs. */
export async function faultSmtp(faults: { current: Faults }): Promise<FaultSmtp> {
  const taken: string[] = [];
  const senders: string[] = [];
  const envelopes: Envelope[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.setEncoding("latin1");
    converse(socket, faults.current, { taken, senders, envelopes });
  });
  return {
    port: await listen(server),
    taken,
    senders,
    envelopes,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await closed(server);
    },
  };
}

function converse(
  socket: Socket,
  faults: Faults,
  { taken, senders, envelopes }: Omit<FaultSmtp, "port" | "close">,
): void {
  let from = "";
  let to: string[] = [];
  let pending = "";
  let content: string[] | null = null;
  const say = (line: string): void => {
    if (line === "cut") socket.destroy();
    else if (line !== "silence") socket.write(`${line}\r\n`);
  };
  const command = (line: string): void => {
    const verb = line.slice(0, 4).toUpperCase();
    const address = /<([^>]*)>/.exec(line)?.[1] ?? "";
    if (verb === "MAIL") {
      [from, to] = [address, []];
      senders.push(from);
      say(faults.sender?.(from) ?? "250 ok");
    } else if (verb === "RCPT") {
      const { recipient = "250 ok" } = faults;
      const answer = typeof recipient === "string" ? recipient : recipient(address);
      if (answer.startsWith("250")) to.push(address);
      say(answer);
    } else if (verb === "DATA") {
      const answer = faults.data ?? "354 go on";
      if (answer.startsWith("354")) content = [];
      say(answer);
    } else say(verb === "QUIT" ? "221 bye" : "250 ok");
  };
  const take = (line: string): void => {
    if (content === null) return command(line);
    if (line !== ".") return void content.push(line.startsWith(".") ? line.slice(1) : line);
    const raw = content.join("\r\n");
    taken.push(raw);
    envelopes.push({ from, to });
    content = null;
    const answer = (): void => say(faults.content ?? "250 queued");
    if (faults.keep === undefined) answer();
    else void faults.keep(raw).then(answer);
  };
  socket.on("data", (chunk) => {
    const lines = `${pending}${String(chunk)}`.split("\r\n");
    pending = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
  say(faults.greeting ?? "220 fault.test");
}
