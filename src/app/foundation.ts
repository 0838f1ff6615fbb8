/**
 * What a process stands on: database, queue and the sandbox's parts, opened at the start and waited for where they
 * run elsewhere; and what erasure and retention need.
 */

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Router } from "express";
import {
  type Config,
  isRealSetup,
  opensParts,
  showsSamples,
  signsEverybodyIn,
} from "#config/environment.ts";
import type { RoleTasks } from "#config/process-roles.ts";
import { configuredDatabase, configuredRedisPlace, configuredBlobPlace } from "#config/storage.ts";
import { SharedDuties } from "#connections/shared-duties.ts";
import { sharedRateLimits } from "#connections/shared-rate-limits.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { DeskhandError, reasonOf, invalidConfig } from "#core/values/errors.ts";
import type { PastTicket } from "#core/values/rehearsal.ts";
import { openQueue } from "#jobs/queue/queue.ts";
import { showLife } from "#jobs/recovery/resume-after-downtime.ts";
import { handBackLeases, releaseAllLeases } from "#store/conversations/lease.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { installationSecrets, secretsIn } from "#store/db/installation-secrets.ts";
import { migrate } from "#store/db/migrate.ts";
import type * as sandbox from "#sandbox/index.ts";
import type { EmbeddedParts, RequiredParts, StartPageOptions } from "#sandbox/index.ts";
import { NOTHING_EMBEDDED } from "#connections/connect-all.ts";
import { removeEndpoints } from "./announce.ts";
import type { Foundation } from "./composed-app.ts";
import { type SharedClock, randomIds } from "./shared-clock.ts";
import { DRAIN_MS, type Closing } from "./shutdown.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import { type PersonalData, takeOverList } from "#jobs/privacy/erase-person.ts";
import { storageAt } from "#store/blobs/shared-place.ts";

/** The queue stays open a little longer than the work, so that interrupted conversations can still be woken. */
const LATE_WAKE_MS = 1_000;

/** What a start is given, with the tasks of its role. */
export interface StartContext {
  readonly config: Config;
  readonly log: Log;
  readonly say: (line: string) => void;
  readonly clock: Clock | SharedClock;
  readonly tasks: RoleTasks;
}

/** Opens the database, the embedded parts and the queue, on which everything else depends. */
export async function openFoundation(
  { config, log, say, clock, tasks }: StartContext,
  { onNotice, onDrain, onStop }: Closing,
) {
  say("Opening the database …");
  const store = await waitForPlace(
    "The database",
    () => openStore({ ...configuredDatabase(config), log }),
    { isElsewhere: config.environment.DATABASE_URL !== undefined, say },
  );
  onStop(() => store.close());
  removeEndpoints(config.dataFolder);
  onStop(async () => removeEndpoints(config.dataFolder));
  const { applied } = await migrate(store);
  say(
    `Database is up (${store.kind}${applied.length > 0 ? `, ${applied.length} migration(s) applied` : ""})`,
  );
  // The embedded database uses this process's own clock.
  if ("follow" in clock && store.kind === "postgres") {
    const unfollow = await clock.follow(store, log);
    onStop(async () => unfollow());
  }
  const worker = workerName(config.dataFolder);
  // We hold the folder's lock, so the process that wrote this name into a lease is gone: no time-out is needed.
  await store.run(releaseAllLeases, worker);
  if (!tasks.works) {
    const living = showLife({ store, worker, log });
    onStop(() => living.stop());
  }
  const embedded = await embeddedParts({ config, clock, say });
  onStop(() => embedded.close());
  if (embedded.slackUnavailable !== null)
    say(`No local Slack here (${embedded.slackUnavailable}); the console takes its place.`);
  const redis = configuredRedisPlace(config.environment, embedded.redisUrl);
  const isElsewhere = config.environment.REDIS_URL !== undefined;
  const queue = await waitForPlace("Redis", () => openQueue({ ...redis, log }), {
    isElsewhere,
    say,
  });
  const closed: { queue: Promise<void> | null } = { queue: null };
  const closeQueue = (): Promise<void> => (closed.queue ??= queue.close(DRAIN_MS + LATE_WAKE_MS));
  onDrain(closeQueue);
  onStop(closeQueue);
  const allowances = sharedRateLimits({ ...redis, log });
  onStop(async () => allowances.close());
  const secrets = await installationSecrets(store, clock);
  // The embedded database has one process, which reads everything.
  const shares = tasks.connects && store.kind === "postgres";
  const duties = shares ? new SharedDuties({ store, log, holder: worker }) : undefined;
  onNotice(() => duties?.leave(), 0);
  onStop(async () => duties?.close());
  return { allowances, store, embedded, queue, redisUrl: redis.url, worker, secrets, duties };
}

/** Releases the conversations whose work was interrupted and wakes them, so that another process continues at once. */
export async function releaseConversations({
  store,
  queue,
  worker,
}: Pick<Foundation, "store" | "queue" | "worker">): Promise<void> {
  const freed = await store.run(handBackLeases, worker);
  // Without a queue the reconciler of another process finds them.
  await Promise.allSettled(freed.map((conversationId) => queue.wakeAnyway(conversationId)));
}

