/** An SMTP server that fails on purpose at a chosen point (RFC 5321), and remembers what it took. */

import { createServer, type Socket } from "node:net";
import { closed, listening } from "./bench.ts";

/** Answers by the step they are given at; `cut` ends the connection, `silence` says nothing more. */
export interface Faults {
  readonly greeting?: string;
  /** For each sender that is named. */
  readonly sender?: (from: string) => string;
  readonly recipient?: string;
  /** Instead of asking for the content. */
  readonly data?: string;
  /** After the content was taken. */
  readonly content?: string;
}

export interface FaultSmtp {
  readonly port: number;
  /** Contents taken, with what the wire added for dots undone. */
  readonly taken: string[];
  /** Envelope senders named, refused ones too. */
  readonly senders: string[];
  readonly close: () => Promise<void>;
}

/** Starts one; `faults` may be changed while it runs. */
export async function faultSmtp(faults: { current: Faults }): Promise<FaultSmtp> {
  const taken: string[] = [];
  const senders: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.setEncoding("latin1");
    converse(socket, faults.current, { taken, senders });
  });
  return {
    port: await listening(server),
    taken,
    senders,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await closed(server);
    },
  };
}

function converse(
  socket: Socket,
  faults: Faults,
  { taken, senders }: Pick<FaultSmtp, "taken" | "senders">,
): void {
  let pending = "";
  let content: string[] | null = null;
  const say = (line: string): void => {
    if (line === "cut") socket.destroy();
    else if (line !== "silence") socket.write(`${line}\r\n`);
  };
  const command = (line: string): void => {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "MAIL") {
      const from = /<([^>]*)>/.exec(line)?.[1] ?? "";
      senders.push(from);
      say(faults.sender?.(from) ?? "250 ok");
    } else if (verb === "RCPT") say(faults.recipient ?? "250 ok");
    else if (verb === "DATA") {
      const answer = faults.data ?? "354 go on";
      if (answer.startsWith("354")) content = [];
      say(answer);
    } else say(verb === "QUIT" ? "221 bye" : "250 ok");
  };
  const take = (line: string): void => {
    if (content === null) return command(line);
    if (line !== ".") return void content.push(line.startsWith(".") ? line.slice(1) : line);
    taken.push(content.join("\r\n"));
    content = null;
    say(faults.content ?? "250 queued");
  };
  socket.on("data", (chunk) => {
    const lines = `${pending}${String(chunk)}`.split("\r\n");
    pending = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
  say(faults.greeting ?? "220 fault.test");
}
