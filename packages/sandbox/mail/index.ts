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
import { bareAddress, Draft, sendDraft } from "./compose.ts";
import { openSandboxDns } from "./dkim.ts";
import { startSupportMailbox, type SupportMailbox } from "./imap.ts";
import { canonicalAddress, isSupport, openPeople, type People } from "./people.ts";
import { startSmtpPort, type Envelope } from "./smtp.ts";
import { startMailWeb } from "./web.ts";
import { createMailReader, type Thread } from "./view.ts";
import { readIfThere, replaceFile } from "#sandbox/process/index.ts";

/** The running mail part of the sandbox. */
export interface SandboxMail {
  readonly address: typeof SUPPORT_ADDRESS;
  /** The page, without a slash at the end. */
  readonly web: string;
  readonly smtp: { readonly host: string; readonly port: number };
  /** The support mailbox; plain text, since nothing leaves this machine. */
  readonly imap: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly pass: string;
  };
  /** The DNS of the sandbox, as mailauth takes it; unknown names are ENOTFOUND. */
  readonly resolver: (name: string, type: string) => Promise<string[][]>;
  /** Puts raw bytes into the support inbox as they are, past SMTP. */
  deliver(raw: Buffer): void;
  /** Sends a mail as its sender's provider would, DKIM-signed unless asked otherwise; answers the Message-ID. */
  send(draft: Draft): Promise<string>;
  /** What this address wrote and received, the newest thread first. */
  threads(address: string): Promise<readonly Thread[]>;
  close(): Promise<void>;
}

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
export async function startSandboxMail(options: {
  directory: string;
  now: () => Date;
}): Promise<SandboxMail> {
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
      login: { user, pass },
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
    const web = await startMailWeb({
      desk: { reader, send },
      now,
    });
    running.push(web);
    return {
      address: SUPPORT_ADDRESS,
      web: web.url,
      smtp: { host: "127.0.0.1", port: smtp.port },
      imap: { host: "127.0.0.1", port: mailbox.port, user, pass },
      resolver: (name, type) => dns.resolver(name, type),
      deliver: (raw) => {
        mailbox.deliver(raw, now());
      },
      send,
      threads: (address) => reader.threads(address),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