/** Generated once per data folder, so that a restarted process recognizes the leases its predecessor left. */
function workerName(dataFolder: string): string {
  const file = join(dataFolder, "worker");
  if (!existsSync(file)) writeFileSync(file, randomUUID(), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}

const WAIT_MS_MAX = 5 * 60_000;
const PAUSE_MS = 2_000;
/** A password or a name that is wrong stays wrong, and so does a connection without the TLS that one side wants. */
const REFUSED =
  /authentication failed|does not exist|NOAUTH|WRONGPASS|permission denied|no pg_hba\.conf entry|insecure|certificate|not support SSL/i;

/**
 * Tries until it succeeds, for five minutes, and says once why it waits. Throws what the last try threw, and at once
 * what no waiting mends. Where nothing is elsewhere there is nothing to wait for.
 */
export async function waitForPlace<Opened>(
  what: string,
  open: () => Promise<Opened>,
  { isElsewhere, say }: { readonly isElsewhere: boolean; readonly say: (line: string) => void },
): Promise<Opened> {
  const end = performance.now() + WAIT_MS_MAX;
  for (let isTold = false; ; isTold = true)
    try {
      return await open();
    } catch (error) {
      const isAway = error instanceof DeskhandError && error.retry && !REFUSED.test(error.message);
      if (!isElsewhere || !isAway || performance.now() > end) throw error;
      if (!isTold)
        say(
          `${what} does not answer yet (${reasonOf(error)}). It is tried again for five minutes.`,
        );
      await setTimeout(PAUSE_MS);
    }
}

/** Starts the parts that are wanted. An installation whose services are all real loads nothing of the sandbox. */
async function embeddedParts({
  config,
  clock,
  say,
}: Pick<StartContext, "config" | "clock" | "say">): Promise<EmbeddedParts> {
  const wanted = requiredParts(config);
  if (!Object.values(wanted).includes(true)) return NOTHING_EMBEDDED;
  return withSandbox(({ startEmbeddedParts }) =>
    startEmbeddedParts({ wanted, folder: config.dataFolder, clock, say }),
  );
}

/** The sample shop where no real one is configured; no channel and no desk, since nothing is sent. */
export async function shopAlone(
  { real, dataFolder }: Config,
  clock: Clock,
): Promise<EmbeddedParts> {
  if (real.shop) return NOTHING_EMBEDDED;
  return withSandbox(({ startEmbeddedParts }) =>
    startEmbeddedParts({
      wanted: { redis: false, slack: false, zendesk: false, email: false, shop: true },
      folder: join(dataFolder, "procedure-tests"),
      clock,
      say: () => undefined,
    }),
  );
}

/** The start page, for the address of our pages; null where every service is real. */
export async function startPageFor(
  config: Config,
  options: Omit<StartPageOptions, "onlySamples" | "showsParts" | "signsIn">,
): Promise<((ownOrigin: () => string) => Router) | null> {
  if (!Object.values(requiredParts(config)).includes(true)) return null;
  const onlySamples = showsSamples(config);
  const signsIn = signsEverybodyIn(config);
  const showsParts = opensParts(config);
  return withSandbox(async ({ startPage }) =>
    startPage({ ...options, onlySamples, signsIn, showsParts }),
  );
}

/** So many solved tickets of the sample shop. */
export function sampleHistory(until: Date, count: number): Promise<readonly PastTicket[]> {
  return withSandbox(({ sampleTickets }) => sampleTickets(until, count));
}

/** The one place that loads it: an installation for production goes without. Throws `config.invalid` where it is absent. */
async function withSandbox<Result>(
  use: (loaded: typeof sandbox) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(await import("#sandbox/index.ts"));
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw invalidConfig(
      `Not every service is connected, and what stands in for one is not installed here (${reasonOf(error)}). \`deskhand init\` connects your own; the packages that \`optionalDependencies\` of Deskhand's package.json names stand in for them.`,
      { cause: error },
    );
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";

function requiredParts(config: Config): RequiredParts {
  const { real, environment } = config;
  return {
    redis: environment.REDIS_URL === undefined,
    // Where real people write, the card beside the ticket is the desk, and not a Slack in which any user may approve.
    slack: !real.slack && environment.ZENDESK_APP_PEM === undefined,
    zendesk: !real.zendesk && !isRealSetup(config),
    email: !real.email && !isRealSetup(config),
    // Your own systems stand in its place wherever real people write.
    shop: !real.shop && !(isRealSetup(config) && config.toolsFolders.length > 0),
  };
}

/** `secret` has the keys pseudonyms are made with. */
function personalData(config: Config, secret: Keys): PersonalData {
  const { environment, dataFolder } = config;
  return {
    blobs: storageAt(configuredBlobPlace(config)),
    ids: randomIds,
    secret,
    listFile: join(dataFolder, "erasures.jsonl"),
    spansFile: environment.DESKHAND_SPANS_FILE ?? null,
    keep: {
      contentDays: environment.DESKHAND_KEEP_CONTENT_DAYS,
      auditMonths: environment.DESKHAND_KEEP_AUDIT_MONTHS,
    },
  };
}

/** The same for a starting process. Imports erasures from before the list was in the database. */
export async function personalDataAtStart(
  { config, log }: { readonly config: Config; readonly log: Log },
  { store, secrets }: { readonly store: Store; readonly secrets: { readonly audit: Keys } },
): Promise<PersonalData> {
  const personal = personalData(config, secrets.audit);
  const { unread, unknown } = await takeOverList(store, personal.listFile);
  if (unread > 0) log.warn("the list of erasures has lines that cannot be read", { unread });
  if (unknown > 0)
    log.warn("the list of erasures has people who cannot be recognised here", { unknown });
  return personal;
}

/** The same outside the running process; null where Deskhand never ran, so there is no data to search. */
export async function personalDataIn(store: Store, config: Config): Promise<PersonalData | null> {
  if ((await store.run(secretsIn)) === null) return null;
  const { audit } = await installationSecrets(store, { now: () => new Date() });
  return personalData(config, audit);
}
