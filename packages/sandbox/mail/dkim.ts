/**
 * The sandbox's DKIM keys and its DNS: each domain under test has a key of its own, made at its first mail and kept, and
 * the resolver answers what the domain's owner would publish.
 */

import { createPrivateKey, createPublicKey, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { readIfThere, replaceFile } from "#sandbox/process/index.ts";

const SELECTOR = "sandbox";
const DOMAINS_MAX = 100;
const KeyFile = z.record(z.string(), z.string());

/** What a signer needs, in the form nodemailer takes. */
interface DkimSigner {
  readonly domainName: string;
  readonly keySelector: string;
  readonly privateKey: string;
}

/** The keys and the zone that publishes them. */
export interface SandboxDns {
  signer(domain: string): Promise<DkimSigner>;
  /** Answers as mailauth asks: character strings of each record, or an error with code ENOTFOUND or ENODATA. */
  resolver(name: string, type: string): Promise<string[][]>;
}

function dnsError(code: "ENOTFOUND" | "ENODATA", name: string, type: string): Error {
  return Object.assign(new Error(`query${type} ${code} ${name}`), { code });
}

function publicKeyOf(privateKey: string): string {
  return createPublicKey(createPrivateKey(privateKey))
    .export({ type: "spki", format: "der" })
    .toString("base64");
}

function readKeys(path: string): Map<string, string> {
  const kept = readIfThere(path);
  return new Map(kept === undefined ? [] : Object.entries(KeyFile.parse(JSON.parse(kept))));
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
export async function openSandboxDns(
  path: string,
  domains: readonly string[],
): Promise<SandboxDns> {
  const keys = readKeys(path);
  const zone = new Map<string, string>();
  const pending = new Map<string, Promise<DkimSigner>>();
  const publish = (domain: string, privateKey: string) => {
    for (const [name, record] of recordsOf(domain, privateKey)) zone.set(name, record);
  };
  for (const [domain, privateKey] of keys) publish(domain, privateKey);

  const make = async (domain: string): Promise<DkimSigner> => {
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
    // Without a turn of the event loop a caller could come to rely on answers that arrive at once.
    resolver: async (given, type) => {
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
