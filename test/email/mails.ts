/** Mails as their senders' providers would make them, with every byte in our hands. */

import { generateKeyPairSync } from "node:crypto";
import { dkimSign, sealMessage, type DKIMSignOptions } from "mailauth";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const published = publicKey.export({ type: "spki", format: "der" }).toString("base64");

/** Domains whose DNS the tests own; everything else does not exist. */
const SIGNING_DOMAINS = [
  "customer.test",
  "plain.test",
  "elsewhere.test",
  "evil.test",
  "xn--cstomer-n2a.test",
];

/** DNS as mailauth asks for it. */
export async function resolver(asked: string, type: string): Promise<string[][]> {
  const name = asked.toLowerCase();
  const domain = SIGNING_DOMAINS.find((known) => name === known || name.endsWith(`.${known}`));
  if (type === "TXT" && domain !== undefined) {
    // This one signs, but publishes no DMARC policy.
    if (name === `_dmarc.${domain}` && domain !== "plain.test") return [["v=DMARC1; p=reject"]];
    if (name.startsWith("t._domainkey.")) return [[`v=DKIM1; k=rsa; p=${published}`]];
  }
  throw Object.assign(new Error(`${type} ${name}`), { code: "ENOTFOUND" });
}

/** A plain mail; `headers` come first and replace those of the same name. */
export interface Written {
  readonly from?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly text?: string;
  readonly messageId?: string | null;
  readonly headers?: readonly (readonly [string, string])[];
}

/** A moment as a mail's Date header writes it. */
export function mailDate(at: Date): string {
  return at.toUTCString().replace("GMT", "+0000");
}

/** The bytes of a mail. */
export function written(mail: Written): Buffer {
  const given = mail.headers ?? [];
  const standard: [string, string | null][] = [
    ["From", mail.from ?? "Ann Fields <ann@customer.test>"],
    ["To", mail.to ?? "support@ourshop.test"],
    ["Subject", mail.subject ?? "My order"],
    ["Date", mailDate(new Date())],
    ["Message-ID", mail.messageId === undefined ? "<m1@customer.test>" : mail.messageId],
    ["MIME-Version", "1.0"],
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Transfer-Encoding", "8bit"],
  ];
  const taken = new Set(given.map(([name]) => name.toLowerCase()));
  const kept = standard.filter(([name, value]) => value !== null && !taken.has(name.toLowerCase()));
  const lines = [...given, ...kept].map(([name, value]) => `${name}: ${value}`);
  const text = (mail.text ?? "Where is my order?").replace(/\r?\n/g, "\r\n");
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${text}\r\n`);
}

/** The same mail with a DKIM signature of this domain on top. */
export async function signed(
  raw: Buffer,
  domain = "customer.test",
  options: Partial<DKIMSignOptions> = {},
): Promise<Buffer> {
  const one = {
    signingDomain: domain,
    selector: "t",
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
  const { headerList, maxBodyLength, ...all } = options;
  // Signed when it was written: a clock of the tests may be behind that of the machine by any time.
  const written = Date.parse(/^Date: (.+)$/im.exec(raw.toString("latin1"))?.[1] ?? "");
  const { signatures } = await dkimSign(raw, {
    ...one,
    ...(Number.isNaN(written) ? {} : { signTime: new Date(written) }),
    ...all,
    signatureData: [
      {
        ...one,
        ...(headerList === undefined ? {} : { headerList }),
        ...(maxBodyLength === undefined ? {} : { maxBodyLength }),
      },
    ],
  });
  if (signatures === "") throw new Error("nothing was signed");
  return Buffer.concat([Buffer.from(signatures), raw]);
}

/** As in the public signatures of Microsoft 365 from 2019 on; the headers of its own behind these have changed since. */
export const MICROSOFT =
  "From:Date:Subject:Message-ID:Content-Type:MIME-Version:X-MS-Exchange-SenderADCheck:X-MS-Exchange-AntiSpam-MessageData-ChunkCount:X-MS-Exchange-AntiSpam-MessageData-0";

/** A mail that Ann wrote, as Microsoft signs it. */
export function fromAnn(id: string, mail: Written = {}): Promise<Buffer> {
  const named = written({ messageId: `<${id}@customer.test>`, ...mail });
  return signed(named, "customer.test", { headerList: MICROSOFT });
}

/** The same by a provider that leaves open how the body is to be read. */
export function openly(mail: Written): Promise<Buffer> {
  const headerList = "from:to:cc:subject:date:message-id:mime-version";
  return signed(written(mail), "customer.test", { headerList });
}

/** A mail of a person at another company, proven like all others. */
export function bobsMail(name: string, more: Written = {}): Promise<Buffer> {
  const named = { messageId: `<${name}@elsewhere.test>`, text: `Bob about ${name}.` };
  const from = "Bob <bob@elsewhere.test>";
  return signed(written({ from, ...named, ...more }), "elsewhere.test");
}

/** The same mail sealed by a forwarder (RFC 8617) that says whatever it likes about where it got it from. */
export async function sealed(raw: Buffer, domain: string, says: string): Promise<Buffer> {
  const seal = await sealMessage(raw, {
    signingDomain: domain,
    selector: "t",
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }),
    authResults: `${domain}; ${says}`,
    cv: "none",
  });
  if (seal.length === 0) throw new Error("nothing was sealed");
  return Buffer.concat([seal, raw]);
}

/** The mail with these header lines on top, as servers on the way put them. */
export function topped(raw: Buffer, ...lines: readonly string[]): Buffer {
  return Buffer.concat([Buffer.from(lines.map((line) => `${line}\r\n`).join("")), raw]);
}
