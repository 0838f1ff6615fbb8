/** Puts the application together: adapters, guards, policy, agent and tools, from what `start.ts` has opened. */
import { z } from "zod";
import { type Adapters, connect } from "#adapters/index.ts";
import { createAgent } from "#agent/loop.ts";
import { pricesWith } from "#agent/prices.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import { type Config, opensParts } from "#config/environment.ts";
import { modelsAsked } from "#config/language-model.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { configuredBlobPlace } from "#config/storage.ts";
import { type Breakers, createBreakers } from "#connections/circuit-breakers.ts";
import { type Connected, configuredConnections } from "#connections/connect-all.ts";
import { agentPage } from "#connections/sign-ins.ts";
import { calendarDay, type Policy } from "#core/contracts/policy.ts";
import type { Target } from "#core/contracts/tool.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { bindForSystems, bindRequester } from "#guard/identity/bind-requester.ts";
import { languageOfMessages } from "#guard/input/input-guard.ts";
import { canaryMark } from "#guard/output/leaks.ts";
import type { OneTimeCodes, Log } from "#core/contracts/ports.ts";
import { oneTimeCodes, codeSender } from "#jobs/identity/one-time-codes.ts";
import { decideAction } from "#jobs/policy/recheck.ts";
import {
  currentPolicy,
  type CurrentPolicy,
  loadPolicy,
  type LoadedPolicy,
} from "#policy/load-policy.ts";
import { requireRules } from "#policy/required-rules.ts";
import { sharedBlobs, sharedPlace, storageAt } from "#store/blobs/shared-place.ts";
import type { Store } from "#store/db/database.ts";
import { personPseudonym } from "#store/people/person-names.ts";
import { noSpans } from "#telemetry/spans.ts";
import { proceduresInUse, knowledgeFor } from "./knowledge.ts";
import { vectorsBy } from "#jobs/gaps/list-gaps.ts";
import { pictureDescriber } from "#agent/describe-picture.ts";
import { ReportArguments, reportText } from "#core/values/alert.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import {
  chosenModel,
  chosenVerifier,
  currentInputGuard,
  currentOutputCheck,
  configuredOpinion,
} from "./current-checks.ts";
import type { ComposedApp, ConnectedTools, Foundation } from "./composed-app.ts";
import { connectedTools, offeredTools, requireTargets } from "./offered-tools.ts";
import { randomIds } from "./shared-clock.ts";
import { besideUntilClosed } from "./shutdown.ts";
import { webhookPort } from "#http/public-fetch.ts";

/**
 * Composes the application. It starts nothing, except that the help pages are read. Without a policy in force, the
 * policy file applies.
 */
export async function compose(
  foundation: Foundation,
  inForce = loadPolicy(readPolicyFile(foundation.config), foundation.config.policyFile),
): Promise<ComposedApp> {
  const { config, store, queue, clock, log, secrets } = foundation;
  const policy = currentPolicy(inForce, (read) => shadowWithoutModel(config, read));
  const breakers = createBreakers({ clock, log });
  const providers = await connectProviders(breakers, foundation, policy);
  const { channels, shop, desk } = providers;
  const { knowledge, followed } = await knowledgeFor(foundation, providers);
  const { codes, identity } = codesFor(foundation, { channels, shop });
  const own = await connectedTools(foundation, breakers);
  const offered = { shop: shop.reads, knowledge, policy, connected: own };
  const tools = offeredTools(offered, identity);
  const guard = currentInputGuard(policy, tools);
  const output = currentOutputCheck(policy, tools, foundation);
  const all = [...channels.values(), shop.target, desk, identity, ...own.targets];
  const targets = new Map(all.map((target) => [target.name, target] as const));
  requireTargets(tools, targets);
  requireRules(policy, tools, own.declarations);
  const agentParts: AgentParts = {
    model: breakers.model(chosenModel(config)),
    tools,
    guard,
    output,
    procedures: proceduresInUse({ store, log }),
    decide: decidedBy({ store, policy, clock }),
    ...ruledBy(policy),
    clock,
    ids: randomIds,
    prices: pricesWith(modelsAsked(config.environment)),
    canary: canaryMark(secrets.canary),
    verifier: guardedVerifier(config, breakers),
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
    secondOpinion: configuredOpinion(config, breakers, agentParts),
    output,
    policy,
    codes,
    bind: (evidence, signal) => requesterBinding(own)(evidence, shop.reads, signal),
    wake: (conversationId, delayMs = 0) => queue.wake(conversationId, delayMs),
    changes: queue.changes,
    urgentMail: config.environment.DESKHAND_URGENT_EMAIL ?? null,
    ...pageLinks(foundation, providers.states.connections),
    ...leaseParts(foundation),
    spans: foundation.spans ?? noSpans,
    pseudonym: (transaction, person) => personPseudonym(transaction, person, secrets.audit),
    crashPoint: namedCrashPoint(config.environment.DESKHAND_CRASH_AT),
    requireRules: (read) => requireRules(read, tools, own.declarations),
    ...providers.states,
    passages: followed,
    webhooks: webhookPort(config.environment.DESKHAND_WEBHOOK_LOCAL),
    helpCenter: providers.helpCenter,
    connected: own,
    ...withVectors(knowledge),
    ...besideUntilClosed(() => knowledge.close()),
  };
}

