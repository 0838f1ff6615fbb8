/** Certificates that lie in files: of clients, and of authorities of your own. */

import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { currentKey } from "#core/connection/signing-keys.ts";
import type { Config } from "#config/environment.ts";
import type { OwnSystems } from "./systems.ts";

/** A list of all public authorities has a quarter of it. */
const FILE_BYTES_MAX = 1024 * 1024;

/** The parameters of the address of PostgreSQL and MySQL that name a file with certificates. */
const IN_ADDRESSES = ["sslrootcert", "sslcert", "ssl-ca"] as const;

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The files with certificates that the configuration names, as full paths, each once. Never throws. */
export function certificateFilesOf(
  { environment, databaseUrl, systemSettings }: Config,
  systems: OwnSystems,
): readonly string[] {
  const addresses = [
    databaseUrl === null ? "" : currentKey(databaseUrl),
    environment.DATABASE_REPLICA_URL ?? "",
    ...systems.databases,
  ];
  const found = [
    systemSettings.text("NODE_EXTRA_CA_CERTS") ?? "",
    ...addresses.flatMap((address) =>
      IN_ADDRESSES.map((name) => URL.parse(address)?.searchParams.get(name) ?? ""),
    ),
    ...systems.files,
  ];
  return [...new Set(found.filter((path) => path !== "").map((path) => resolve(path)))];
}

/**
 * The certificate of a file that ends first, and when; null where there is none. Of several for the same name, such as
 * an authority's former and its new one, the last to end counts. Never throws.
 */
export function fileEnd(path: string): { readonly subject: string; readonly at: Date } | null {
  const ends = new Map<string, Date>();
  for (const { subject, validTo } of certificatesIn(path)) {
    const [known, at] = [ends.get(subject), new Date(validTo)];
    if (known === undefined || known < at) ends.set(subject, at);
  }
  const [first] = [...ends].toSorted(([, one], [, other]) => one.getTime() - other.getTime());
  return first === undefined ? null : { subject: nameIn(first[0]), at: first[1] };
}

function certificatesIn(path: string): readonly X509Certificate[] {
  const read = <Read>(by: () => Read): readonly Read[] => {
    try {
      return [by()];
    } catch {
      return [];
    }
  };
  const [text = ""] = read(() =>
    statSync(path).size > FILE_BYTES_MAX ? "" : readFileSync(path, "utf8"),
  );
  return (text.match(PEM) ?? []).flatMap((pem) => read(() => new X509Certificate(pem)));
}

/** The common name, or the whole subject in one line where it has none. */
function nameIn(subject: string): string {
  return /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll("\n", ", ");
}
