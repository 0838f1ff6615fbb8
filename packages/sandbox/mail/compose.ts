/** Writes a mail as a customer's own provider would send it, and hands it to the SMTP port. */

import { createTransport } from "nodemailer";
import { CUSTOMERS } from "#sandbox/world.ts";
import { z } from "zod";
import type { SandboxDns } from "./dkim.ts";
import { canonicalAddress } from "./people.ts";

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
