/** Puts the application together: adapters, guards, policy, agent and tools, from what `start.ts` has opened. */

import { randomUUID } from "node:crypto";
import { createAgent } from "#agent/loop.ts";
import { pictureDescriber } from "#agent/describe-picture.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import { PRICES } from "#agent/prices.ts";
import { type Adapters, connect } from "#adapters/index.ts";
import type { Allowances } from "#core/connection/rate-limit.ts";
import type { ConnectionBoard } from "#core/values/connection-board.ts";
import { keyedDigest } from "#core/values/canonical-json.ts";
import type { InboundHandler } from "#core/contracts/inbound-handler.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { PictureDescriber } from "#core/contracts/picture-describer.ts";
import type { TargetName } from "#core/values/vocabulary.ts";
import type { Clock, Ids, Log, TraceExporter } from "#core/contracts/ports.ts";
import type { Target } from "#core/contracts/target.ts";
import type { TeamSignIn } from "#core/contracts/team-sign-in.ts";
import { bindRequester } from "#guard/identity/bind-requester.ts";
import { languageOfMessages } from "#guard/input/input-guard.ts";
import { canaryMaker } from "#guard/output/canary.ts";
import { codeSender } from "#jobs/identity/send-code.ts";
import { decideAction } from "#jobs/plan/ask-policy.ts";
import { oneTimeCodes, type OneTimeCodes } from "#jobs/identity/one-time-code.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { FollowedSources } from "#knowledge/sync-sources.ts";
import type { OpenKnowledge } from "#knowledge/index.ts";
import { currentPolicy, type CurrentPolicy } from "#policy/current-policy.ts";
import { ASKED_WITHOUT_RULE } from "#policy/decide.ts";
import { loadPolicy, type LoadedPolicy } from "#policy/load-policy.ts";
import type { EmbeddedParts } from "#sandbox/index.ts";
import { type BlobFolder, blobFolder, blobsOf } from "#store/inbox/blob-folder.ts";
import { diskBlobs } from "#store/inbox/blobs.ts";
import type { Store } from "#store/db/database.ts";
import { pseudonymOf } from "#store/people/person-keys.ts";
import { fileExporter, noExporter } from "#telemetry/spans.ts";
import { allTools } from "#tools/index.ts";
import { consoleDesk } from "#server/console/null-desk.ts";
import { type Breakers, createBreakers } from "#connections/circuit-breakers.ts";
import { blobFolderOf, type Config } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { type Connected, connectionsOf } from "#connections/connect-all.ts";
import { agentPage } from "#connections/zendesk.ts";
import type { InstallationSecrets } from "#store/db/installation-secrets.ts";
import { chosenModel, chosenVerifier } from "./chosen-model.ts";
import { besideUntilClosed } from "./work-beside.ts";
import { knowledgeFor } from "./knowledge.ts";
import { proceduresInUse } from "./procedures/in-use.ts";
import { currentInputGuard, currentOutputCheck, type Tools } from "./current-checks.ts";

/** What `start.ts` has opened before the application is composed. */
export interface Foundation {
  readonly config: Config;
  readonly store: Store;
  readonly queue: WakeQueue;
  readonly embedded: EmbeddedParts;
  readonly clock: Clock;
  readonly log: Log;
  /** Address under which people reach the pages. */
  readonly appUrl: () => string;
  /** The name this process writes into leases; it belongs to the data folder. */
  readonly worker: string;
  /** Secrets of this installation, generated once. */
  readonly secrets: InstallationSecrets;
  /** Rate limits of providers, shared by all processes. Without it, each adapter counts for this process alone. */
  readonly allowances?: Allowances;
  /** Where long-lived connections report their state. Left out where no health check reads it. */
  readonly board?: ConnectionBoard;
}

/** Random ids with a prefix that says what they name. */
export const randomIds: Ids = {
  next: (prefix) => `${prefix}_${randomUUID().replaceAll("-", "").slice(0, 20)}`,
};

