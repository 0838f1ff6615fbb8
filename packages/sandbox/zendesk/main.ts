/** Command line entry that runs the local Zendesk on its own. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { reasonOf } from "#core/values/errors.ts";
import { startSandboxZendesk } from "./index.ts";

/**
 * Starts the sandbox Zendesk alone: `--port P` (a free one otherwise), `--directory D` for its data, which is apart
 * from that of a Deskhand in the same folder and its own for each port. The first line on standard output is JSON with
 * `url`, `tokens` and `groups` as in endpoints.json, and with `users`, `oauth` and `webhookSecret`; SIGINT or SIGTERM
 * ends it.
 */
const { values } = parseOptions();
const port = values.port === undefined ? 0 : Number(values.port);
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  exitWith(`--port wants a number from 0 to 65535, not ${values.port}`);
}
const directory = resolve(
  values.directory ?? join(".deskhand", port === 0 ? "sandbox-zendesk" : `sandbox-zendesk-${port}`),
);
claimDirectory(directory);
const started = startSandboxZendesk({ directory, port, now: () => new Date() });
const zendesk = await started.catch((error: unknown) =>
  exitWith(`cannot start: ${reasonOf(error)}`),
);
const { url, tokens, groups, users, oauth, webhookSecret } = zendesk;
process.stdout.write(`${JSON.stringify({ url, tokens, groups, users, oauth, webhookSecret })}\n`);
process.stdout.write(`Agent page ${url}/agent, customer page ${url}/hc/requests\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void zendesk.close().then(() => process.exit(0)));
}

function parseOptions() {
  try {
    return parseArgs({ options: { port: { type: "string" }, directory: { type: "string" } } });
  } catch (error) {
    exitWith(`${reasonOf(error)} Usage: npm start -- sandbox zendesk [--port P] [--directory D]`);
  }
}

/** Allows one process for each directory: a second one would rewrite the journal that the first still appends to. */
function claimDirectory(folder: string): void {
  const file = join(folder, "running");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const other = ownerOf(file);
  if (other !== undefined) {
    exitWith(`${folder} is in use by process ${other}; name another with --directory`);
  }
  writeFileSync(file, String(process.pid));
  process.once("exit", () => rmSync(file, { force: true }));
}

/** The process in the file if it still runs; one that was killed leaves its number behind, which may be ours by now. */
function ownerOf(file: string): number | undefined {
  try {
    const owner = Number(readFileSync(file, "utf8"));
    if (owner === 0 || owner === process.pid) return undefined;
    process.kill(owner, 0);
    return owner;
  } catch {
    return undefined;
  }
}

function exitWith(reason: string): never {
  process.stderr.write(`sandbox zendesk: ${reason}\n`);
  process.exit(1);
}
