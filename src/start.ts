import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeskHandler } from "#core/desk.ts";
import type { Clock, Log } from "#core/ports.ts";
import { backupCommand } from "#cli/backup-commands.ts";
import { runCommand } from "#cli/program.ts";
import { startControl } from "#cli/control.ts";
import { deskHandler } from "#jobs/approve.ts";
import { intake } from "#jobs/intake.ts";
import type { Parts } from "#jobs/parts.ts";
import { comeBack, standingStill } from "#jobs/return.ts";
import { startPolicyWatch, type PolicyWatch } from "#jobs/policy-watch.ts";
import { openQueue, type WakeQueue } from "#jobs/queue.ts";
import { startReconciler } from "#jobs/reconcile.ts";
import { wakeConversation } from "#jobs/wake.ts";
import { startEmbeddedParts, type EmbeddedParts } from "#sandbox/index.ts";
import { loadPolicy } from "#policy/policy.ts";
import { forgetAllCards } from "#store/approvals.ts";
import { openStore, type Store } from "#store/driver.ts";
import { releaseAllLeases } from "#store/lease.ts";
import { migrate } from "#store/migrate.ts";
import { forgetPolicyCards } from "#store/policy-changes.ts";
import {
  blobFolderOf,
  isRealSetup,
  policySourceOf,
  readPolicyFile,
  type Config,
} from "./config.ts";
import { addressTable, removeEndpoints, writeEndpoints, type Endpoints } from "./endpoints.ts";
import { policyAtStart, watchOf } from "./policy-watching.ts";
import { installationSecrets, type InstallationSecrets } from "./secrets.ts";
import { serve } from "./serving.ts";
import { wire } from "./wiring.ts";

const CONCURRENCY = 8;
const DRAIN_MS = 10_000;

/** A running Deskhand. */
export interface Running {
  readonly endpoints: Endpoints;
  /** Stops taking work, finishes what is in hand within ten seconds, then stops every part. */
  stop(): Promise<void>;
}

/**
 * Brings everything up in one process: the database, the embedded parts nothing real stands in for, the channels, the
 * workers and the pages. What was started is stopped again, last first, when a later step fails.
 */