/** The composed application: the job context, and what policy changes, health checks and commands need. */
export interface ComposedApp extends JobContext {
  readonly policy: CurrentPolicy;
  /** The team's own texts, used next to the help pages; they are read once `start` is called. */
  readonly passages: FollowedSources;
  /** The help pages, for commands about them. */
  readonly knowledge: OpenKnowledge;
  /** Receives requests from Slack; null in Socket Mode and without Slack. */
  readonly slackHandler: InboundHandler | null;
  /** The team's own sign-in to the console; null where there is only the one-time link. */
  readonly teamSignIn: TeamSignIn | null;
  /** Throws `policy.invalid`, with the operation's name, when the policy has no rule for what a tool here proposes. */
  requireRules(policy: LoadedPolicy): void;
  /** Whether this process sees the mail folder that the other processes use. */
  readonly blobFolder: BlobFolder;
  /** Describes pictures for the team; null unless the configured model is said to take them. */
  readonly pictures: PictureDescriber | null;
  /** What the agent is made of, for a bench that replaces one part. */
  readonly agentParts: AgentParts;
  /** Circuit breaker of each outside provider: `closed`, `open` or `half-open`. */
  breakerStates(): Readonly<Record<string, string>>;
  /** The connection settings the adapters were made from, for checks of the vendors' side. */
  readonly connections: Connected;
  /** State of each identity we sign in to a provider with: `ok`, or what has to be done. */
  credentialStates(): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Composes the application. It starts nothing, except that the help pages are read. Without a policy in force, the
 * policy file applies.
 */
export async function compose(
  foundation: Foundation,
  inForce: LoadedPolicy = loadPolicy(
    readPolicyFile(foundation.config),
    foundation.config.policyFile,
  ),
): Promise<ComposedApp> {
  const { config, store, queue, clock, log, secrets } = foundation;
  const policy = currentPolicy(inForce, (read) => shadowWithoutModel(config, read));
  const breakers = createBreakers({ clock, log });
  const providers = await connectProviders(breakers, foundation, policy);
  const { channels, shop, desk, passages } = providers;
  const { knowledge, followed } = await knowledgeFor(foundation, passages);
  const { codes, identity } = codesFor(foundation, { channels, shop });
  const tools = offeredTools({ shop: shop.reads, knowledge, policy }, identity);
  const guard = currentInputGuard(policy, tools);
  const output = currentOutputCheck(policy, tools, foundation);
  const targets = targetsOf([...channels.values(), shop.target, desk, identity]);
  requireTargets(tools, targets);
  requireRules(policy, tools);
  const agentParts: AgentParts = {
    model: breakers.model(chosenModel(config)),
    tools,
    guard,
    output,
    procedures: proceduresInUse({ store, log }),
    decide: decidedBy({ store, policy, clock }),
    caps: () => policy.caps,
    clock,
    ids: randomIds,
    prices: PRICES,
    canary: canaryMaker(secrets.canary),
    ...readingOf(config, breakers, policy),
  };
  return {
    store,
    ...blobStorage(config, store),
    clock,
    ids: randomIds,
    log,
    channels,
    desk,
    shop: shop.reads,
    targets,
    ...askingModel(config, agentParts),
    guard,
    output,
    policy,
    codes,
    bind: (evidence, signal) => bindRequester(evidence, shop.reads, signal),
    ...queuePorts(queue),
    ...pageLinks(foundation, providers.connections),
    ...leaseOf(foundation),
    spans: exporterFor(config, log),
    pseudonym: (transaction, person) => pseudonymOf(transaction, person, secrets.audit),
    crashPoint: crashPointOf(config.environment.DESKHAND_CRASH_AT),
    requireRules: (read) => requireRules(read, tools),
    ...providerStates(breakers, providers),
    passages: followed,
    knowledge,
    ...besideUntilClosed(() => knowledge.close()),
  };
}

/** Asks the policy about an action that a model proposes. */
function decidedBy(parts: Parameters<typeof decideAction>[0]): AgentParts["decide"] {
  return ({ planned, origin, input, topic, earlier }) =>
    decideAction(parts, planned, {
      conversation: input.conversation,
      level: input.requester.level,
      customerId: input.requester.customerId,
      topic,
      origin,
      earlier: earlier.flatMap(({ reservations }) => reservations),
    });
}

/** The model that reads drafts, behind its breaker, or null where none is configured; and the policy on when it does. */
function readingOf(
  config: Config,
  breakers: Breakers,
  freedom: AgentParts["freedom"],
): Pick<AgentParts, "verifier" | "freedom"> {
  const chosen = chosenVerifier(config);
  const verifier = chosen === null ? null : { ...chosen, model: breakers.verifier(chosen.model) };
  return { verifier, freedom };
}

/** What asks the model. No model is taken to see that was not said to. */
function askingModel(
  { environment }: Config,
  agentParts: AgentParts,
): Pick<ComposedApp, "agent" | "agentParts" | "pictures"> {
  const sees = environment.DESKHAND_MODEL_PICTURES === "on";
  return {
    agent: createAgent(agentParts),
    agentParts,
    pictures: sees ? pictureDescriber(agentParts) : null,
  };
}

/** Where people find a card, and a ticket in the helpdesk. */
function pageLinks(
  { appUrl }: Pick<Foundation, "appUrl">,
  { zendesk }: Connected,
): Pick<ComposedApp, "cardLink" | "ticketLink"> {
  return {
    cardLink: (approvalId) => `${appUrl()}/console#${approvalId}`,
    ticketLink: (ticket) => (zendesk === null ? null : agentPage(zendesk.url, ticket)),
  };
}

/** Under which name and for how long this process takes a conversation. */
function leaseOf({ worker, config }: Foundation): Pick<ComposedApp, "worker" | "leaseMs"> {
  return { worker, leaseMs: config.environment.DESKHAND_LEASE_SECONDS * 1_000 };
}

/** What the jobs use of the queue. */
function queuePorts(queue: Foundation["queue"]): Pick<ComposedApp, "wake" | "changes"> {
  return {
    wake: (conversationId, delayMs = 0) => queue.wake(conversationId, delayMs),
    changes: queue.changes,
  };
}

/** State of the providers, for health, and the doors some of them have of their own. */
function providerStates(
  breakers: Breakers,
  {
    connections,
    inbound: slackHandler,
    teamSignIn,
  }: Pick<Adapters, "inbound" | "teamSignIn"> & { readonly connections: Connected },
): Pick<
  ComposedApp,
  "connections" | "slackHandler" | "teamSignIn" | "breakerStates" | "credentialStates"
> {
  const credentialStates = Object.entries(connections.credentialStates);
  return {
    connections,
    slackHandler,
    teamSignIn,
    breakerStates: () => breakers.states(),
    credentialStates: () =>
      Object.fromEntries(credentialStates.map(([name, one]) => [name, one.problem() ?? "ok"])),
  };
}

/** Raw mails and files, and whether their folder is the one all processes use. */
function blobStorage(config: Config, store: Store): Pick<ComposedApp, "blobs" | "blobFolder"> {
  const path = blobFolderOf(config);
  const folder = blobFolder(store, path);
  return { blobs: blobsOf(diskBlobs(path), folder), blobFolder: folder };
}

/** One-time codes, and the target that sends them. */
function codesFor(
  { store, clock, log, secrets }: Foundation,
  { channels, shop }: Pick<Adapters, "channels" | "shop">,
): { readonly codes: OneTimeCodes; readonly identity: Target } {
  const codes = oneTimeCodes(keyedDigest(secrets.mail, "one-time codes"));
  const mail = channels.get("email") ?? null;
  return {
    codes,
    identity: codeSender({
      store,
      shop: shop.reads,
      codes,
      clock,
      log,
      languageOf: languageOfMessages,
      mail,
    }),
  };
}

/** Without mail no code can be sent, so the tool is not offered. */
function offeredTools(
  {
    shop,
    knowledge,
    policy,
  }: Pick<Parameters<typeof allTools>[0], "shop" | "knowledge"> & {
    readonly policy: CurrentPolicy;
  },
  identity: Target,
): Tools {
  const tools = allTools({ shop, knowledge, refundDays: () => policy.refundDays });
  return tools.filter(({ name }) => name !== "send_code" || identity.supports.includes(name));
}

/** The outside connections, each behind its provider's breaker. Slack's desk and channel share one breaker. */
async function connectProviders(breakers: Breakers, foundation: Foundation, policy: CurrentPolicy) {
  const connections = connectionsOf({ ...foundation, policy });
  const { channels, desk, inbound, teamSignIn, shop, passages } = await connect(connections);
  return {
    connections,
    inbound,
    teamSignIn,
    passages,
    channels: new Map(
      [...channels].map(([name, channel]) => [name, breakers.channel(channel)] as const),
    ),
    shop: breakers.shop(shop),
    desk: desk === null ? consoleDesk(foundation.log) : breakers.desk("slack", desk),
  };
}

/** Every target, by name. */
function targetsOf(targets: readonly Target[]): ReadonlyMap<TargetName, Target> {
  return new Map(targets.map((target) => [target.name, target]));
}

/** The rehearsal rules never answer real customers: without a model, every channel runs in shadow mode. */
function shadowWithoutModel(config: Config, policy: LoadedPolicy): LoadedPolicy {
  const { model, ...others } = config.real;
  if (model || !Object.values(others).includes(true)) return policy;
  return { ...policy, replyAutonomy: () => "shadow" };
}

/**
 * Refuses, by name, an operation without a policy rule at once, instead of failing on it later. What came after the
 * first policy files is asked where a file does not name it, so that such a file still starts.
 */
function requireRules({ operations }: LoadedPolicy, tools: Tools): void {
  const known = [...operations, ...ASKED_WITHOUT_RULE];
  const missing = tools.flatMap((tool) =>
    tool.kind === "write" && !known.includes(tool.operation) ? [tool.operation] : [],
  );
  if (missing.length > 0)
    throw new DeskhandError("policy.invalid", `the policy has no rule for: ${missing.join(", ")}`);
}

/** A tool whose operation no target supports is a set-up mistake. */
function requireTargets(tools: Tools, targets: ReadonlyMap<TargetName, Target>): void {
  const supported = new Set([...targets.values()].flatMap((target) => target.supports));
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

/** For fault tests: kills the process at this point, as a power cut would, without any clean-up. */
function crashPointOf(name: string | undefined): (point: string) => void {
  if (name === undefined) return () => undefined;
  return (point) => {
    if (point === name) process.kill(process.pid, "SIGKILL");
  };
}
