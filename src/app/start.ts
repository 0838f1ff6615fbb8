/**
 * Room: starts and stops a Deskhand process and composes it from its parts.
 * In: the configuration, the log, the clock.
 * Out: a running process with the tasks of its role: HTTP server, channels, desk, workers, policy watch, commands.
 * May touch: everything.
 * This file: brings a process up, with the policy that it starts with and follows, and with its HTTP server.
 */

import { adoptSampleProcedures } from "./knowledge.ts";
import { SUBSCRIPTIONS } from "#zendesk/setup/account.ts";
import { reasonOf } from "#core/values/errors.ts";
import { connectionBoard } from "#core/connection/connection-board.ts";
import type { Running } from "#core/values/deadline.ts";
import type { Clock, Log, TraceExporter } from "#core/contracts/ports.ts";
import { fileExporter, noSpans, toAll } from "#telemetry/spans.ts";
import type { MetricSources, ProcessMetrics } from "#app/metrics/measured-process.ts";
import type { Router } from "express";
import {
  personalDataAtStart,
  openFoundation,
  releaseConversations,
  type StartContext,
} from "./foundation.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { intake } from "#jobs/intake.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { resumeAfterDowntime, measureDowntime } from "#jobs/recovery/resume-after-downtime.ts";
import {
  startPolicyWatch,
  type PolicyWatch,
  inWords,
  policyWatch,
} from "#jobs/policy/watch-file.ts";
import { loadPolicy, storedPolicy } from "#policy/load-policy.ts";
import { requireRules } from "#policy/required-rules.ts";
import { readTools } from "#connections/system-tools.ts";
import { BUILT_IN_TOOLS } from "#core/values/action.ts";
import { createApp, listen } from "#server/http/app.ts";
import { healthRoutes, metricsRoute, processReadiness } from "#server/http/health.ts";
import { createRejections } from "#server/http/webhook-routes.ts";
import { APPROVAL_CARDS, forgetAllPosts } from "#store/approvals/card-posting.ts";
import type { Store } from "#store/db/database.ts";
import { followWebhooks } from "#store/webhooks/webhooks.ts";
import { POLICY_CARDS, activePolicy, type PolicyChange } from "#store/policy/policy-changes.ts";
import { randomIds, sharedClock } from "./shared-clock.ts";
import { createClosing, type Closing } from "./shutdown.ts";
import { type Config, isOnlySamples } from "#config/environment.ts";
import {
  canWritePolicyFile,
  configuredPolicySource,
  policyFileStamp,
  readPolicyFile,
  writePolicyFile,
} from "#config/policy-file.ts";
import { announce, processFigures, type ShownParts } from "./announce.ts";
import { startCommands } from "#app/commands/command-line.ts";
import { ROLE_TASKS, listensTo, drainNoticeMs } from "#config/process-roles.ts";
import { healthProbes, type Heartbeat, modelEndsHere, startWatch } from "./health-probes.ts";
import { requirePrice } from "./current-checks.ts";
import { compose } from "./compose.ts";
import type { ComposedApp } from "./composed-app.ts";
import type { ServerContext } from "./public-routes.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";

/** Turns and effects, loaded only where they are worked on. */
const WORK = () => import("./background-work.ts");

/**
 * Starts what the role asks for. The role `all` starts everything: the database, the embedded parts that no real
 * service replaces, the channels, the workers and the pages. A stop ends taking work, finishes current work within ten
 * seconds, then stops every part. If a later step fails, what was started is stopped again,
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

/**
 * The policy file and the tools, read first: a mistake in them is reported within a second, and before a migration that
 * has no way back. Throws `policy.invalid` and `config.invalid`.
 */
function readFiles(config: Config) {
  const policyText = readPolicyFile(config);
  const ownPolicy = loadPolicy(policyText, config.policyFile);
  const declarations = readTools(config.toolsFolders, BUILT_IN_TOOLS);
  requireRules(ownPolicy, declarations, declarations);
  return { policyText, ownPolicy, declarations };
}

