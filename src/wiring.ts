import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createAgent } from "#agent/loop.ts";
import { openaiModel } from "#agent/model.ts";
import { PRICES } from "#agent/prices.ts";
import { rehearsalModel } from "#agent/rehearsal/rehearsal.ts";
import { connect } from "#adapters/index.ts";
import { keyedDigest } from "#core/canonical.ts";
import { DeskhandError } from "#core/errors.ts";
import type { Model } from "#core/model.ts";
import type { TargetName } from "#core/names.ts";
import type { Clock, Ids, Log, TraceExporter } from "#core/ports.ts";
import type { Target } from "#core/target.ts";
import { bindRequester } from "#guard/bind.ts";
import { canaryFinder, canaryOf } from "#guard/canary.ts";
import { createInputGuard } from "#guard/input-guard.ts";
import { createOutputCheck } from "#guard/output-check.ts";
import { decideAction } from "#jobs/decide.ts";
import type { Parts } from "#jobs/parts.ts";
import type { WakeQueue } from "#jobs/queue.ts";
import { openKnowledge } from "#knowledge/index.ts";
import { loadPolicy, type LoadedPolicy } from "#policy/policy.ts";
import type { EmbeddedParts } from "#sandbox/index.ts";
import { diskBlobs } from "#store/blobs.ts";
import type { Store } from "#store/driver.ts";
import { fileExporter, noExporter } from "#telemetry/spans.ts";
import { allTools } from "#tools/index.ts";
import { consoleDesk } from "#server/console-desk.ts";
import { readPolicyFile, type Config } from "./config.ts";
import { connectionsOf } from "./connections.ts";
import type { InstallationSecrets } from "./secrets.ts";

/** What the composition root has brought up before the parts are put together. */
export interface Foundation {
  readonly config: Config;
  readonly store: Store;
  readonly queue: WakeQueue;
  readonly embedded: EmbeddedParts;
  readonly clock: Clock;
  readonly log: Log;
  /** Address under which people reach the pages. */
  readonly appUrl: () => string;
  /** The name this folder's process writes into leases. */
  readonly worker: string;
  /** Secrets of this installation, made once. */
  readonly secrets: InstallationSecrets;
}

/** Random ids with a letter that says what they name. */
const randomIds: Ids = {
  next: (prefix) => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 20)}`,
};

/** Puts every part together. Nothing is started here but what cannot work otherwise (the help pages are read). */
export async function wire(
  foundation: Foundation,
): Promise<Parts & { readonly policy: LoadedPolicy; close(): Promise<void> }> {
  const { config, store, queue, clock, log, secrets } = foundation;
  const policy = cautious(config, loadPolicy(readPolicyFile(config), config.policyFile));
  const connected = connect(connectionsOf({ ...foundation, policy }));
  const { channels, shop } = connected;
  const desk = connected.desk ?? consoleDesk(log);
  const knowledge = await openKnowledge({
    store,
    log,
    embeddings: config.environment.EMBEDDINGS === "builtin",
  });
  const tools = allTools({ shop: shop.reads, knowledge });
  const guard = createInputGuard({
    toolNames: tools.map(({ name }) => name),
    delicateWords: policy.delicateWatch.words,
    vip: policy.delicateWatch.vip,
  });
  const output = createOutputCheck({
    linkHosts: policy.linkHosts,
    ownAddresses: ownAddresses(foundation),
    isCanary: canaryFinder(secrets.canary),
  });
  const targets = targetsOf([...channels.values(), shop.target, desk]);
  requireRules(policy, tools, targets);
  const agent = createAgent({
    model: modelFor(config),
    tools,
    guard,
    output,
    decide: (planned, input, topic, earlier) =>
      decideAction({ store, policy, clock }, planned, {
        conversation: input.conversation,
        level: input.requester.level,
        customerId: input.requester.customerId,
        topic,
        earlier: earlier.flatMap(({ reservations }) => reservations),
      }),
    caps: policy.caps,
    clock,
    ids: randomIds,
    prices: PRICES,
    canary: (turnId) => canaryOf(turnId, secrets.canary),
  });
  return {
    store,
    blobs: diskBlobs(join(config.dataFolder, "blobs")),
    clock,
    ids: randomIds,
    log,
    channels,
    desk,
    shop: shop.reads,
    targets,
    agent,
    guard,
    output,
    policy,
    bind: (evidence, signal) => bindRequester(evidence, shop.reads, signal),
    wake: (conversationId, delayMs = 0) => queue.wake(conversationId, delayMs),
    cardLink: (approvalId) => `${foundation.appUrl()}/console#${approvalId}`,
    worker: foundation.worker,
    spans: exporterFor(config, log),
    pseudonym: (person) => keyedDigest(secrets.audit, person).slice(0, 16),
    crashPoint: crashPointOf(config.environment.DESKHAND_CRASH_AT),
    close: () => knowledge.close(),
  };
}

/** Every way out, by name. */
function targetsOf(targets: readonly Target[]): ReadonlyMap<TargetName, Target> {
  return new Map(targets.map((target) => [target.name, target]));
}

/** Real customers are never answered by the rehearsal rules: without a model every channel only shadows. */
function cautious(config: Config, policy: LoadedPolicy): LoadedPolicy {
  const { model, ...others } = config.real;
  if (model || !Object.values(others).includes(true)) return policy;
  return { ...policy, replyAutonomy: () => "shadow" };
}

/** Addresses a reply may name without disclosing anybody: our own. */
function ownAddresses({ config, embedded }: Foundation): readonly string[] {
  const address = config.environment.SUPPORT_ADDRESS ?? embedded.mail?.address;
  return address === undefined ? [] : [address];
}

function modelFor(config: Config): Model {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, DESKHAND_MODEL } = config.environment;
  if (OPENAI_API_KEY === undefined) return rehearsalModel();
  return openaiModel({
    apiKey: OPENAI_API_KEY.reveal(),
    baseUrl: OPENAI_BASE_URL ?? "https://api.openai.com/v1",
    model: DESKHAND_MODEL,
    timeoutMs: 60_000,
  });
}

/** An operation nobody wrote a rule for is refused at start, by name, instead of surprising somebody later. */
function requireRules(
  policy: LoadedPolicy,
  tools: ReturnType<typeof allTools>,
  targets: ReadonlyMap<TargetName, Target>,
): void {
  const supported = new Set([...targets.values()].flatMap((target) => target.supports));
  const missing = tools.flatMap((tool) =>
    tool.kind === "write" && !policy.operations.includes(tool.operation) ? [tool.operation] : [],
  );
  if (missing.length > 0)
    throw new DeskhandError("policy.invalid", `the policy has no rule for: ${missing.join(", ")}`);
  const homeless = tools.flatMap((tool) =>
    tool.kind === "write" && !supported.has(tool.operation) ? [tool.operation] : [],
  );
  if (homeless.length > 0)
    throw new DeskhandError("channel.unsupported", `nothing here can do: ${homeless.join(", ")}`);
}

function exporterFor(config: Config, log: Log): TraceExporter {
  const file = config.environment.DESKHAND_SPANS_FILE;
  return file === undefined ? noExporter : fileExporter(file, log);
}

/** For fault tests: the process ends right here, as a power cut would, without a chance to tidy up. */
function crashPointOf(name: string | undefined): (point: string) => void {
  if (name === undefined) return () => undefined;
  return (point) => {
    if (point === name) process.kill(process.pid, "SIGKILL");
  };
}
