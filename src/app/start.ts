/**
 * Room: starts and stops a Deskhand process and composes it from its parts. `start` in this file brings everything up.
 * In: the configuration, the log, the clock.
 * Out: a running process with the tasks of its role: HTTP server, channels, desk, workers, policy watch, commands.
 * May touch: everything.
 */

import { adoptSampleProcedures } from "#app/procedures/in-use.ts";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SUBSCRIPTIONS } from "#zendesk/setup/account.ts";
import { reasonOf } from "#core/values/errors.ts";
import { connectionBoard } from "#core/connection/connection-board.ts";
import type { Clock, Log, TraceExporter } from "#core/contracts/ports.ts";
import { fileExporter, toAll } from "#telemetry/spans.ts";
import { personalDataAtStart } from "./personal-data.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { intake } from "#jobs/intake.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { resumeAfterDowntime, measureDowntime } from "#jobs/recovery/resume-after-downtime.ts";
import { startPolicyWatch, type PolicyWatch } from "#jobs/policy/watch-file.ts";
import { openQueue } from "#jobs/queue/queue.ts";
import { loadPolicy, storedPolicy } from "#policy/load-policy.ts";
import { processReadiness } from "#server/http/health.ts";
import { APPROVAL_CARDS } from "#store/approvals/approval-cards.ts";
import { forgetAllPosts } from "#store/approvals/card-posting.ts";
import { openStore } from "#store/db/database.ts";
import { handBackLeases, releaseAllLeases } from "#store/conversations/lease.ts";
import { migrate } from "#store/db/migrate.ts";
import { POLICY_CARDS } from "#store/policy/policy-changes.ts";
import { sharedDuties } from "#connections/shared-duties.ts";
import { sharedRateLimits } from "#connections/shared-rate-limits.ts";
import { sharedClock, type SharedClock } from "./shared-clock.ts";
import { createClosing, DRAIN_MS, type Closing } from "./shutdown.ts";
import type { Config } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { announce, removeEndpoints } from "./announce.ts";
import { embeddedParts, isOnlySamples } from "./embedded-parts.ts";
import { startCommands } from "#app/commands/command-line.ts";
import { policyAtStart, policyInForce, policySourceWatch } from "./policy-source.ts";
import { configuredDatabase, configuredRedisPlace } from "#config/storage.ts";
import { ROLE_TASKS, listensTo, type RoleTasks } from "#config/process-roles.ts";
import { drainNoticeMs } from "#config/health.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { serve } from "./http-server.ts";
import { healthProbes, type Heartbeat } from "./health-probes.ts";
import { waitForPlace } from "./wait-for-place.ts";
import { requirePrice } from "./chosen-model.ts";
import { compose } from "./compose.ts";
import type { ComposedApp, Foundation } from "./composed-app.ts";
import type { ServerContext } from "./public-routes.ts";
import { processFigures } from "./process-figures.ts";
import { modelEndsHere, startWatch } from "./watch-process.ts";
import { processMetrics } from "#app/metrics/over-http.ts";

/** The queue stays open a little longer than the work, so that interrupted conversations can still be woken. */
const LATE_WAKE_MS = 1_000;

/** Turns and effects, loaded only where they are worked on. */
const WORK = () => import("./background-work.ts");

/** A running process of Deskhand. */
export interface Running {
  /** Stops taking work, finishes current work within ten seconds, then stops every part. */
  stop(): Promise<void>;
}

/**
 * Starts what the role asks for. The role `all` starts everything: the database, the embedded parts that no real
 * service replaces, the channels, the workers and the pages. If a later step fails, what was started is stopped again,
 * last first.
 */
