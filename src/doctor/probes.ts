/** Small checks of the database, the queue, the shop, the clock, the public address and our own files, one call each. */

import {
  type Finding,
  findingsAbout,
  type UnverifiedInARow,
  type NeedName,
  NEEDS,
} from "#core/connection/connection-board.ts";
import type { Config } from "#config/environment.ts";
import { environmentFilePath, isOpenToOthers } from "#config/environment-file.ts";
import { randomBytes } from "node:crypto";
import { installationMark } from "#core/connection/signing-keys.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { addedSources } from "#knowledge/sources/source-rows.ts";
import { isProtected } from "#config/secret.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import { unreadSettings } from "#config/unread-settings.ts";
import { mendFor } from "./mends.ts";

/** Variables that look like ours and that this version does not read: misspelt, or of another version. */
export function settingFindings(environment: NodeJS.ProcessEnv): readonly Finding[] {
  const remedy = "take it out, or give it the name this version knows (docs/settings.md)";
  return unreadSettings(environment).map(({ name, found }) =>
    findingsAbout("configuration")("warning", name, found, remedy),
  );
}

/** The file of variables and the data folder of this process; nothing is said about one that is not there. */
export function ownFileFindings({ environment, dataFolder }: Config): readonly Finding[] {
  const { DESKHAND_ENV_FILE } = environment;
  const file = environmentFilePath({ DESKHAND_ENV_FILE }, process.cwd());
  return [
    ...(isOpenToOthers(file)
      ? [open("file of variables", file, `chmod 600 ${file}`, "close_file")]
      : []),
    ...(isOpenToOthers(dataFolder)
      ? [open("data folder", dataFolder, `chmod 700 ${dataFolder}`, "close_folder")]
      : []),
  ];
}

/** By which way requests leave. The proxy's own user and password are no part of it. */
export function proxyFindings({ environment }: Config): readonly Finding[] {
  const { HTTPS_PROXY: proxy, NO_PROXY: direct } = environment;
  if (proxy === undefined) return [];
  const except = direct === undefined ? "" : `, but for ${direct}`;
  const found = `what leaves with TLS goes through ${new URL(proxy).host}${except}`;
  return [findingsAbout("network")("ok", "HTTPS_PROXY", found)];
}

function open(check: string, path: string, command: string, fix: Finding["fix"]): Finding {
  const found = `${path} can be read by other users of this machine`;
  const means = "It holds tokens and customers' messages. What they have read so far stays known.";
  return { ...findingsAbout("this machine")("problem", check, found, command), means, fix };
}

const TIMEOUT_MS = 8_000;

/** Makes a finding of the check that is under way. */
type Told = (state: Finding["state"], found: string, remedy?: string) => Finding;

/** Turns the result of a check into a finding; a thrown error becomes a problem with its reason. */
async function probe(
  [part, check]: readonly [part: string, check: string],
  remedy: string,
  look: (finding: Told) => Promise<Finding | string>,
): Promise<Finding> {
  const told: Told = (state, ...more) => findingsAbout(part)(state, check, ...more);
  try {
    const found = await look(told);
    return typeof found === "string" ? told("ok", found) : found;
  } catch (error) {
    return told("problem", reasonWithCause(error), mendFor(error) ?? remedy);
  }
}

/**
 * The embedded database is for trying things out: with a real part connected it is a problem, once anything may be sent.
 * While every channel only shadows, the loss of a draft costs nothing, so there it is a warning.
 */
export function databaseFinding(
  store: Store,
  { isReal, onlyShadows }: { readonly isReal: boolean; readonly onlyShadows: boolean },
): Promise<Finding> {
  return probe(["database", "connection"], "check DATABASE_URL", async (told) => {
    const row = z.object({ version: z.string() });
    const [found] = await rowsOf(store, row, sql`select version() as version`);
    const version = found?.version.split(" ").slice(0, 2).join(" ") ?? "";
    if (store.kind === "postgres") return version;
    const words = `the embedded one (${version}), for one process and without a server's care`;
    if (!isReal) return words;
    const remedy = "set DATABASE_URL to a PostgreSQL; a backup takes what is there along";
    return onlyShadows
      ? told(
          "warning",
          `${words}; enough while every channel only shadows`,
          `before the first answer is sent, ${remedy}`,
        )
      : told("problem", words, remedy);
  });
}

