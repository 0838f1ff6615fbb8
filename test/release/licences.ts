/** Compares the licence of each production dependency with those that may be shipped beside the MIT licence. */

import { z } from "zod";

/** Licences by their SPDX names that ask for no more than to be named, and the old name `BSD`, which three clauses have. */
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
  "MIT-0",
  "PSF-2.0",
  "Zlib",
]);

/** The part of npm's lock file that is read. */
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

/** What was found in a lock file. */
interface Licences {
  /** How many packages have each licence. */
  readonly counts: ReadonlyMap<string, number>;
  /** One line for each package whose licence is unknown or not allowed. */
  readonly problems: readonly string[];
}

/** The licences of everything of others that a production install brings. Throws for what is no lock file, or one without packages. */
export function licencesIn(lock: unknown): Licences {
  const packages = Object.entries(Lock.parse(lock).packages).filter(
    ([path, { dev = false, link = false }]) => path.includes("node_modules/") && !dev && !link,
  );
  if (packages.length === 0) throw new Error("the lock file names no production dependency");
  const counts = new Map<string, number>();
  const problems = packages.flatMap(([path, { version = "?", license = "" }]) => {
    counts.set(license, (counts.get(license) ?? 0) + 1);
    if (isAllowed(license)) return [];
    const name = path.replace(/^.*node_modules\//, "");
    return [`${name} ${version}: ${license === "" ? "no licence is named" : license}`];
  });
  return { counts, problems };
}

/** Of licences joined by OR one has to be allowed, of those joined by AND each. Anything else is unknown. */
function isAllowed(expression: string): boolean {
  const plain = expression.replace(/^\((.*)\)$/, "$1");
  if (/[()]/.test(plain)) return false;
  return plain.split(" OR ").some((one) => one.split(" AND ").every((name) => ALLOWED.has(name)));
}