export async function start(options: {
  readonly config: Config;
  readonly log: Log;
  readonly say: (line: string) => void;
  readonly clock?: Clock;
}): Promise<Running> {
  const { config, log, say } = options;
  const shiftMs = config.environment.DESKHAND_CLOCK_SHIFT_SECONDS * 1_000;
  const clock = options.clock ?? sharedClock({ now: () => new Date(Date.now() + shiftMs) });
  const { DESKHAND_ROLE: role } = config.environment;
  const tasks = ROLE_TASKS[role];
  const closing = createClosing({ log, hasEmbeddedParts: role === "all" });
  try {
    if (tasks.works) requirePrice(config);
    await startProcess({ config, log, say, clock, tasks }, closing);
    return { stop: () => closing.stop() };
  } catch (error) {
    // The reason for the failed start matters more than a failure while stopping.
    await closing.stop().catch(() => undefined);
    throw error;
  }
}

/** A process that reads mails logs at the start when it does not see where the other processes keep mails. */
async function checkBlobPlace(
  { blobPlace }: ComposedApp,
  { tasks, log }: StartContext,
): Promise<void> {
  if (!tasks.works && !tasks.connects) return;
  const problem = await blobPlace
    .begin()
    .then(() => blobPlace.problem())
    .catch((error: unknown) => reasonOf(error));
  if (problem !== null) log.error("the storage for mails cannot be used", { reason: problem });
}

interface StartContext {
  readonly config: Config;
  readonly log: Log;
  readonly say: (line: string) => void;
  readonly clock: Clock | SharedClock;
  readonly tasks: RoleTasks;
}

async function startProcess(context: StartContext, closing: Closing): Promise<void> {
  const { config, say, tasks } = context;
  const { onDrain, onStop } = closing;
  const figures = processFigures();
  // Read first, so that a mistake in the file is reported within a second.
  const policyText = readPolicyFile(config);
  const ownPolicy = loadPolicy(policyText, config.policyFile);
  const foundation = await openFoundation(context, closing);
  const { store, queue, secrets } = foundation;
  const address = { url: "" };
  const board = connectionBoard(context.clock);
  const metrics = await processMetrics(config);
  const modelEnds = modelEndsHere(context);
  onDrain(async () => modelEnds.stop());
  const parts = await compose(
    {
      ...context,
      ...foundation,
      board,
      spans: toAll([metrics.turns, ...spansFile(context)]),
      appUrl: () => config.environment.DESKHAND_PUBLIC_URL ?? address.url,
    },
    ownPolicy,
  );
  onStop(() => parts.close());
  // Only now is it certain that the file has a rule for every operation, so an incomplete policy never comes into
  // force.
  const inForce = await (tasks.works ? policyAtStart : policyInForce)(context, store, policyText);
  parts.policy.replace(storedPolicy(inForce));
  if (tasks.works) await adoptSampleProcedures(config, parts);
  // Before any route opens: no click may reach a card, and no effect may go out, that was left from before the
  // downtime.
  if (tasks.works)
    await resumeAfterDowntime(parts, { onlyEmbeddedParts: isOnlySamples(config), say });
  await checkBlobPlace(parts, context);
  // Measured while nothing else needs the database: after the announcement, only a stop may end this process.
  const downtimeLines = await store.run(measureDowntime);
  const watch = policySourceWatch(context, parts, inForce, tasks.works);
  const handler = metrics.desk(deskHandler(parts, () => watch.tick()));
  const heartbeat: Heartbeat = { reconcilerAgeMs: null, figures: null, connected: false };
  const needs = healthProbes({ ...parts, clock: context.clock, queue, board, tasks, heartbeat });
  const readiness = processReadiness(needs, context.clock);
  const web = await serve(context, {
    parts,
    handler,
    readiness,
    figures,
    metrics,
    sources: { ...foundation, board, modelEnds, figures: () => heartbeat.figures?.() ?? null },
    identity: secrets.chatIdentity,
    instance: secrets.instance,
    onlyHealth: !tasks.serves,
  });
  closing.onNotice(() => readiness.stop(), drainNoticeMs(config.environment));
  onDrain(() => web.close());
  address.url = web.url;
  const { url } = web;
  const shared = { ...foundation, parts, watch, readiness, url, modelEnds };
  await startBackgroundWork({ ...shared, handler, tasks, heartbeat, metrics, board }, closing);
  const personal = await personalDataAtStart(context, foundation);
  if (tasks.works) (await WORK()).startUpkeep(parts, personal, onDrain);
  const control = await startCommands(context, { ...shared, personal, figures, web });
  onStop(() => control.close());
  onStop(() => releaseConversations(foundation));
  announce({ ...context, ...foundation, url, web, figures });
  if (parts.agent.isRehearsal)
    say(
      "Answers come from the built-in rehearsal rules, which are no AI. Set OPENAI_API_KEY for a model.",
    );
  for (const line of downtimeLines) say(line);
  say("Press Ctrl-C to stop.");
}

