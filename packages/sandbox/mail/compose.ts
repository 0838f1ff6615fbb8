/** Writes a mail as a customer's own provider would send it, and hands it to the SMTP port. */

import { createTransport } from "nodemailer";
import { CUSTOMERS } from "#sandbox/world.ts";
import { z } from "zod";
import { canonicalAddress } from "./people.ts";
import { createPrivateKey, createPublicKey, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { readIfThere, replaceFile } from "#sandbox/process/index.ts";

const Address = z
  .string()
  .max(200)
  .regex(/^(?:[^<>\r\n]*<)?[^\s<>@,;:"()]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?>?$/iu, {
    error: "must be an address such as ann@customer.test",
  });
const MessageId = z
  .string()
  .max(900)
  .regex(/^<?[^\s<>]+>?$/u, { error: "must be one message id" });

/** A file of a mail, its content in base64. */
const File = z.strictObject({
  name: z.string().min(1).max(200),
  mediaType: z
    .string()
    .max(100)
    .regex(/^[\w.+-]+\/[\w.+-]+$/u, { error: "must be a media type such as image/png" })
    .default("application/octet-stream"),
  content: z.base64(),
});

/** A mail to send. `signed: false` leaves out DKIM, as a forger would have to. */
export const Draft = z.strictObject({
  from: Address,
  to: z.union([Address, z.array(Address).min(1).max(50)]),
  subject: z.string().max(2000).default(""),
  text: z.string(),
  html: z.string().optional(),
  files: z.array(File).max(10).default([]),
  inReplyTo: MessageId.optional(),
  references: z.union([z.string().max(20_000), z.array(MessageId).max(200)]).optional(),
  signed: z.boolean().default(true),
});
/** A mail to send, before defaults are filled in. */
export type Draft = z.input<typeof Draft>;

const Written = z.object({
  envelope: z.object({ from: z.string(), to: z.array(z.string()) }),
  message: z.instanceof(Buffer),
  messageId: z.string(),
});

function inBrackets(id: string): string {
  return `<${id.replace(/^<|>$/gu, "")}>`;
}

/** The bare address in "Name <address>" or "address". */
export function bareAddress(given: string): string {
  return canonicalAddress(/<([^<>]+)>/u.exec(given)?.[1] ?? given);
}

/** A known customer writes under the full name; any other sender appears as given. */
function sender(given: string): string | { name: string; address: string } {
  const known = CUSTOMERS.find((customer) => customer.email === given.trim().toLowerCase());
  return known === undefined ? given : { name: known.name, address: known.email };
}

/**
 * Sends a checked draft over SMTP and answers its Message-ID; `keep` gets the bytes that were accepted. Rejects when the
 * port refuses the mail.
 */
export async function sendDraft(
  draft: z.output<typeof Draft>,
  options: { port: number; now: () => Date; dns: SandboxDns; keep: (raw: Buffer) => void },
): Promise<string> {
  const domain = bareAddress(draft.from).split("@").at(-1) ?? "";
  const dkim = draft.signed ? await options.dns.signer(domain) : undefined;
  const references = draft.references ?? draft.inReplyTo;
  // Written to memory first: what is signed, what is sent and what is kept are then the same bytes.
  const written = await createTransport({
    streamTransport: true,
    buffer: true,
    newline: "windows",
  }).sendMail({
    from: sender(draft.from),
    to: draft.to,
    subject: draft.subject,
    text: draft.text,
    date: options.now(),
    // Nothing in a draft may make the sandbox read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(draft.html === undefined ? {} : { html: draft.html }),
    attachments: draft.files.map(({ name, mediaType, content }) => ({
      filename: name,
      contentType: mediaType,
      content: Buffer.from(content, "base64"),
    })),
    ...(draft.inReplyTo === undefined ? {} : { inReplyTo: inBrackets(draft.inReplyTo) }),
    ...(references === undefined
      ? {}
      : { references: [references].flat().map(bracketedList).join(" ") }),
    ...(dkim === undefined ? {} : { dkim }),
  });
  const { envelope, message, messageId } = Written.parse(written);
  const transport = createTransport({
    host: "127.0.0.1",
    port: options.port,
    secure: false,
    ignoreTLS: true,
  });
  try {
    await transport.sendMail({ envelope, raw: message });
  } finally {
    transport.close();
  }
  options.keep(message);
  return messageId;
}

function bracketedList(ids: string): string {
  return ids.split(/\s+/u).filter(Boolean).map(inBrackets).join(" ");
}

// DKIM keys and the DNS that publishes them.

const SELECTOR = "sandbox";
const DOMAINS_MAX = 100;
const KeyFile = z.record(z.string(), z.string());

/** The keys and the zone that publishes them. */
type SandboxDns = Awaited<ReturnType<typeof openSandboxDns>>;

function dnsError(code: "ENOTFOUND" | "ENODATA", name: string, type: string): Error {
  return Object.assign(new Error(`query${type} ${code} ${name}`), { code });
}

function publicKeyOf(privateKey: string): string {
  return createPublicKey(createPrivateKey(privateKey))
    .export({ type: "spki", format: "der" })
    .toString("base64");
}

/**
 * The TXT records of a domain. DMARC rejects what is not aligned, and SPF names only a documentation address (RFC 5737):
 * mail from this machine proves its sender by DKIM or not at all.
 */
function recordsOf(domain: string, privateKey: string): [string, string][] {
  return [
    [domain, "v=spf1 ip4:192.0.2.10 -all"],
    [`_dmarc.${domain}`, "v=DMARC1; p=reject; adkim=r; aspf=r"],
    [`${SELECTOR}._domainkey.${domain}`, `v=DKIM1; k=rsa; p=${publicKeyOf(privateKey)}`],
  ];
}

/** Opens the keys in the file `path` and makes the missing ones for `domains`. */
export async function openSandboxDns(path: string, domains: readonly string[]) {
  const keys = new Map(Object.entries(KeyFile.parse(JSON.parse(readIfThere(path) ?? "{}"))));
  const zone = new Map<string, string>();
  const pending = new Map<string, ReturnType<typeof make>>();
  const publish = (domain: string, privateKey: string) => {
    for (const [name, record] of recordsOf(domain, privateKey)) zone.set(name, record);
  };
  for (const [domain, privateKey] of keys) publish(domain, privateKey);

  /** What a signer needs, in the form nodemailer takes. */
  const make = async (domain: string) => {
    let privateKey = keys.get(domain);
    if (privateKey === undefined) {
      if (keys.size >= DOMAINS_MAX)
        throw new Error("the sandbox has keys for too many domains already");
      const pair = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
      privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      keys.set(domain, privateKey);
      replaceFile(path, JSON.stringify(Object.fromEntries(keys), undefined, 1));
      publish(domain, privateKey);
    }
    return { domainName: domain, keySelector: SELECTOR, privateKey };
  };
  const signer = (given: string) => {
    const domain = given.toLowerCase();
    const started = pending.get(domain) ?? make(domain).finally(() => pending.delete(domain));
    pending.set(domain, started);
    return started;
  };
  await Promise.all(domains.map(signer));
  return {
    signer,
    /** Answers as mailauth asks: character strings of each record, or an error with code ENOTFOUND or ENODATA. */
    resolver: async (given: string, type: string): Promise<string[][]> => {
      // Without a turn of the event loop a caller could come to rely on answers that arrive at once.
      await Promise.resolve();
      const name = given.toLowerCase().replace(/\.$/u, "");
      const record = zone.get(name);
      const known =
        record !== undefined || [...zone.keys()].some((other) => other.endsWith(`.${name}`));
      if (record === undefined || type !== "TXT")
        throw dnsError(known ? "ENODATA" : "ENOTFOUND", name, type);
      // A character string ends at 255 bytes (RFC 1035, 3.3.14), so a key comes in several.
      return [record.match(/.{1,255}/gu) ?? []];
    },
  };
}