export async function start(options: {
  readonly config: Config;
  readonly log: Log;
  readonly say: (line: string) => void;
  readonly clock?: Clock;
}): Promise<Running> {
  const { config, log, say } = options;
  const shiftMs = config.environment.DESKHAND_CLOCK_SHIFT_SECONDS * 1_000;
  const clock = options.clock ?? { now: () => new Date(Date.now() + shiftMs) };
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  try {
    const endpoints = await bringUp({ config, log, say, clock }, (close) => closers.push(close));
    return { endpoints, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Surroundings {
  readonly config: Config;
  readonly log: Log;
  readonly say: (line: string) => void;
  readonly clock: Clock;
}

async function bringUp(
  surroundings: Surroundings,
  onStop: (close: () => Promise<void>) => void,
): Promise<Endpoints> {
  const { config, say } = surroundings;
  const began = Date.now();
  // Read before anything is brought up, so that a mistake in the file is told within a second.
  const policyText = readPolicyFile(config);
  const ownPolicy = loadPolicy(policyText, config.policyFile);
  const foundation = await layFoundation(surroundings, onStop);
  const { store, embedded, queue, redisUrl, secrets } = foundation;
  const address = { url: "" };
  const parts = await wire(
    {
      ...surroundings,
      ...foundation,
      appUrl: () => config.environment.DESKHAND_PUBLIC_URL ?? address.url,
    },
    ownPolicy,
  );
  onStop(() => parts.close());
  // Only now is it certain that the file has a rule for everything, so that nothing less comes into force.
  const inForce = await policyAtStart(surroundings, store, policyText);
  parts.policy.replace(loadPolicy(inForce.text, "the policy in force"));
  // Before any door opens: nobody may click on a card, and nothing may go out, that the past has left behind.
  const worldStoodStill = !isRealSetup(config) && !config.real.shop;
  await comeBack(parts, { worldStoodStill, say });
  const watch = watchOf(surroundings, parts, inForce);
  const identitySecret = config.environment.CHAT_IDENTITY_SECRET?.reveal() ?? secrets.chatIdentity;
  const handler = deskHandler(parts, () => watch.tick());
  const web = await serve(surroundings, { parts, handler, store, queue, identitySecret });
  onStop(() => web.close());
  address.url = web.url;
  await work({ parts, handler, watch, queue, embedded, store, url: web.url }, onStop);
  const endpoints = endpointsOf({
    config,
    embedded,
    secrets,
    identitySecret,
    redisUrl,
    store,
    url: address.url,
  });
  web.show(endpoints);
  const control = await startCommands(surroundings, { store, watch, url: address.url });
  onStop(() => control.close());
  writeEndpoints(config.dataFolder, endpoints);
  say(
    `\nDeskhand is ready after ${((Date.now() - began) / 1_000).toFixed(1)} s.\n\n${addressTable(endpoints)}\n`,
  );
  if (parts.agent.isRehearsal)
    say(
      "Answers come from the built-in rehearsal rules, which are no AI. Set OPENAI_API_KEY for a model.",
    );
  for (const line of await store.run(standingStill)) say(line);
  say("Press Ctrl-C to stop.");
  return endpoints;
}

/** The command line works inside this process as long as it runs. */
function startCommands(
  { config, clock }: Surroundings,
  {
    store,
    watch,
    url,
  }: { readonly store: Store; readonly watch: PolicyWatch; readonly url: string },
) {
  const context = {
    store,
    clock,
    status: async () => `Running as process ${process.pid} at ${url}`,
    appUrl: config.environment.DESKHAND_PUBLIC_URL ?? url,
  };
  const policy = { source: policySourceOf(config), reload: () => watch.reload() };
  const blobFolder = blobFolderOf(config);
  return startControl(config.dataFolder, (argv, progress) =>
    argv[0] === "backup"
      ? backupCommand({ store, blobFolder, progress }, argv)
      : runCommand(context, argv, policy),
  );
}

/** The database, the embedded parts and the queue: what everything else stands on. */
async function layFoundation(
  { config, log, say, clock }: Surroundings,
  onStop: (close: () => Promise<void>) => void,
) {
  say("Opening the database …");
  const store = await openStore({
    databaseUrl: config.environment.DATABASE_URL ?? null,
    folder: config.dataFolder,
    log,
  });
  onStop(() => store.close());
  removeEndpoints(config.dataFolder);
  onStop(async () => removeEndpoints(config.dataFolder));
  const { applied } = await migrate(store);
  say(
    `Database is up (${store.kind}${applied.length > 0 ? `, ${applied.length} migration(s) applied` : ""})`,
  );
  const worker = workerName(config.dataFolder);
  // We hold the folder's lock, so whoever wrote this name into a lease is gone: nobody has to wait for the time-out.
  await store.run((transaction) => releaseAllLeases(transaction, worker));
  const embedded = await startEmbeddedParts({
    wanted: wantedParts(config),
    folder: config.dataFolder,
    clock,
    say,
  });
  onStop(() => embedded.close());
  if (embedded.slackUnavailable !== null)
    say(`No local Slack here (${embedded.slackUnavailable}); the console takes its place.`);
  const redisUrl = config.environment.REDIS_URL ?? embedded.redisUrl ?? "";
  const queue = await openQueue({ url: redisUrl, log });
  onStop(() => queue.close(DRAIN_MS));
  const secrets = await installationSecrets(store);
  return { store, embedded, queue, redisUrl, worker, secrets };
}

function wantedParts(config: Config) {
  const { real, environment } = config;
  return {
    redis: environment.REDIS_URL === undefined,
    slack: !real.slack,
    zendesk: !real.zendesk && !isRealSetup(config),
    email: !real.email && !isRealSetup(config),
    shop: !real.shop,
  };
}

/** Starts everything that works by itself: desk, channels, workers, the clockwork. */
async function work(
  given: {
    readonly parts: Parts;
    readonly handler: DeskHandler;
    readonly watch: PolicyWatch;
    readonly queue: WakeQueue;
    readonly embedded: EmbeddedParts;
    readonly store: Store;
    readonly url: string;
  },
  onStop: (close: () => Promise<void>) => void,
): Promise<void> {
  const { parts, handler, watch, queue, embedded, store, url } = given;
  // The sandbox's Slack forgets everything when it stops, so what waits for a decision is posted again.
  if (embedded.slack !== null) {
    await store.run(forgetAllCards);
    await store.run(forgetPolicyCards);
  }
  await parts.desk.start(handler);
  onStop(() => parts.desk.stop());
  queue.work((conversationId) => wakeConversation(parts, conversationId), CONCURRENCY);
  const reconciler = startReconciler(parts, queue);
  onStop(() => reconciler.stop());
  const watching = startPolicyWatch(watch, parts);
  onStop(() => watching.stop());
  for (const channel of parts.channels.values()) {
    await channel.start(async (delivery) => void (await intake(parts, channel, delivery)));
    onStop(() => channel.stop());
  }
  embedded.zendesk?.setWebhook(`${url}/webhooks/zendesk`);
}

function endpointsOf(given: {
  readonly config: Config;
  readonly embedded: EmbeddedParts;
  readonly secrets: InstallationSecrets;
  readonly identitySecret: string;
  readonly redisUrl: string;
  readonly store: Store;
  readonly url: string;
}): Endpoints {
  const { embedded, config, store, url } = given;
  const { slack, zendesk, mail, shop } = embedded;
  return {
    ready: true,
    app: { url },
    chat: { url: `${url}/support/chat`, identitySecret: given.identitySecret },
    slack:
      slack === null
        ? null
        : {
            url: slack.url,
            approvalsChannel: slack.approvalsChannel,
            alertsChannel: slack.alertsChannel,
            helpChannel: slack.helpChannel,
            users: {
              sam: slack.users.sam.id,
              lea: slack.users.lea.id,
              ned: slack.users.ned.id,
              ann: slack.users.ann.id,
            },
          },
    zendesk:
      zendesk === null
        ? null
        : {
            url: zendesk.url,
            tokens: {
              admin: zendesk.tokens.admin,
              bot: zendesk.tokens.bot,
              dana: zendesk.tokens.dana,
              lee: zendesk.tokens.lee,
              ann: zendesk.tokens.ann,
            },
            groups: zendesk.groups,
          },
    email:
      mail === null
        ? null
        : { address: mail.address, web: mail.web, smtp: mail.smtp, imap: mail.imap },
    shop: shop === null ? null : { url: shop.url, openapi: shop.openapi, key: shop.key },
    redis: { url: given.redisUrl },
    database: { kind: store.kind, url: config.environment.DATABASE_URL ?? "" },
  };
}

/** Made once for a data folder, so that a process that starts there again knows the leases its predecessor left. */
function workerName(dataFolder: string): string {
  const file = join(dataFolder, "worker");
  if (!existsSync(file)) writeFileSync(file, randomUUID(), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}