function spansFile({ config, log }: StartContext): readonly TraceExporter[] {
  const file = config.environment.DESKHAND_SPANS_FILE;
  return file === undefined ? [] : [fileExporter(file, log)];
}

/** Opens the database, the embedded parts and the queue, on which everything else depends. */
async function openFoundation(
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
  await store.run((transaction) => releaseAllLeases(transaction, worker));
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
  const duties = shares ? sharedDuties({ store, log, holder: worker }) : undefined;
  onNotice(() => void duties?.leave(), 0);
  onStop(async () => duties?.close());
  return { allowances, store, embedded, queue, redisUrl: redis.url, worker, secrets, duties };
}

/** Starts the background work this process is responsible for: desk, channels, workers, the reconciler. */
async function startBackgroundWork(
  given: Awaited<ReturnType<typeof openFoundation>> &
    Pick<ServerContext, "parts" | "handler" | "readiness" | "metrics"> &
    Pick<StartContext, "tasks"> &
    Parameters<typeof startWatch>[1] & {
      readonly watch: PolicyWatch;
      readonly heartbeat: Heartbeat;
      readonly url: string;
    },
  { onDrain }: Closing,
): Promise<void> {
  const { parts, handler, watch, queue, embedded, store, tasks, heartbeat, metrics } = given;
  // The sandbox's Slack loses everything when it stops, so pending cards are posted again.
  if (embedded.slack !== null) {
    for (const rows of [APPROVAL_CARDS, POLICY_CARDS])
      await store.run((transaction) => forgetAllPosts(transaction, rows));
  }
  const listens = listensTo(tasks, { slackRequests: parts.slackHandler !== null });
  if (listens("slack")) {
    await parts.desk.start(handler);
    onDrain(() => parts.desk.stop());
  }
  if (tasks.works) {
    (await WORK()).startWork(parts, { queue, heartbeat, metrics, onDrain });
  }
  const watching = startPolicyWatch(watch, parts);
  onDrain(() => watching.stop());
  await startChannels(parts, onDrain, listens);
  heartbeat.connected = tasks.connects;
  const ownWatch = startWatch(parts, given);
  onDrain(() => ownWatch.stop());
  embedded.zendesk?.setWebhook(`${given.url}/webhooks/zendesk`, SUBSCRIPTIONS);
}

async function startChannels(
  parts: JobContext,
  onDrain: Closing["onDrain"],
  listens: ReturnType<typeof listensTo>,
): Promise<void> {
  for (const channel of parts.channels.values()) {
    if (!listens(channel.name)) continue;
    await channel.start(async (delivery) => void (await intake(parts, channel, delivery)));
    onDrain(() => channel.stop());
  }
}

/** Releases the conversations whose work was interrupted and wakes them, so that another process continues at once. */
async function releaseConversations({
  store,
  queue,
  worker,
}: Pick<Foundation, "store" | "queue" | "worker">): Promise<void> {
  const freed = await store.run((transaction) => handBackLeases(transaction, worker));
  // Without a queue the reconciler of another process finds them.
  await Promise.allSettled(freed.map((conversationId) => queue.wakeAnyway(conversationId)));
}

/** Generated once per data folder, so that a restarted process recognizes the leases its predecessor left. */
function workerName(dataFolder: string): string {
  const file = join(dataFolder, "worker");
  if (!existsSync(file)) writeFileSync(file, randomUUID(), { mode: 0o600 });
  return readFileSync(file, "utf8").trim();
}