/** `ping` of the queue; null where no Redis is configured and none runs here. */
export function queueFinding(ping: (() => Promise<void>) | null): Promise<Finding> {
  return probe(["queue", "Redis"], "check REDIS_URL", async () => {
    if (ping === null) return "the embedded one, which comes up with the start";
    await ping();
    return "answers, and is set not to evict";
  });
}

/** Asks for customers with an address that nobody has: the shop's contract answers with an empty list. */
export function shopFinding(url: string, key: string): Promise<Finding> {
  const elsewhere = "check SHOP_URL: the API answers below it, and no path of a page belongs there";
  return probe(["shop", "key"], elsewhere, async (told) => {
    const asked = `/customers?email=${encodeURIComponent("nobody@deskhand.invalid")}`;
    const answer = await call(`${url.replace(/(?<!\/)\/+$/, "")}${asked}`, key);
    if ([401, 403].includes(answer.status))
      return told("problem", `it refuses our key (${answer.status})`, "check SHOP_KEY");
    if (answer.status !== 200) throw new Error(`it answers ${answer.status} to GET ${asked}`);
    const list: unknown = await answer.json().catch(() => null);
    if (!Array.isArray(list)) throw new Error(`it answers GET ${asked} without a list`);
    // As Stripe and others mark the keys with which nothing really happens.
    return /(?:^|[_-])(?:test|sandbox)[_-]/i.test(key)
      ? told("warning", `${url} takes a key of its test mode`, "set SHOP_KEY to the live one")
      : `${url} takes our key`;
  });
}

/** Sources of help pages whose last reading failed, or gave no page at all. */
export async function helpPageFindings(store: Store): Promise<readonly Finding[]> {
  const remedies = {
    site: "open its address in a browser window without a sign-in: the pages have to show there; otherwise add the address where they do",
    folder: "look whether the folder is there, and whether this process may read it",
    "zendesk-guide": "look whether the help centre is open, and the reader may read it",
  };
  // Why the database cannot be asked is what its own check says.
  const sources = await store.run(addedSources).catch(() => []);
  return sources.map(({ name, kind, pages, problem }) => {
    const told = findingsAbout("help pages");
    if (problem === "" && pages > 0) return told("ok", name, `${pages} pages`);
    const found = problem || "not one of its pages could be read";
    return told(pages > 0 ? "warning" : "problem", name, found, remedies[kind]);
  });
}

/** What only the process that runs can say of itself; the others have looks of their own here. */
const SEEN_INSIDE: readonly NeedName[] = ["jobs", "reconciler", "channels", "clock", "log"];

/** A problem for each need that the running process has not; what it can go on without is a warning. */
export function needFindings(
  needs: Readonly<
    Partial<Record<NeedName, { readonly required: boolean; readonly reason: string | null }>>
  > = {},
): readonly Finding[] {
  return SEEN_INSIDE.flatMap((name) => {
    const { required = false, reason = null } = needs[name] ?? {};
    if (reason === null) return [];
    const { means, runbook } = NEEDS[name];
    const remedy = `docs/runbooks/${runbook}.md`;
    const state = required ? "problem" : "warning";
    return [{ ...findingsAbout("process")(state, name, reason, remedy), means }];
  });
}

/** Where the secret stands that a vendor signs its requests with. */
const SIGNING: Readonly<Record<string, string>> = {
  slack: "set SLACK_SIGNING_SECRET to the app's signing secret (Basic Information)",
  zendesk: "set ZENDESK_WEBHOOK_SECRET to the webhook's signing secret",
};

/**
 * What a wrong signing secret looks like from here: requests come, and not one of them is taken. A warning, since a
 * stranger's look the same until the vendor's next one.
 */
export function signatureFindings(unverified: UnverifiedInARow): readonly Finding[] {
  return [...unverified].map(([channel, { count, reason }]) =>
    findingsAbout(channel)(
      "warning",
      "signing secret",
      `${count} ${count === 1 ? "request was" : "requests were"} refused one after the other, and none taken since: ${reason}. If the vendor sent them, the signing secret differs`,
      SIGNING[channel] ?? "check the secret that they are signed with",
    ),
  );
}

/** A signature of a vendor counts for some minutes, and hours and limits go by the clock. */
const CLOCK_OFF_S_MAX = 60;

/**
 * Compares this machine's clock with the first server of another machine that tells its time, and so the one that
 * Deskhand goes by, which is the database's, where the two are apart.
 */
