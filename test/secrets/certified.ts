/** Certificates of the tests' own, and servers that show them. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);

/** Node makes keys but no certificates. */
const hasOpenssl = await run("openssl", ["version"]).then(
  () => true,
  () => false,
);

/** For tests that make certificates. */
export const NEEDS_OPENSSL = { skip: hasOpenssl ? false : "there is no openssl on this machine" };

export type Pem = Awaited<ReturnType<typeof certified>>;

/** A key and a certificate for this name, which ends after so many days, and the file it lies in. */
export async function certified(context: TestContext, days: number, name = "localhost") {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-tls-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const made = ["-x509", ...kind, "-subj", `/CN=${name}`, "-days", String(days)];
  await run("openssl", ["req", ...made, "-keyout", key, "-out", cert]);
  return { key: readFileSync(key), cert: readFileSync(cert), file: cert };
}

/** Lets a server listen on a free port of this machine until the test ends. */
export async function portOf(context: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => void server.close());
  return z.object({ port: z.int() }).parse(server.address()).port;
}

/** How many days from now, as a whole number; null for no moment. */
export function inDays(at: Date | null | undefined): number | null {
  return at instanceof Date ? Math.round((at.getTime() - Date.now()) / 86_400_000) : null;
}
