/** Mails as their senders' providers would make them, with every byte in our hands. */

import { generateKeyPairSync } from "node:crypto";
import { dkimSign, type DKIMSignOptions } from "mailauth";

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
export async function resolver(name: string, type: string): Promise<string[][]> {
  const domain = SIGNING_DOMAINS.find((known) => name === known || name.endsWith(`.${known}`));
  if (type === "TXT" && domain !== undefined) {
    // This one signs, but publishes no DMARC policy.
    if (name === `_dmarc.${domain}` && domain !== "plain.test") return [["v=DMARC1; p=reject"]];
    if (name === `t._domainkey.${domain}`) return [[`v=DKIM1; k=rsa; p=${published}`]];
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

/** The bytes of a mail. */
export function written(mail: Written): Buffer {
  const given = mail.headers ?? [];
  const standard: [string, string | null][] = [
    ["From", mail.from ?? "Ann Fields <ann@customer.test>"],
    ["To", mail.to ?? "support@ourshop.test"],
    ["Subject", mail.subject ?? "My order"],
    ["Date", new Date().toUTCString().replace("GMT", "+0000")],
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
  const { signatures } = await dkimSign(raw, {
    ...one,
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
