/** Looks at the certificate a server shows, with TLS from the first byte or begun within the server's own protocol. */

import { connect, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";

const LOOK_MS = 5_000;

/** More than any server says before TLS begins. */
const SAID_BYTES_MAX = 64 * 1024;

/** How TLS begins: from the first byte, or within the protocol of this name. */
export type TlsBegin = "tls" | keyof typeof WITHIN;

/** A part of what is said before TLS begins: once the server has said `until`, `say` is answered. */
interface Step {
  /** What the server has to have said; null where we speak first. Anything else it says in full is waited through. */
  readonly until: RegExp | null;
  /** What ends the look, since no TLS follows it. */
  readonly refused: RegExp;
  readonly say: string | Buffer | null;
}

/** Lines of several are all of the form `220-`, but for the last (RFC 5321 section 4.2.1). */
const smtpLine = (code: string): RegExp =>
  new RegExp(`^(?:${code}-[^\\n]*\\n)*${code}(?: [^\\n]*)?\\r?\\n`);
const SMTP_NO = /^[45]\d\d/;
/** A refusal, or a whole answer to EHLO without STARTTLS (RFC 3207 section 2). */
const SMTP_NO_TLS =
  /^(?:[45]\d\d|(?:250-(?!STARTTLS\r?\n)[^\n]*\n)*250(?! STARTTLS\r?\n)(?: [^\n]*)?\r?\n)/i;
const IMAP_NO = /^(?:\* (?:BYE|PREAUTH)|a (?:NO|BAD))/im;

/** PostgreSQL's request for TLS: its length and its number ("Message Formats", SSLRequest). */
const POSTGRES_ASKS_TLS = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * MySQL's request for TLS ("Protocol::SSLRequest"): 32 bytes as packet 1, beginning with what the client can do
 * (CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION) and the largest packet; then the letters' number and zeros.
 */
const MYSQL_ASKS_TLS = Buffer.concat([
  Buffer.from([32, 0, 0, 1, 0x00, 0x8a, 0x00, 0x00, 0, 0, 0, 1, 45]),
  Buffer.alloc(23),
]);

/** What is said before TLS begins, by protocol. */
const WITHIN = {
  /** The server answers one byte, `S` when it speaks TLS. */
  postgres: [
    { until: null, refused: /^$/, say: POSTGRES_ASKS_TLS },
    { until: /^S/, refused: /^[^S]/, say: null },
  ],
  /** The server greets with a packet that begins with its length, number 0 and the version of the protocol, 10. */
  mysql: [
    // oxlint-disable-next-line no-control-regex -- the bytes of a packet
    { until: /^[^]{3}\0\n/, refused: /^[^]{3}(?:[^\0]|\0[^\n])/, say: MYSQL_ASKS_TLS },
    { until: null, refused: /^$/, say: null },
  ],
  imap: [
    { until: /^\* OK[^\n]*\n/i, refused: IMAP_NO, say: "a STARTTLS\r\n" },
    { until: /^a OK[^\n]*\n/im, refused: IMAP_NO, say: null },
  ],
  smtp: [
    { until: smtpLine("220"), refused: SMTP_NO, say: "EHLO [127.0.0.1]\r\n" },
    { until: smtpLine("250"), refused: SMTP_NO_TLS, say: "STARTTLS\r\n" },
    { until: smtpLine("220"), refused: SMTP_NO, say: null },
  ],
} as const satisfies Readonly<Record<string, readonly Step[]>>;

/** When the certificate that a server shows ends; null when none can be seen within five seconds. Never throws. */
export function certificateEnd(server: {
  readonly host: string;
  readonly port: number;
  readonly begin: TlsBegin;
}): Promise<Date | null> {
  const { host, port, begin } = server;
  return new Promise((resolve) => {
    const plain = connect({ host, port });
    const timer = setTimeout(() => ended(null), LOOK_MS);
    const ended = (at: Date | null): void => {
      clearTimeout(timer);
      plain.destroy();
      resolve(at);
    };
    plain.on("error", () => ended(null));
    plain.on("close", () => ended(null));
    plain.once("connect", () => {
      talked(plain, begin === "tls" ? [] : WITHIN[begin], (speaksTls) => {
        if (!speaksTls) return ended(null);
        const secure = overTls(plain, host);
        // A server that wants a certificate of ours shows its own before it refuses us.
        secure.on("error", () => ended(endOf(secure.getPeerCertificate())));
        secure.on("secureConnect", () => ended(endOf(secure.getPeerCertificate())));
      });
    });
  });
}

/** Says what comes before TLS, and then whether the server goes on with it. Nothing of what follows is read. */
function talked(socket: Socket, steps: readonly Step[], done: (speaksTls: boolean) => void): void {
  const left = [...steps];
  let said = "";
  const end = (speaksTls: boolean): void => {
    socket.off("data", heard);
    done(speaksTls);
  };
  const next = (): void => {
    for (let step = left[0]; step !== undefined; step = left[0]) {
      if (step.until !== null) {
        if (step.refused.test(said)) return end(false);
        if (!step.until.test(said)) return;
      }
      left.shift();
      said = "";
      if (step.say !== null) socket.write(step.say);
    }
    end(true);
  };
  const heard = (bytes: Buffer): void => {
    said += bytes.toString("latin1");
    if (said.length > SAID_BYTES_MAX) end(false);
    else next();
  };
  socket.on("data", heard);
  next();
}

/** Nothing is said over this connection, so a certificate that is not trusted may be looked at as well. */
function overTls(socket: Socket, host: string): TLSSocket {
  const isName = /[a-z]/i.test(host) && !host.includes(":");
  return connectTls({ socket, rejectUnauthorized: false, ...(isName ? { servername: host } : {}) });
}

/** Null for a connection that ended before a certificate was shown. */
function endOf(certificate: Partial<PeerCertificate> | null): Date | null {
  const at = new Date(certificate?.valid_to ?? "");
  return Number.isNaN(at.getTime()) ? null : at;
}
