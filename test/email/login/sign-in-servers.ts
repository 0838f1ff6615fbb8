/** A mail provider for tests of signing in: a token endpoint, IMAP and SMTP on loopback, each with its faults. */

import { randomUUID } from "node:crypto";
import { createServer as createWebServer } from "node:http";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { SMTPServer, type SMTPServerAuthentication } from "smtp-server";
import { createHoodiecrow, type Hoodiecrow } from "#sandbox/mail/imap.ts";
import { listen } from "#test/support/loopback.ts";

/** What the endpoint was asked, as the form's fields. */
type Asked = Readonly<Record<string, string>>;

type Mood = "good" | "invalid_grant" | "away" | "long";

const require = createRequire(import.meta.url);
/** Adds the mechanism to a server; see createHoodiecrow for why it is loaded this way. */
const addXoauth2: (server: Hoodiecrow) => void = require("hoodiecrow-imap/lib/plugins/xoauth2");

/** The members that createHoodiecrow does not need. */
interface Insides {
  users: Record<string, { password: string; xoauth2: { accessToken: string } }>;
  outputHandlers: ((
    connection: unknown,
    response: { readonly command?: string; attributes?: unknown },
    description: string,
  ) => void)[];
}

const NOT_OWNED = "5.7.1 Sender address rejected: not owned by user";

/** One mailbox at the provider. `token` and `password` are what it takes now. */
export async function startProvider({
  user,
  now,
}: {
  readonly user: string;
  readonly now: () => Date;
}) {
  const state = {
    token: "",
    password: "right",
    mood: "good" as Mood,
    issued: 0,
    direct535: false,
    /** So many logins by SMTP are refused, whatever they bring. */
    smtpRefuses: 0,
    /** IMAP is switched off for this mailbox. */
    imapIsOff: false,
    /** The user who signed in may not send as anybody, which Postfix says at the recipient. */
    refusesSender: null as "MAIL" | "RCPT" | null,
    /** So many mails were announced by DATA. */
    announced: 0,
  };
  const asked: Asked[] = [];
  const logins: { readonly server: "IMAP" | "SMTP"; readonly ok: boolean }[] = [];
  const sent: string[] = [];
  const refusalAt = (command: typeof state.refusesSender): Error | null =>
    state.refusesSender === command
      ? Object.assign(new Error(NOT_OWNED), { responseCode: 553 })
      : null;

  const endpoint = createWebServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      asked.push(Object.fromEntries(new URLSearchParams(body)));
      const say = (status: number, answer: unknown): void => {
        response.writeHead(status, { "content-type": "application/json", connection: "close" });
        response.end(JSON.stringify(answer));
      };
      if (state.mood === "away") return say(503, {});
      if (state.mood === "long") return say(200, { access_token: "x".repeat(100_000) });
      if (state.mood === "invalid_grant")
        return say(400, { error: "invalid_grant", error_description: "Token has been revoked." });
      state.issued += 1;
      state.token = `access-${state.issued}`;
      return say(200, {
        access_token: state.token,
        refresh_token: `refresh-${state.issued}`,
        expires_in: 3600,
        token_type: "Bearer",
      });
    });
  });

  const seed = { uidvalidity: 7, messages: [] };
  const imap = createHoodiecrow({
    user,
    pass: "",
    inbox: seed,
    folders: { Sent: { ...seed, "special-use": "\\Sent" } },
    after: () => undefined,
  });
  addXoauth2(imap);
  const insides: Insides = Object.assign(imap, { users: {}, outputHandlers: [] });
  insides.users[user] = {
    get password() {
      return state.imapIsOff ? randomUUID() : state.password;
    },
    xoauth2: {
      get accessToken() {
        return state.token;
      },
    },
  };
  insides.outputHandlers.push((_connection, response, description) => {
    const { command = "" } = response;
    if (!/^(?:AUTHENTICATE|LOGIN)/.test(description) || !["OK", "NO"].includes(command)) return;
    logins.push({ server: "IMAP", ok: command === "OK" });
    if (state.imapIsOff)
      response.attributes = [{ type: "TEXT", value: "IMAP access is disabled for this mailbox" }];
  });
  const sockets = new Set<Socket>();
  imap.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
  });

  const smtp = new SMTPServer({
    authMethods: ["PLAIN", "XOAUTH2"],
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    size: 35 * 1_048_576,
    disableReverseLookup: true,
    closeTimeout: 100,
    logger: false,
    onAuth: (auth: SMTPServerAuthentication, _session, done) => {
      const isRefused = state.smtpRefuses > 0;
      if (isRefused) state.smtpRefuses -= 1;
      const isRight =
        auth.method === "XOAUTH2"
          ? auth.accessToken === state.token
          : auth.password === state.password;
      const ok = isRight && !isRefused;
      logins.push({ server: "SMTP", ok });
      if (ok) return done(null, { user: auth.username });
      // Google says 334 with details first, Microsoft says 535 at once.
      if (auth.method === "XOAUTH2" && !state.direct535)
        return done(null, { data: { status: "401", schemes: "bearer" } });
      return done(new Error("5.7.3 Authentication unsuccessful"));
    },
    onMailFrom: (_from, _session, done) => done(refusalAt("MAIL")),
    onRcptTo: (_to, _session, done) => done(refusalAt("RCPT")),
    onData: (stream, _session, done) => {
      state.announced += 1;
      let raw = "";
      stream.on("data", (chunk) => (raw += chunk));
      stream.on("end", () => {
        sent.push(raw);
        done();
      });
    },
  });
  smtp.on("error", () => {});
  const [tokenPort, imapPort, smtpPort] = await Promise.all([
    listen(endpoint),
    listen(imap.server),
    listen(smtp.server),
  ]);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    state,
    asked,
    logins,
    sent,
    tokenUrl: `http://127.0.0.1:${tokenPort}/token`,
    imap: { host: "127.0.0.1", port: imapPort, secure: false },
    smtp: { host: "127.0.0.1", port: smtpPort, secure: false },
    /** Takes INBOX away, as a mailbox without a licence has none; gives what brings it back. */
    withoutInbox: () => {
      const { INBOX } = imap.folderCache;
      delete imap.folderCache["INBOX"];
      return (): void => void (INBOX && (imap.folderCache["INBOX"] = INBOX));
    },
    /** Ends all IMAP connections. */
    cut,
    deliver: (raw: Uint8Array) =>
      void imap.appendMessage("INBOX", [], imapDate(now()), Buffer.from(raw).toString("latin1")),
    flags: () => imap.getMailbox("INBOX")?.messages.map(({ flags }) => flags) ?? [],
    refusals: (server: "IMAP" | "SMTP") =>
      logins.filter((login) => login.server === server && !login.ok).length,
    close: async () => {
      cut();
      endpoint.closeAllConnections();
      await Promise.all([
        new Promise((resolve) => endpoint.close(resolve)),
        new Promise((resolve) => imap.server.close(resolve)),
        new Promise<void>((resolve) => smtp.close(() => resolve())),
      ]);
    },
  };
}

/** A moment as IMAP writes it (RFC 3501, date-time). */
function imapDate(moment: Date): string {
  const [, day, month, year, time] = moment.toUTCString().split(" ");
  return `${day}-${month}-${year} ${time} +0000`;
}

export type Provider = Awaited<ReturnType<typeof startProvider>>;
