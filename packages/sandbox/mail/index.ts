/**
 * Room: the sandbox's mail: one SMTP port for all recipients, the support mailbox over IMAP, a page, and its own DNS.
 * In: mails over SMTP, and what a person writes on the page.
 * Out: mails in the support mailbox (IMAP) and in the sample customers' mailboxes; DNS answers for DKIM and SPF.
 * May touch: its own folder and loopback ports.
 */

import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { CUSTOMERS, SUPPORT_ADDRESS } from "#sandbox/world.ts";
import { Draft, bareAddress, openSandboxDns, sendDraft } from "./compose.ts";
import { MESSAGE_BYTES_MAX, type SupportMailbox, startSupportMailbox } from "./imap.ts";
import { type People, canonicalAddress, isSupport, openPeople } from "./people.ts";
import { createMailReader, startMailWeb } from "./web.ts";
import { type Listening, listenHere, readIfThere, replaceFile } from "#sandbox/process/index.ts";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";

/** The running mail part of the sandbox. */
export type SandboxMail = Awaited<ReturnType<typeof startSandboxMail>>;

/** The lines a receiving server adds on top (RFC 5321, 4.4): where the mail came from and for whom it is. */
function traceHeaders(envelope: Envelope, recipient: string, at: Date): Buffer {
  const printable = (text: string) => text.replace(/[^\x21-\x7e]/gu, "?");
  return Buffer.from(
    [
      `Return-Path: <${printable(envelope.from)}>`,
      `Delivered-To: ${printable(recipient)}`,
      `Received: from ${printable(envelope.client)} by mx.ourshop.test with ESMTP`,
      `\tfor <${printable(recipient)}>; ${at.toUTCString().replace("GMT", "+0000")}`,
      "",
    ].join("\r\n"),
  );
}

/** The password is made once and kept, so that a client set up by hand works after a restart. */
function keptPassword(path: string): string {
  const kept = readIfThere(path);
  if (kept !== undefined) return kept.trim();
  const pass = randomBytes(12).toString("base64url");
  replaceFile(path, `${pass}\n`);
  return pass;
}

function domainsOfTheWorld(): string[] {
  const addresses = [...CUSTOMERS.map(({ email }) => email), SUPPORT_ADDRESS];
  return [...new Set(addresses.map((address) => address.split("@")[1] ?? ""))];
}

/** Delivers what the SMTP port accepted; a mail is acknowledged once every recipient has it on disk. */
function deliverTo(
  mailbox: SupportMailbox,
  people: People,
  now: () => Date,
): (raw: Buffer, envelope: Envelope) => void {
  return (raw, envelope) => {
    const at = now();
    // The server names each recipient once already, however often and in whatever case it was given.
    for (const recipient of envelope.to.map(canonicalAddress)) {
      const delivered = Buffer.concat([traceHeaders(envelope, recipient, at), raw]);
      if (isSupport(recipient)) mailbox.deliver(delivered, at);
      else people.open(recipient).received.append(delivered, at);
    }
  };
}

/**
 * Starts all parts on free ports of 127.0.0.1 with everything kept in `directory`: mails, DKIM keys and the
 * mailbox password. After a restart the same mails are there under a new UIDVALIDITY.
 */
export async function startSandboxMail(options: { directory: string; now: () => Date }) {
  const { directory, now } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const dns = await openSandboxDns(join(directory, "dkim-keys.json"), domainsOfTheWorld());
  const people = openPeople(join(directory, "people"));
  const user = SUPPORT_ADDRESS;
  const pass = keptPassword(join(directory, "imap-password"));
  const running: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(running.splice(0).map((part) => part.close()));
  };
  try {
    const mailbox = await startSupportMailbox({
      directory: join(directory, "support"),
      user,
      pass,
      now,
    });
    running.push(mailbox);
    const smtp = await startSmtpPort({
      accept: deliverTo(mailbox, people, now),
      acceptRecipient: (address) => {
        if (!isSupport(address)) people.open(address);
      },
    });
    running.push(smtp);
    const send = async (given: Draft) => {
      const draft = Draft.parse(given);
      const { sent } = people.open(bareAddress(draft.from));
      return sendDraft(draft, {
        port: smtp.port,
        now,
        dns,
        keep: (raw) => sent.append(raw, now()),
      });
    };
    const reader = createMailReader(mailbox, people);
    const web = await startMailWeb({ reader, send, now });
    running.push(web);
    return {
      address: SUPPORT_ADDRESS,
      /** The page, without a slash at the end. */
      web: `http://127.0.0.1:${web.port}`,
      smtp: { host: "127.0.0.1", port: smtp.port },
      /** The support mailbox; plain text, since nothing leaves this machine. */
      imap: { host: "127.0.0.1", port: mailbox.port, user, pass },
      /** The DNS of the sandbox, as mailauth takes it; unknown names are ENOTFOUND. */
      resolver: dns.resolver,
      /** Puts raw bytes into the support inbox as they are, past SMTP. */
      deliver: (raw: Buffer): void => {
        mailbox.deliver(raw, now());
      },
      /** Sends a mail as its sender's provider would, DKIM-signed unless asked otherwise; answers the Message-ID. */
      send,
      /** What this address wrote and received, the newest thread first. */
      threads: (address: string) => reader.threads(address),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

// The SMTP port: it takes mail for any recipient, signed or not, as the mail servers of all domains at once.

/** A mail as it was handed in. */
type Envelope = ReturnType<typeof envelopeOf>;

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

function envelopeOf(session: SMTPServerSession) {
  const { mailFrom, rcptTo } = session.envelope;
  return {
    /** The envelope sender; empty for a bounce. */
    from: mailFrom === false ? "" : mailFrom.address,
    to: rcptTo.map((recipient) => recipient.address),
    /** The name the client gave itself. */
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
}): Promise<Listening> {
  const server = new SMTPServer({
    name: "mx.ourshop.test",
    banner: "OurShop sandbox mail",
    size: MESSAGE_BYTES_MAX,
    // Mail is handed in without a login, and nothing here has a certificate: announcing one would make clients fail.
    disabledCommands: ["AUTH", "STARTTLS"],
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
  const { port } = await listenHere(server.server);
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
