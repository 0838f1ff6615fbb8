/**
 * Tries connections that are not written down yet, with the doctor's own checks, for `deskhand init`; in a Zendesk account
 * it finds what Deskhand needs, and makes what is missing when an admin's token is there.
 */

import { type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import { reasonOf } from "#core/values/errors.ts";
import { zendeskClient } from "#zendesk/api/client.ts";
import type { ZendeskOptions } from "#zendesk/options.ts";
import { ownUser, writerProblem } from "#zendesk/setup/permissions.ts";
import { setUpAccount } from "#zendesk/setup/set-up.ts";
import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { examineInboxes } from "#email/check-inboxes.ts";
import type { Log } from "#core/contracts/ports.ts";
import { isRealSetup, readConfig, type Config } from "#config/environment.ts";
import { configuredDatabase } from "#config/storage.ts";
import {
  configuredConnections,
  type Connected,
  type ConnectionContext,
  NOTHING_EMBEDDED,
} from "#connections/connect-all.ts";
import { currentPolicy, loadPolicy } from "#policy/load-policy.ts";
import { examineSlack, slackDirectory } from "#slack/setup/check-workspace.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { requireSchema } from "#store/db/migrate.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { createLog } from "#telemetry/log.ts";
import { examineZendesk } from "#zendesk/setup/check-account.ts";
import { unopened } from "./mends.ts";
import { databaseFinding, shopFinding } from "./probes.ts";
import { modelFindings } from "./try-model.ts";

type Account = Pick<ZendeskOptions, "url" | "writerToken" | "readerToken" | "clock" | "fields">;

type Variables = Readonly<Record<string, string>>;

/** What was found or made. */
interface ArrangedAccount {
  /** A problem for each thing that is still missing; empty when the account is complete. */
  readonly findings: readonly Finding[];
  /** Ids of the groups, and the webhook's secret, by the variables that hold them. */
  readonly variables: Variables;
}

/**
 * Looks through the account with the reader; with an admin's token it makes what is missing. Ticket fields are a convenience, so a missing one is no problem. Never throws.
 */
export async function arrangeAccount(
  account: Account,
  publicUrl: string | null,
  adminToken: string | null,
): Promise<ArrangedAccount> {
  const step = { name: "writer" };
  try {
    const botEmail = await writersAddress(account);
    step.name = adminToken === null ? "reader" : "admin token";
    const { steps, variables } = await setUpAccount({
      url: account.url,
      adminToken: adminToken ?? (await account.readerToken()),
      publicUrl,
      botEmail,
      hasFields: Object.keys(account.fields ?? {}).length > 0,
      apply: adminToken !== null,
      clock: account.clock,
    });
    return {
      findings: steps
        .filter(({ state, isOptional }) => state.startsWith("would") && isOptional !== true)
        .map(({ what }) => missing(what)),
      variables: Object.fromEntries(variables),
    };
  } catch (error) {
    const findings = [refused(step.name, error)];
    // Both secrets may be wrong, and are then named together.
    if (step.name === "writer")
      await account.readerToken().catch((other) => findings.push(refused("reader", other)));
    return { findings, variables: {} };
  }
}

/** The address of the bot's own agent. Throws where the writer cannot sign in, or is somebody who may not be the bot. */
async function writersAddress({ url, clock, writerToken }: Account): Promise<string> {
  const calls = { timeoutMs: 10_000, callsPerMinute: 60 };
  const writer = zendeskClient({ url, clock, token: writerToken, ...calls });
  const user = await ownUser({ client: writer, signal: AbortSignal.timeout(20_000) });
  const wrong = writerProblem(user);
  if (wrong !== null) throw new Error(wrong);
  return user.email ?? "";
}

function problem(check: string, found: string, remedy: string): Finding {
  return findingsAbout("zendesk")("problem", check, found, remedy);
}

function missing(what: string): Finding {
  return problem(
    "account",
    `missing: ${what}`,
    "give an admin's access token (Admin Center, Apps and integrations, APIs), with which it is made here, or make it by hand: `deskhand init zendesk` prints the list",
  );
}

function refused(check: string, error: unknown): Finding {
  const remedy =
    check === "writer"
      ? "check ZENDESK_URL, and the writer's client id, secret and scope (read write), and that the bot's own agent authorized it (docs/zendesk.md, OAuth clients)"
      : check === "reader"
        ? "check the reader's client id, secret and scope (read), and that an admin made it (docs/zendesk.md, OAuth clients)"
        : "check that the token is an access token of an admin with the scopes read and write";
  return problem(check, reasonOf(error), remedy);
}

/** Connections to be tried, each with all variables known so far. Nothing throws: a failed try is a finding. */
export type Trial = ReturnType<typeof openTrial>;

/** The database of a trial: it belongs to the settings it was opened with, and one that failed is not kept. */
interface Opened {
  readonly place: string;
  /** The folder that was made for it; null where none was. */
  readonly made: string | null;
  readonly store: Promise<Store>;
}

const clock = { now: () => new Date() };
const log = createLog("silent");

/** Stand in for what only the account can tell, so that its connection can be made before it was asked. */
const UNKNOWN_YET = {
  ZENDESK_WEBHOOK_SECRET: "not known yet",
  ZENDESK_GROUP_BOT: "1",
  ZENDESK_GROUP_TIER2: "1",
  ZENDESK_GROUP_SENSITIVE: "1",
};

/**
 * Opens the database only when a connection needs it: what a provider exchanges for a token that works once is kept
 * there, so that the first start finds it. `policy` is the text of the policy to be.
 */
export function openTrial(policy: string) {
  const opened: { trial: Opened | null } = { trial: null };
  const close = async ({ isKept }: { readonly isKept: boolean }): Promise<void> => {
    const { trial } = opened;
    opened.trial = null;
    // A database that could not be opened may belong to another program, and stays.
    const store = await trial?.store.catch(() => undefined);
    await store?.close();
    if (!isKept && store !== undefined && trial?.made)
      rmSync(trial.made, { recursive: true, force: true });
  };
  const trialStore = async (config: Config): Promise<Store> => {
    const place = config.environment.DATABASE_URL ?? config.dataFolder;
    if (opened.trial?.place !== place) {
      await close({ isKept: false });
      opened.trial = { place, made: newFolder(config), store: openedStore(config, log) };
    }
    const { trial } = opened;
    try {
      return await trial.store;
    } catch (error) {
      if (opened.trial === trial) opened.trial = null;
      throw error;
    }
  };
  const connect = async (variables: Variables): Promise<Connected> => {
    const config = readConfig(variables);
    const store = await trialStore(config);
    const current = currentPolicy(loadPolicy(policy, config.policyFile));
    return connectedBeside({ config, store, policy: current, log });
  };
  return {
    database: (variables: Variables) =>
      tried("database", async () => {
        const config = readConfig(variables);
        const isReal = isRealSetup(config);
        return [await databaseFinding(await trialStore(config), { isReal, onlyShadows: true })];
      }),
    slack: (variables: Variables) =>
      tried("slack", async () => {
        const { slack } = await connect(variables);
        return slack === null ? [] : examineSlack(slack, []);
      }),
    /** Null where the variables have no workspace. */
    directory: ({ SLACK_BOT_TOKEN: botToken, SLACK_API_URL: apiUrl }: Variables) =>
      botToken === undefined
        ? null
        : slackDirectory({ botToken, log, ...(apiUrl === undefined ? {} : { apiUrl }) }),
    email: (variables: Variables) =>
      tried("email", async () => {
        const { email } = await connect(variables);
        return email === null ? [] : examineInboxes(email);
      }),
    shop: async (url: string, key: string) => [await shopFinding(url, key)],
    model: modelFindings,
    /**
     * Looks up the account's groups and webhook, and with an admin's token makes what is missing. `variables` name what
     * is there; without a public address the webhook's secret is one that no caller has.
     */
    zendesk: (variables: Variables, adminToken: string | null) =>
      tryAccount(connect, variables, adminToken),
    /** Closes the database, if it was opened. Unless it is kept, an embedded one that was made here is removed again. */
    close,
  };
}

/** The folder that opening the embedded database will make; null where it is there, or another one is used. */
function newFolder({ environment, dataFolder }: Config): string | null {
  if (environment.DATABASE_URL !== undefined) return null;
  const folders = [dataFolder, join(dataFolder, "pglite")];
  return folders.find((folder) => !existsSync(folder)) ?? null;
}

/** Opens the database of a configuration; an empty one gets the schema, and one of an earlier version is refused. */
export async function openedStore(config: Config, log: Log): Promise<Store> {
  const store = await openStore({ ...configuredDatabase(config), log });
  try {
    await requireSchema(store);
    return store;
  } catch (error) {
    // Left open it would keep the data folder, and every later try would find it in use.
    await store.close();
    throw error;
  }
}

/** The connections of a configuration beside no running process, without the sandbox. */
export async function connectedBeside(
  given: Pick<ConnectionContext, "config" | "store" | "policy" | "log">,
): Promise<Connected> {
  const secrets = await installationSecrets(given.store, clock);
  return configuredConnections({ ...given, clock, secrets, embedded: NOTHING_EMBEDDED });
}

async function tryAccount(
  connect: (variables: Variables) => Promise<Connected>,
  variables: Variables,
  adminToken: string | null,
): Promise<ArrangedAccount> {
  const publicUrl = variables["DESKHAND_PUBLIC_URL"] ?? null;
  try {
    const { zendesk } = await connect({ ...UNKNOWN_YET, ...variables });
    if (zendesk === null) return { findings: [], variables: {} };
    const arranged = await arrangeAccount(zendesk, publicUrl, adminToken);
    // No service calls without an address, and no caller may find the secret of a door that is there all the same.
    const secret =
      publicUrl === null && variables["ZENDESK_WEBHOOK_SECRET"] === undefined
        ? { ZENDESK_WEBHOOK_SECRET: randomBytes(32).toString("base64") }
        : {};
    const found = { ...secret, ...arranged.variables };
    if (arranged.findings.length > 0) return { findings: arranged.findings, variables: found };
    const known = await connect({ ...variables, ...found });
    const findings = known.zendesk === null ? [] : await examineZendesk(known.zendesk, publicUrl);
    return { findings, variables: found };
  } catch (error) {
    return { findings: [unopened("zendesk", "connection", error)], variables: {} };
  }
}

async function tried(
  part: string,
  look: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [unopened(part, "connection", error)];
  }
}
