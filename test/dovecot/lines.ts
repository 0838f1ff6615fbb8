/** Line-based protocol dialogues over loopback, as mail protocols use them. */
import { connect } from "node:net";

/** One connection. */
export interface Talk {
  readonly say: (line: string) => void;
  /** Waits for the next line like this. Rejects when the other side is gone before. */
  readonly answer: (wanted: (line: string) => boolean) => Promise<string>;
  /** Everything heard so far. */
  readonly lines: readonly string[];
}

const WAIT_MS = 10_000;

/** Talks to a server on this port and hangs up. */
export async function spoken<Result>(
  port: number,
  talk: (talk: Talk) => Promise<Result>,
): Promise<Result> {
  const socket = connect(port, "127.0.0.1");
  const lines: string[] = [];
  const heard: { wake: () => void; over: boolean; read: number; rest: string } = {
    wake: () => undefined,
    over: false,
    read: 0,
    rest: "",
  };
  socket.setEncoding("latin1");
  socket.setTimeout(WAIT_MS, () => socket.destroy());
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    const parts = `${heard.rest}${String(chunk)}`.split("\r\n");
    heard.rest = parts.pop() ?? "";
    lines.push(...parts);
    heard.wake();
  });
  socket.on("close", () => {
    heard.over = true;
    heard.wake();
  });
  const answer: Talk["answer"] = async (wanted) => {
    for (;;) {
      while (heard.read < lines.length) {
        const line = lines[heard.read] ?? "";
        heard.read += 1;
        if (wanted(line)) return line;
      }
      if (heard.over) throw new Error(`the server hung up after: ${lines.at(-1) ?? "nothing"}`);
      await new Promise<void>((resolve) => (heard.wake = resolve));
    }
  };
  try {
    return await talk({ say: (line) => void socket.write(`${line}\r\n`, "latin1"), answer, lines });
  } finally {
    socket.destroy();
  }
}
