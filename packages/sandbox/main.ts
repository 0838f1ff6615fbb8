/** Command line entry that runs a part of the sandbox by itself: `npm start -- sandbox zendesk` or `shops`. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { reasonOf } from "#core/values/errors.ts";

const USAGES: Readonly<Record<string, string>> = {
  zendesk: "zendesk [--port P] [--directory D]",
  shops: "shops stripe|woocommerce|shopify [--port P]",
};

const [part = "", ...words] = process.argv.slice(2);
const usage = USAGES[part] ?? Object.values(USAGES).join(", or sandbox ");
const { positionals, values } = typed();
const [named = "", ...more] = part === "zendesk" ? ["", ...positionals] : positionals;
const wrong = Object.keys(values).find((name) => !usage.includes(`--${name} `));
if (wrong !== undefined || more.length > 0) exitWith(`does not take ${wrong ?? more.join(" ")}`);
if (part === "zendesk") await runZendesk();
else if (part === "shops") await runShop();
else exitWith(`is none of ${Object.keys(USAGES).join(", ")}`);

function typed() {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: { port: text, directory: text },
    });
  } catch (error) {
    return exitWith(reasonOf(error));
  }
}

/**
 * The sandbox's Zendesk: `--port P` (a free one otherwise), `--directory D` for its data, which is apart from that of a
 * Deskhand in the same folder and its own for each port. The first line on standard output is JSON with `url`, `tokens`
 * and `groups` as in endpoints.json, and with `users`, `oauth` and `webhookSecret`; SIGINT or SIGTERM ends it.
 */
async function runZendesk(): Promise<void> {
  const port = typedPort();
  const own = port === 0 ? "sandbox-zendesk" : `sandbox-zendesk-${port}`;
  const directory = resolve(values.directory ?? join(".deskhand", own));
  claimDirectory(directory);
  const { startSandboxZendesk } = await import("./zendesk/index.ts");
  const started = startSandboxZendesk({ directory, port, now: () => new Date() });
  const zendesk = await started.catch(notStarted);
  const { url, tokens, groups, users, oauth, webhookSecret } = zendesk;
  print(JSON.stringify({ url, tokens, groups, users, oauth, webhookSecret }));
  print(`Agent page ${url}/agent, customer page ${url}/hc/requests`);
  endWith(zendesk);
}

/** One stand-in of a shop. Prints the settings under which the ready-made tools find it, as lines for the file `.env`. */
async function runShop(): Promise<void> {
  const port = typedPort();
  const { isStandIn, startShop } = await import("./shops/index.ts");
  if (!isStandIn(named)) exitWith("names no stand-in");
  const shop = await startShop(named, port).catch(notStarted);
  for (const [setting, value] of Object.entries(shop.settings)) print(`${setting}=${value}`);
  endWith(shop);
}

/** 0, which is a free one, where the option was not given. */
function typedPort(): number {
  const { port = "0" } = values;
  const number = Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    exitWith(`--port wants a whole number from 0 to 65535, not ${port}`);
  return number;
}

/** Allows one process for each directory: a second one would rewrite the journal that the first still appends to. */
function claimDirectory(folder: string): void {
  const file = join(folder, "running");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const other = ownerOf(file);
  if (other !== undefined)
    exitWith(`${folder} is in use by process ${other}; name another with --directory`);
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

function endWith(running: { close(): Promise<void> }): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void running.close().then(() => process.exit(0)));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function notStarted(error: unknown): never {
  exitWith(`cannot start: ${reasonOf(error)}`);
}

function exitWith(reason: string): never {
  process.stderr.write(`sandbox ${part}: ${reason}. Usage: npm start -- sandbox ${usage}\n`);
  process.exit(1);
}