/** What an agent reads from the policy, as it is at each time. */
export function ruledBy(policy: Policy): Pick<AgentParts, "caps" | "dayOf" | "freedom"> {
  return { caps: () => policy.caps, dayOf: (at) => calendarDay(policy, at), freedom: policy };
}

/** Asks the policy about an action that a model proposes. */
export function decidedBy(parts: Parameters<typeof decideAction>[0]): AgentParts["decide"] {
  return ({ planned, origin, input, topic, earlier }) =>
    decideAction(parts, planned, {
      conversation: input.conversation,
      level: input.requester.level,
      actingLevel: input.requester.actingLevel,
      customerId: input.requester.customerId,
      topic,
      origin,
      earlier: earlier.flatMap(({ reservations }) => reservations),
    });
}

/** How a requester is bound to a customer: of your own systems where there are tools for them, else of the shop. */
export function requesterBinding({ declarations }: Pick<ConnectedTools, "declarations">) {
  return declarations.length > 0 ? bindForSystems : bindRequester;
}

/** The model that reads drafts, behind its breaker; null where none is configured. */
function guardedVerifier(config: Config, breakers: Breakers): AgentParts["verifier"] {
  const chosen = chosenVerifier(config);
  return chosen && { ...chosen, model: breakers.model(chosen.model, "verifier") };
}

/** What asks the model. No model is taken to see that was not said to. */
function askingModel(
  { environment }: Config,
  agentParts: AgentParts,
): Pick<ComposedApp, "agent" | "agentParts" | "pictures"> {
  const sees = environment.DESKHAND_MODEL_PICTURES === "on";
  return {
    // Only turns of customers are kept: what else uses these parts runs nothing that is asked for again.
    agent: createAgent({ ...agentParts, recorded: true }),
    agentParts,
    pictures: sees ? pictureDescriber(agentParts) : null,
  };
}

/** Where people find a card, and a ticket in the helpdesk. */
function pageLinks(
  { appUrl, config }: Pick<Foundation, "appUrl" | "config">,
  { zendesk }: Connected,
): Pick<ComposedApp, "cardLink" | "ticketLink"> {
  const hasPage = config.real.zendesk || opensParts(config);
  return {
    cardLink: (approvalId) => `${appUrl()}/console#${approvalId}`,
    ticketLink: (ticket) => (zendesk === null || !hasPage ? null : agentPage(zendesk.url, ticket)),
  };
}

/** A desk that answers in this time shows a press at once; no teammate waits longer for one that does not. */
const DESK_WAIT_MS = 300;

/** Under which name and for how long this process takes a conversation, and how long it waits for the desk. */
function leaseParts({
  worker,
  config,
}: Foundation): Pick<ComposedApp, "worker" | "leaseMs" | "deskWaitMs"> {
  const leaseMs = config.environment.DESKHAND_LEASE_SECONDS * 1_000;
  return { worker, leaseMs, deskWaitMs: DESK_WAIT_MS };
}

/** Raw mails and files, and whether their place is the one all processes use. */
function blobStorage(config: Config, store: Store): Pick<ComposedApp, "blobs" | "blobPlace"> {
  const storage = storageAt(configuredBlobPlace(config));
  const place = sharedPlace(store, storage);
  return { blobs: sharedBlobs(storage, place), blobPlace: place };
}

