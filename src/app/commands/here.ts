/** Gives commands what they work on where no Deskhand runs, such as in CI: by parts that live as long as the command. */
import type { KnownParts } from "#cli/command-parts.ts";
import { personalDataIn, shopAlone } from "#app/foundation.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type Config, isOnlySamples } from "#config/environment.ts";
import type { ToolFinding } from "#doctor/probes.ts";
import { configuredPolicySource } from "#config/policy-file.ts";
import { configuredDatabase } from "#config/storage.ts";
import { localNotices } from "#jobs/queue/change-notices.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { SourceReader } from "#knowledge/sources/read-source.ts";
import { storedPolicy } from "#policy/load-policy.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { openPostgres, openStore, type Store } from "#store/db/database.ts";
import { requireSchema } from "#store/db/migrate.ts";
import { activePolicy } from "#store/policy/policy-changes.ts";
import { createLog } from "#telemetry/log.ts";
import { checkedTools, commandParts, toolFolders } from "./command-parts.ts";
import type { ComposedApp } from "#app/composed-app.ts";
import { randomIds } from "#app/shared-clock.ts";

/** What few commands need, loaded by them. */
const LOADED = {
  compose: () => import("#app/compose.ts"),
  backup: () => import("./backup.ts"),
  knowledge: () => import("#knowledge/index.ts"),
  inspector: () => import("#jobs/knowledge/pages.ts"),
};

/** The time as it is. */
export const CLOCK: Clock = { now: () => new Date() };

/** What parts are made from where no process runs. */
export interface Here {
  readonly config: Config;
  readonly store: Store;
  readonly log: Log;
  /** A folder of help pages in the place of the sample shop's. */
  readonly pages?: string;
}

/** Where a command finds the data, and takes what it prints while it goes on. */
interface CommandPlace {
  readonly config: Config;
  /** A restore opens the database as it is, and fills it. */
  readonly isRestore: boolean;
  /** Beside the process that runs, and may have the data folder. */
  readonly isBeside: boolean;
  readonly progress: (line: string) => void;
}

/** Opens the data, lends what commands use, and closes it whatever comes of it. */
export async function withPartsHere<Result>(
  { config, isRestore, isBeside, progress }: CommandPlace,
  use: (parts: KnownParts) => Promise<Result>,
): Promise<Result> {
  const log = createLog("warn");
  const { databaseUrl, folder } = configuredDatabase(config);
  const store = await (isBeside && databaseUrl !== null
    ? openPostgres(databaseUrl, log)
    : openStore({ databaseUrl, folder, log }));
  try {
    if (isRestore) {
      const kept = { store, config, progress };
      const { restoreHere } = await LOADED.backup();
      return await use({
        store,
        clock: CLOCK,
        restore: (...named) => restoreHere(kept, ...named),
      });
    }
    await requireSchema(store);
    return await use({
      ...partsHere({ config, store, log }, progress),
      personal: await personalDataIn(store, config),
    });
  } finally {
    await store.close();
  }
}

/**
 * The parts of this installation, made when a command uses them: with the configured model, or the rehearsal rules, and
 * with the configured shop, or the sample shop. Nothing else is connected to, and nothing is sent or changed.
 */
export function partsHere(here: Here, progress: (line: string) => void): KnownParts {
  const { config, store } = here;
  const parts = commandParts(
    config,
    { store, clock: CLOCK, ids: randomIds },
    (use) => withParts(here, use),
    { progress, whileThere: untilInterrupted },
  );
  return {
    ...parts,
    appUrl: config.environment.DESKHAND_PUBLIC_URL ?? null,
    tools: { ...parts.tools, check: () => checkedHere(here) },
    knowledge: () => knowledgeHere(here),
  };
}

/** Looks at the tools as the next start would. What keeps Deskhand from starting is what the check is asked for. */
async function checkedHere(here: Here): Promise<readonly ToolFinding[]> {
  const { config } = here;
  try {
    const asked = await withParts(here, (parts) => checkedTools(config, parts), "file");
    const found = `no Deskhand that runs: looked at as the next start would, with the policy in ${config.policyFile}.`;
    return [{ about: "answered by", isWell: true, found }, ...asked];
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    return [{ about: toolFolders(config), isWell: false, found: error.message }];
  }
}

/** The first interruption from the keyboard stops the work; what was done is kept, and the next run goes on. */
export async function untilInterrupted<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  process.once("SIGINT", interrupted);
  try {
    return await work(stop.signal);
  } finally {
    process.removeListener("SIGINT", interrupted);
  }
}

/** Embeddings are computed by the running process, which needs them. */
async function knowledgeHere({ config, store, log }: Here): Promise<SourceReader> {
  const { openKnowledge } = await LOADED.knowledge();
  const knowledge = await openKnowledge({
    store,
    log,
    embeddings: false,
    clock: CLOCK,
    inspect: (await LOADED.inspector()).pageInspector(),
    // Beside anything of yours the sample pages would be about another shop.
    ...(isOnlySamples(config) ? {} : { folder: null }),
  });
  return { store, clock: CLOCK, knowledge };
}

/** Composes what a turn needs, and closes it whatever comes of it. */
export async function withParts<Result>(
  { config, store, log, pages }: Here,
  use: (parts: ComposedApp) => Promise<Result>,
  /** `file` takes the policy that the next start reads instead of the one in force. */
  policyFrom: "force" | "file" = "force",
): Promise<Result> {
  const { compose } = await LOADED.compose();
  const embedded = await shopAlone(config, CLOCK);
  try {
    const { kind } = configuredPolicySource(config);
    const active = policyFrom === "file" ? null : await store.run(activePolicy, kind);
    const foundation = {
      config,
      store,
      queue: NO_QUEUE,
      embedded,
      ...(pages === undefined ? {} : { pages }),
      clock: CLOCK,
      log,
      appUrl: () => "http://127.0.0.1",
      worker: "tests of procedures",
      secrets: await installationSecrets(store, CLOCK),
    };
    const parts = await (active === null
      ? compose(foundation)
      : compose(foundation, storedPolicy(active)));
    try {
      return await use(parts);
    } finally {
      await parts.close();
    }
  } finally {
    await embedded.close();
  }
}

/** No conversation is worked on, so no worker is woken. */
const NO_QUEUE: WakeQueue = {
  changes: localNotices(),
  wake: async () => undefined,
  wakeAnyway: async () => undefined,
  depth: async () => 0,
  work: () => undefined,
  oldestMs: async () => 0,
  ping: async () => undefined,
  standstill: () => null,
  close: async () => undefined,
};
