/**
 * Tells the terminal, and `endpoints.json`, where the started process answers; and what it costs: the memory it
 * holds, and how long its start took.
 */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Config, opensParts } from "#config/environment.ts";
import { currentKey } from "#core/connection/signing-keys.ts";
import type { EmbeddedParts } from "#sandbox/index.ts";
import type { Store } from "#store/db/database.ts";
import type { InstallationSecrets } from "#store/db/installation-secrets.ts";
import { chatIdentityKeys } from "#connections/sign-ins.ts";

/** Every address and sandbox credential, for people and programs that work with a running Deskhand. */
type Endpoints = ReturnType<typeof announcedEndpoints>;

/** What the start page stands on; null until everything is up, and for mail that is not the sandbox's. */
export interface ShownParts {
  readonly endpoints: Endpoints | null;
  readonly mail: EmbeddedParts["mail"];
}

/** Prints the addresses. Programs that need a complete Deskhand read them from `endpoints.json`. */
export function announce(
  given: Parameters<typeof announcedEndpoints>[0] & {
    readonly say: (line: string) => void;
    readonly web: { readonly show: (parts: ShownParts) => void };
    readonly figures: ProcessFigures;
  },
): void {
  const { config, say, url, web, figures } = given;
  const afterMs = figures.readied();
  const role = config.environment.DESKHAND_ROLE;
  if (role === "all") {
    const endpoints = announcedEndpoints(given);
    web.show({ endpoints, mail: given.embedded.mail });
    writeEndpoints(config.dataFolder, endpoints);
    const table = addressTable(endpoints, opensParts(config));
    say(`\n${readySentence("Deskhand", afterMs)}\n\n${table}\n`);
  } else say(`\n${readySentence(`Deskhand's part “${role}”`, afterMs)} It answers at ${url}.\n`);
}

function readySentence(what: string, afterMs: number): string {
  return `${what} is ready after ${(afterMs / 1_000).toFixed(1)} s.`;
}

/** Addresses of a complete Deskhand, and the credentials of its embedded parts. */
function announcedEndpoints({
  config,
  embedded,
  secrets,
  redisUrl,
  store,
  url,
}: {
  readonly config: Config;
  readonly embedded: EmbeddedParts;
  readonly secrets: Pick<InstallationSecrets, "chatIdentity">;
  readonly redisUrl: string;
  readonly store: Store;
  readonly url: string;
}) {
  return {
    ready: true,
    app: { url },
    chat: {
      url: `${url}/support/chat`,
      identitySecret: currentKey(chatIdentityKeys(config, secrets.chatIdentity)),
    },
    ...embedded.endpoints,
    redis: { url: redisUrl },
    database: { kind: store.kind, url: config.environment.DATABASE_URL ?? "" },
  } as const;
}

function fileIn(folder: string): string {
  return join(folder, "endpoints.json");
}

/** Removed before a start and on a clean stop: while the file exists, every address in it answers. */
export function removeEndpoints(folder: string): void {
  rmSync(fileIn(folder), { force: true });
}

/** Written whole under another name first, so that no reader sees half of it; readable by its owner only. */
function writeEndpoints(folder: string, endpoints: Endpoints): void {
  const temporary = `${fileIn(folder)}.part`;
  writeFileSync(temporary, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, fileIn(folder));
}

/** The same as a table for the terminal, with the embedded parts whose pages can be opened. Credentials stay in the file. */
function addressTable({ app, slack, email, zendesk, shop }: Endpoints, withParts: boolean): string {
  const rows = [
    ["Start here", app.url],
    ["Chat widget", `${app.url}/chat`],
    // A Slack of one's own is found without an address.
    ...(slack === null || !withParts ? [] : [["Approvals (Slack)", slack.url]]),
    ["Approvals (console)", `${app.url}/console`],
    ...(email === null || !withParts ? [] : [["Customers' mail", email.web]]),
    ...(zendesk === null || !withParts ? [] : [["Zendesk, agents", `${zendesk.url}/agent`]]),
    ...(shop === null || !withParts ? [] : [["Shop API", shop.openapi]]),
  ];
  const width = Math.max(...rows.map(([name = ""]) => name.length));
  return rows.map(([name = "", url]) => `  ${name.padEnd(width)}  ${url}`).join("\n");
}

/** The figures of this process, as health and `status` show them. */
export type ProcessFigures = ReturnType<typeof processFigures>;

/** One for the process: the time counts from when the program was started, loading its modules included. */
export function processFigures() {
  const start: { tookMs: number | null } = { tookMs: null };
  return {
    /** The start is over now; gives the milliseconds it took. */
    readied: () => (start.tookMs ??= Math.round(performance.now())),
    /** Resident memory in MB, and the milliseconds from the program's start until it was ready; null until then. */
    now: () => ({
      memory_mb: Math.round(process.memoryUsage.rss() / 1_000_000),
      ready_after_ms: start.tookMs,
    }),
  };
}

/** The same as a line of `status`. */
export function figuresLine({ memory_mb, ready_after_ms }: ReturnType<ProcessFigures["now"]>) {
  const started =
    ready_after_ms === null
      ? "not ready yet"
      : `ready after ${(ready_after_ms / 1_000).toFixed(1)} s`;
  return `Memory: ${memory_mb} MB, ${started}`;
}