/** One-time codes, and the target that sends them. */
function codesFor(
  { store, clock, log, secrets }: Foundation,
  { channels, shop }: Pick<Adapters, "channels" | "shop">,
): { readonly codes: OneTimeCodes; readonly identity: Target } {
  const codes = oneTimeCodes(secrets.mail);
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

function withVectors(knowledge: ComposedApp["knowledge"]) {
  return { knowledge, vectors: vectorsBy((text, signal) => knowledge.vectorOf(text, signal)) };
}

/** The rehearsal rules never answer real customers: without a model, every channel runs in shadow mode. */
function shadowWithoutModel(config: Config, policy: LoadedPolicy): LoadedPolicy {
  const { model, ...others } = config.real;
  if (model || !Object.values(others).includes(true)) return policy;
  return { ...policy, replyAutonomy: () => "shadow" };
}

/** For fault tests: kills the process at this point, as a power cut would, without any clean-up. */
function namedCrashPoint(name: string | undefined): (point: string) => void {
  if (name === undefined) return () => undefined;
  return (point) => {
    if (point === name) process.kill(process.pid, "SIGKILL");
  };
}

// Connects the outside services, each behind its breaker, and tells how they are.

/** The outside connections, each behind its provider's breaker. Slack's desk and channel share one breaker. */
async function connectProviders(breakers: Breakers, foundation: Foundation, policy: CurrentPolicy) {
  const { config, embedded } = foundation;
  const connections = configuredConnections({ ...foundation, policy });
  const { channels, desk, inbound, teamSignIn, sidebar, shop, passages, helpCenter } =
    await connect(connections);
  const credentialStates = Object.entries(connections.credentialStates);
  return {
    passages,
    helpCenter,
    /** State of the providers, for health, and the doors some of them have of their own. */
    states: {
      connections,
      slackHandler: inbound,
      teamSignIn,
      sidebar,
      breakerStates: () => breakers.states(),
      modelRefusal: () => breakers.modelRefusal(),
      credentialStates: () =>
        Object.fromEntries(credentialStates.map(([name, one]) => [name, one.problem() ?? "ok"])),
    },
    channels: new Map(
      [...channels].map(([name, channel]) => [name, breakers.channel(channel)] as const),
    ),
    shop: config.real.shop || embedded.shop !== null ? breakers.shop(shop) : NO_SHOP,
    desk: desk === null ? consoleDesk(foundation.log) : breakers.desk("slack", desk),
  };
}

/** Where your own systems stand in the place of a shop: it knows nobody, and nothing is asked. */
const NO_SHOP: ReturnType<Breakers["shop"]> = {
  reads: {
    customer: async () => null,
    customerByEmail: async () => null,
    orders: async () => [],
    order: async () => null,
    payments: async () => [],
  },
  target: {
    name: "shop",
    supports: [],
    commit: async ({ operation }) => {
      throw new DeskhandError("channel.unsupported", `no shop is connected to ${operation}`);
    },
    find: async () => ({ state: "absent" }),
  },
};

const Alert = z.object({ text: z.string(), people: z.array(z.string()) });

/**
 * Without Slack the console shows the rows themselves, so posting and updating do nothing, and alerts and report
 * figures go to the log, where the operator sees them.
 */
export function consoleDesk(log: Log): ApprovalDesk {
  return {
    name: "desk",
    supports: ["alert", "digest"],
    async commit(action, key) {
      if (action.operation === "digest") {
        const { to, sheet } = ReportArguments.parse(action.arguments);
        log.info("figures for the team", { to: to.name ?? "the team", words: reportText(sheet) });
        return { ref: key, conversationKeys: [] };
      }
      if (action.operation !== "alert")
        throw new DeskhandError("channel.unsupported", `the console cannot do ${action.operation}`);
      const { text: words } = Alert.parse(action.arguments);
      log.warn("alert for the team", { alert: key, words });
      return { ref: key, conversationKeys: [] };
    },
    find: async () => ({ state: "absent" }),
    post: async (card) => `console:${card.approvalId}`,
    update: async () => undefined,
    notify: async (words, _people, key) => log.warn("alert for the team", { alert: key, words }),
    groupsOf: async () => [],
    start: async () => undefined,
    stop: async () => undefined,
  };
}