async function startProcess(context: StartContext, closing: Closing): Promise<void> {
  const { config, say, tasks } = context;
  const { onDrain, onStop } = closing;
  const figures = processFigures();
  const { policyText, ownPolicy, declarations } = readFiles(config);
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
      declarations,
      board,
      spans: toAll([metrics.turns, ...spansFile(context)]),
      appUrl: () => config.environment.DESKHAND_PUBLIC_URL ?? address.url,
    },
    ownPolicy,
  );
  onStop(() => parts.close());
  const unfollowWebhooks = await followWebhooks(store, context.log);
  onStop(async () => unfollowWebhooks());
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
  const personal = await personalDataAtStart(context, foundation);
  const web = await serve(context, {
    parts,
    personal,
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
    for (const rows of [APPROVAL_CARDS, POLICY_CARDS]) await store.run(forgetAllPosts, rows);
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
  embedded.zendesk?.setAppPage(`${given.url}/zendesk/app`);
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

/**
 * The policy this process starts with. A file that differs from the policy in force counts as a change made while no
 * process was running: what permits more waits for the desk's approval, and the old policy stays in force.
 */
async function policyAtStart(
  { config, clock, say }: StartContext,
  store: Store,
  text: string,
): Promise<PolicyChange> {
  const parts = { store, clock, ids: randomIds };
  const considered = await checkPolicyFile(parts, configuredPolicySource(config), text, "start");
  const words = inWords(considered);
  if (words !== null) say(words);
  return considered.inForce;
}

/**
 * The start policy of a process that leaves the file to others: the policy in force, whatever its own copy of the file
 * says. Only the very first process uses that copy.
 */
async function policyInForce(
  context: StartContext,
  store: Store,
  text: string,
): Promise<PolicyChange> {
  const { kind } = configuredPolicySource(context.config);
  const active = await store.run(activePolicy, kind);
  return active ?? policyAtStart(context, store, text);
}

/** Follows the policy in force while this process runs, and watches the file if that is its task. */
function policySourceWatch(
  { config, say }: Pick<StartContext, "config" | "say">,
  parts: ComposedApp,
  inForce: PolicyChange,
  watchesFile: boolean,
): PolicyWatch {
  return policyWatch({
    context: parts,
    file: {
      source: configuredPolicySource(config),
      stamp: () => (watchesFile ? policyFileStamp(config) : "left to others"),
      read: () => readPolicyFile(config),
      write:
        watchesFile && canWritePolicyFile(config) ? (text) => writePolicyFile(config, text) : null,
    },
    requireRules: (read) => parts.requireRules(read),
    say,
    inForce,
  });
}

// The HTTP server of a process, the routes its role serves, and the metrics beside them.

/** Everything a process answers over HTTP, in one application: webhooks, the chat, health and the pages. */
async function serve(
  { config, log }: { readonly config: Config; readonly log: Log },
  given: ServerContext,
) {
  const { parts, readiness, figures, onlyHealth } = given;
  const shown: ShownParts = { endpoints: null, mail: null };
  const { DESKHAND_HOST: host, DESKHAND_PORT: port, DESKHAND_ROLE: role } = config.environment;
  const rejections = createRejections(log);
  const health = healthRoutes(readiness, {
    instance: given.instance,
    token: config.environment.DESKHAND_HEALTH_TOKEN?.accepted() ?? null,
    operatorFacts: () => ({
      role,
      ...figures.now(),
      providers: parts.breakerStates(),
      credentials: parts.credentialStates(),
      webhooks_rejected: rejections.counts(),
    }),
  });
  const sources = () => ({ parts, rejections, readiness, ...given.sources });
  const metered = metricsOver(config, given.metrics, sources);
  // A worker answers health checks alone, and needs no page, chat or console for them.
  const served = onlyHealth
    ? null
    : await (
        await import("./public-routes.ts")
      ).publicRoutes(config, { ...given, rejections }, () => shown);
  const app = createApp({
    log,
    proxies: config.environment.DESKHAND_PROXIES,
    frames: ["http://127.0.0.1:*", "http://localhost:*"],
    mounted: [["/health", health], ...metered.mounted, ...(served?.mounted ?? [])],
  });
  const listening = await listen(app, { host, port });
  const beside = await metered.listen(log);
  return {
    ...listening,
    unverified: () => rejections.unverified(),
    close: async () => {
      served?.stop();
      await Promise.all([listening.close(), beside?.close()]);
    },
    show: (parts: ShownParts) => void Object.assign(shown, parts),
  };
}

const NOT_MEASURED: ProcessMetrics = {
  turns: noSpans,
  desk: (handler) => handler,
  wake: async (_by, work) => void (await work()),
  text: async () => "",
  contentType: "text/plain",
};

/** The metrics of this process; the library behind them is loaded only where they are switched on. */
async function processMetrics({
  environment,
}: Pick<Config, "environment">): Promise<ProcessMetrics> {
  const { DESKHAND_METRICS_TOKEN: token, DESKHAND_METRICS_PORT: port } = environment;
  if (token === undefined && port === undefined) return NOT_MEASURED;
  return (await import("#app/metrics/measured-process.ts")).measuredProcess();
}

/** The routes of the metrics. Without a token there is none beside the other routes, which strangers may reach. */
function metricsOver(
  { environment }: Pick<Config, "environment">,
  metrics: ProcessMetrics,
  sources: () => MetricSources,
): {
  readonly mounted: readonly (readonly [path: string, router: Router])[];
  /** Listens on the port of its own; null where none is set. */
  listen(log: Log): Promise<Awaited<ReturnType<typeof listen>> | null>;
} {
  const { DESKHAND_METRICS_HOST: host, DESKHAND_METRICS_PORT: port } = environment;
  const token = environment.DESKHAND_METRICS_TOKEN?.accepted() ?? null;
  const offered = { contentType: metrics.contentType, text: () => metrics.text(sources()) };
  return {
    mounted: token === null ? [] : [["/metrics", metricsRoute(offered, { token })]],
    async listen(log) {
      if (port === undefined) return null;
      const route = metricsRoute(offered, token === null ? "open" : { token });
      const app = createApp({ log, frames: [], mounted: [["/metrics", route]] });
      const listening = await listen(app, { host, port, variable: "DESKHAND_METRICS_PORT" });
      log.info("metrics are offered", { url: `${listening.url}/metrics` });
      return listening;
    },
  };
}
