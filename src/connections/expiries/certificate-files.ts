/**
 * Client certificates that lie in files. What an authority signs itself with is no matter here: a bundle holds ended ones
 * for years, nobody but its maker can renew them, and a server whose certificate is not trusted is noticed at once.
 */

import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { currentKey } from "#core/connection/signing-keys.ts";
import type { Config } from "#config/environment.ts";
import type { OwnSystems } from "./systems.ts";

/** A certificate with its chain has a hundredth of it. */
const FILE_BYTES_MAX = 1024 * 1024;

/** The parameter of the address of PostgreSQL that names the file with the client's certificate. */
const IN_ADDRESSES = "sslcert";

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

/** The files with client certificates that the configuration names, as full paths, each once. Never throws. */
export function certificateFilesOf(
  { databaseUrl }: Config,
  systems: OwnSystems,
): readonly string[] {
  const addresses = [databaseUrl === null ? "" : currentKey(databaseUrl), ...systems.databases];
  const found = [
    ...addresses.map((address) => URL.parse(address)?.searchParams.get(IN_ADDRESSES) ?? ""),
    ...systems.files,
  ];
  return [...new Set(found.filter((path) => path !== "").map((path) => resolve(path)))];
}

/** The file's own certificate, which stands before its chain, and when it ends; null where there is none. Never throws. */
export function fileEnd(path: string): { readonly subject: string; readonly at: Date } | null {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) return null;
    const [pem] = PEM.exec(readFileSync(path, "utf8")) ?? [];
    if (pem === undefined) return null;
    const { subject, validTo } = new X509Certificate(pem);
    return { subject: nameIn(subject), at: new Date(validTo) };
  } catch {
    return null;
  }
}

/** The common name, or the whole subject in one line where it has none. */
function nameIn(subject: string): string {
  return /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll("\n", ", ");
}
