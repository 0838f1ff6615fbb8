/** The SMTP port: it takes mail for any recipient, signed or not, as the mail servers of all domains at once. */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import { MESSAGE_BYTES_MAX } from "./imap.ts";

/** A mail as it was handed in. */
export interface Envelope {
  /** The envelope sender; empty for a bounce. */
  readonly from: string;
  readonly to: readonly string[];
  /** The name the client gave itself. */
  readonly client: string;
}

/** The running server. */
export interface SmtpPort {
  readonly port: number;
  close(): Promise<void>;
}

function refusal(message: string, responseCode: number): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** Reads the whole message, or drains and refuses it when it is larger than announced in SIZE (RFC 1870). */
async function collect(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (!stream.sizeExceeded && Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  if (stream.sizeExceeded) throw refusal("5.3.4 the message is larger than 50 MB", 552);
  return Buffer.concat(chunks);
}

function envelopeOf(session: SMTPServerSession): Envelope {
  const { mailFrom, rcptTo } = session.envelope;
  return {
    from: mailFrom === false ? "" : mailFrom.address,
    to: rcptTo.map((recipient) => recipient.address),
    client: session.hostNameAppearsAs || "unknown",
  };
}

/** Accepts one mail and answers by `done`: nothing for 250, or the refusal. */
async function take(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  accept: (raw: Buffer, envelope: Envelope) => void,
  done: (refusal?: Error) => void,
): Promise<void> {
  try {
    accept(await collect(stream), envelopeOf(session));
  } catch (error) {
    const known = error instanceof Error && "responseCode" in error;
    done(known ? error : refusal("4.3.0 the mail could not be stored, try again", 451));
    return;
  }
  done();
}

/**
 * Listens on a free port of 127.0.0.1. A mail is acknowledged after `accept` returned; when it throws, the client is told to try again
 * (451). `acceptRecipient` throws for an address that can have no mailbox (550).
 */
export async function startSmtpPort(options: {
  accept: (raw: Buffer, envelope: Envelope) => void;
  acceptRecipient: (address: string) => void;
  /** The support mailbox's own, which no test has to use. */
  login: { readonly user: string; readonly pass: string };
}): Promise<SmtpPort> {
  const server = new SMTPServer({
    name: "mx.ourshop.test",
    banner: "OurShop sandbox mail",
    size: MESSAGE_BYTES_MAX,
    // Customers' providers hand in mail without a login; the shop may use the one of its mailbox.
    authOptional: true,
    allowInsecureAuth: true,
    authMethods: ["PLAIN", "LOGIN"],
    onAuth: ({ username, password }, _session, done) => {
      const { user, pass } = options.login;
      if (username === user && password === pass) done(null, { user });
      else done(refusal("5.7.8 user name or password is wrong", 535));
    },
    // Nothing here has a certificate; announcing one would make clients fail.
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    // Long enough for a mail in flight on this machine; a client that merely stays connected is cut off.
    closeTimeout: 300,
    logger: false,
    onRcptTo: (recipient, _session, done) => {
      try {
        options.acceptRecipient(recipient.address);
        done();
      } catch (error) {
        done(refusal(error instanceof Error ? error.message : "no such mailbox", 550));
      }
    },
    onData: (stream, session, done) => {
      void take(stream, session, options.accept, done);
    },
  });
  // A connection that breaks off is the client's affair; without a listener it would end the process.
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await Promise.race([
    once(server.server, "listening"),
    once(server.server, "error").then(([error]) => Promise.reject(error)),
  ]);
  // Listening on a TCP port gives an address of this shape.
  const address = server.server.address() as AddressInfo;
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}