export async function clockFindings(
  servers: readonly string[],
  clock: Clock,
): Promise<readonly Finding[]> {
  for (const server of servers) {
    const answer = await call(server, null).catch(() => null);
    const theirs = Date.parse(answer?.headers.get("date") ?? "");
    if (Number.isNaN(theirs)) continue;
    const { host } = new URL(server);
    const [own, shared] = [Date.now(), clock.now().getTime()];
    const machine = clockFinding("this machine", (own - theirs) / 1_000, host);
    const isApart = Math.abs(shared - own) > CLOCK_OFF_S_MAX * 1_000;
    return isApart
      ? [machine, clockFinding("database", (shared - theirs) / 1_000, host)]
      : [machine];
  }
  const found = "not tried: no connected server tells its time";
  return [findingsAbout("this machine")("unknown", "clock", found)];
}

function clockFinding(part: "this machine" | "database", ahead: number, host: string): Finding {
  const seconds = Math.round(ahead);
  const finding = findingsAbout(part);
  if (Math.abs(seconds) <= CLOCK_OFF_S_MAX)
    return finding("ok", "clock", `agrees with that of ${host}`);
  const found = `it is ${Math.abs(seconds)} seconds ${seconds > 0 ? "ahead of" : "behind"} that of ${host}`;
  const remedy = `let ${part === "database" ? "its" : "the"} machine follow a time server (timedatectl set-ntp true)`;
  return finding("warning", "clock", found, remedy);
}

/** Asks the public address for this installation: an answer without its mark comes from something else. */
export function publicFinding(url: string, instance: string): Promise<Finding> {
  const remedy = "check DESKHAND_PUBLIC_URL, and what the proxy before Deskhand passes on";
  const nonce = randomBytes(12).toString("base64url");
  return probe(["public address", "answers"], remedy, async (told) => {
    const bare = `${url} is without TLS: vendors call no such address`;
    if (!isProtected(url)) return told("problem", bare, "set DESKHAND_PUBLIC_URL to https");
    let answer: Response;
    try {
      answer = await call(`${url.replace(/(?<!\/)\/+$/, "")}/health/live?nonce=${nonce}`, null);
    } catch (error) {
      const found = `${url} cannot be reached from this machine (${reasonWithCause(error)})`;
      return told("warning", found, remedy);
    }
    if (answer.status !== 200)
      return told("problem", `${url} answers ${answer.status} to /health/live`, remedy);
    const { installation } = Live.catch({}).parse(await answer.json().catch(() => null));
    if (installation !== installationMark(instance, nonce))
      return told("problem", `${url} is answered by something that is not this Deskhand`, remedy);
    return `${url} leads here`;
  });
}

const Live = z.object({ installation: z.string().optional() });

/** Node says "fetch failed" and keeps what happened in the cause. */
function reasonWithCause(error: unknown): string {
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof Error && !(error instanceof DeskhandError)
    ? cause.message
    : reasonOf(error);
}

/** What the team wrote and cannot be used as it is on the disk. */
export interface BrokenFile {
  readonly what: string;
  readonly mistakes: readonly string[];
  /** The command that checks it alone. */
  readonly check: string;
}

/** One problem for each, with all its mistakes. */
export async function brokenFileFindings(
  look: () => Promise<readonly BrokenFile[]> = async () => [],
): Promise<readonly Finding[]> {
  // A database that is away has a finding of its own.
  const broken = await look().catch(() => []);
  return broken.map(({ what, mistakes, check }) =>
    findingsAbout("policy and procedures")(
      "problem",
      what,
      `cannot be used as it is on the disk, so what is in force stays:\n${mistakes.join("\n")}`,
      `correct it; \`deskhand ${check}\` says whether it is right`,
    ),
  );
}

/** One thing a check of the tools found. */
export interface ToolFinding {
  /** The folder of tools, or a system. */
  readonly about: string;
  readonly isWell: boolean;
  /** What was found, and what to do where something is wrong. */
  readonly found: string;
}

/** Your own systems are asked with the keys they are set to have. */
export async function toolFindings(
  folders: readonly string[],
  checkTools: (() => Promise<readonly ToolFinding[]>) | null,
): Promise<readonly Finding[]> {
  if (folders.length === 0) return [];
  const finding = findingsAbout("own systems");
  if (checkTools === null) {
    const words = "not tried from here; `deskhand tools check` asks them";
    return [finding("unknown", "key", words)];
  }
  const remedy = "check its address and key; `deskhand tools check` asks again";
  return (await checkTools()).map(({ about, isWell, found }) =>
    isWell ? finding("ok", about, found) : finding("problem", about, found, remedy),
  );
}

function call(address: string, token: string | null): Promise<Response> {
  return fetch(address, {
    ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}
