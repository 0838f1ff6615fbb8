/** A proxy in front of an SMTP server that loses the answer to an accepted mail (RFC 5321, 4.2.5). */
import { connect, createServer, type Socket } from "node:net";
import { closed, listen } from "#test/support/loopback.ts";

/** What becomes of the server's 250 for a mail. */
export type MailFate = "answered" | "dropped";

export interface SmtpProxy {
  readonly port: number;
  /** Mails whose answer was lost, as the server accepted them. */
  readonly dropped: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts it. The server behind has every mail when `fate` is called, which may store a copy first, as many
 * providers do. Any login is accepted: the sandbox's server knows none.
 */
export async function startSmtpProxy(options: {
  readonly target: number;
  readonly fate: (raw: string) => Promise<MailFate>;
}): Promise<SmtpProxy> {
  const sockets = new Set<Socket>();
  const dropped: string[] = [];
  const server = createServer((near) => {
    const far = connect(options.target, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setEncoding("latin1");
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    relay(near, far, async (raw) => {
      const fate = await options.fate(raw);
      if (fate === "dropped") dropped.push(raw);
      return fate;
    });
  });
  return {
    port: await listen(server),
    dropped,
    close: async () => {
      const gone = closed(server);
      for (const socket of sockets) socket.destroy();
      await gone;
    },
  };
}

/** commands → (354) → content → (the line with a dot) → answer → commands. */
function relay(near: Socket, far: Socket, fateOf: (raw: string) => Promise<MailFate>): void {
  const mail: { stage: "commands" | "content" | "answer"; raw: string } = {
    stage: "commands",
    raw: "",
  };
  near.on("data", (chunk) => {
    const text = String(chunk);
    if (mail.stage === "commands" && /^AUTH /i.test(text)) {
      near.write("235 welcome\r\n");
      return;
    }
    if (mail.stage === "content") {
      mail.raw += text;
      if (mail.raw.endsWith("\r\n.\r\n")) mail.stage = "answer";
    }
    far.write(text, "latin1");
  });
  far.on("data", (chunk) => {
    const text = String(chunk);
    if (mail.stage === "answer" && text.startsWith("250")) {
      const { raw } = mail;
      Object.assign(mail, { stage: "commands", raw: "" });
      fateOf(raw).then(
        (fate) => (fate === "answered" ? near.write(text, "latin1") : near.destroy()),
        () => near.destroy(),
      );
      return;
    }
    // With pipelining (RFC 2920) the answers to three commands come at once.
    if (mail.stage === "commands" && /^354/m.test(text)) mail.stage = "content";
    near.write(text, "latin1");
  });
}
