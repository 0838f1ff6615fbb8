/** The routes for vendors, visitors and teammates, for roles that serve; and the rehearsals that a lead starts on them. */

import { Router } from "express";
import { following } from "#policy/load-policy.ts";
import type { ChatOptions } from "#server/chat/access.ts";
import { API_PATH } from "#server/api/operation.ts";
import { apiRoutes } from "#server/api/routes.ts";
import { chatRoutes } from "#server/chat/message-route.ts";
import { chatStreams } from "#server/chat/stream-updates.ts";
import { inboundRoutes, type Rejections, webhookRoutes } from "#server/http/webhook-routes.ts";
import { assistantRoutes } from "#server/mcp/routes.ts";
import { pageRoutes } from "#server/page-routes.ts";
import { type Config, isOnlySamples } from "#config/environment.ts";
import { type ShownParts, figuresLine, type ProcessFigures } from "./announce.ts";
import { canWritePolicyFile, configuredPolicySource, readPolicyFile } from "#config/policy-file.ts";
import { ROLE_TASKS } from "#config/process-roles.ts";
import type { PolicyPlace } from "#jobs/policy/own-change.ts";
import type { ComposedApp } from "./composed-app.ts";
import { startPageFor, sampleHistory } from "./foundation.ts";
import type { PersonalData } from "#jobs/privacy/erase-person.ts";
import { listedTools, procedureShelf } from "#app/commands/command-parts.ts";
import { pageShelf } from "./knowledge.ts";
import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import type { Keys } from "#core/connection/signing-keys.ts";
import type { Readiness } from "#server/http/health.ts";
import type { MetricSources, ProcessMetrics } from "#app/metrics/measured-process.ts";
import { configuredChatAccess, chatIdentityKeys } from "#connections/sign-ins.ts";
import { invalidInput, reasonOf } from "#core/values/errors.ts";
import type { RehearsalRequest } from "#jobs/rehearsal/run.ts";
import { REHEARSAL_USD } from "#server/console/rehearsals/list.ts";
import type { RehearsalDesk } from "#server/console/session.ts";

/** Routers under their paths, and the end of what they keep open. */
interface PublicRoutes {
  readonly mounted: readonly (readonly [path: string, router: Router])[];
  stop(): void;
}

/** Webhooks, the chat, the console and the pages. */
export async function publicRoutes(
  config: Config,
  {
    parts,
    handler,
    identity,
    personal,
    rejections,
    readiness,
    figures,
    sources,
  }: ServerContext & { readonly rejections: Rejections },
  shown: () => ShownParts,
): Promise<PublicRoutes> {
  const streams = chatStreams(parts);
  const chatAccess = configuredChatAccess(config, identity);
  const shelf = pageShelf(parts);
  const pages = pageRoutes({
    parts,
    handler,
    policyPlace: policyPlace(config, parts),
    procedures: procedureShelf(config, parts, (use) => use(parts)),
    pages: shelf,
    tools: () => listedTools(parts),
    rehearsals: rehearsalDesk(config, parts),
    personal,
    vectors: parts.vectors,
    teamSignIn: parts.teamSignIn,
    sidebar: parts.sidebar,
    health: async () => ({
      ...(await readiness.look()),
      figures: figuresLine(figures.now()),
    }),
    webhookRefusal: (url) => parts.webhooks.refusal(url),
    vendors: () => ({
      providers: parts.breakerStates(),
      credentials: parts.credentialStates(),
      connections: sources.board.states(),
    }),
    startPage: await startPageFor(config, {
      parts,
      identityKeys: chatIdentityKeys(config, identity),
      endpoints: () => shown().endpoints,
      mail: () => shown().mail,
    }),
  });
  const api = { parts, handler, pages: shelf, customerTokens: chatAccess.tokens };
  return {
    mounted: [
      ["/webhooks", webhookRoutes(parts, rejections)],
      ...slackRoutes(parts, rejections),
      ["/support/chat", liveChatRoutes(parts, { ...chatAccess, streams })],
      [API_PATH, apiRoutes(api)],
      // Read at each request, because the port is known only once we listen.
      ["/", assistantRoutes(api, () => new URL(parts.cardLink("")).origin)],
      ["/", pages],
    ],
    stop: () => streams.stop(),
  };
}

/** Processes that leave the policy file to others do not look at their copy of it. */
function policyPlace(config: Config, parts: ComposedApp): PolicyPlace {
  const { works } = ROLE_TASKS[config.environment.DESKHAND_ROLE];
  return {
    source: configuredPolicySource(config),
    text: () => (works ? readPolicyFile(config) : null),
    isWritten: () => works && canWritePolicyFile(config),
    requireRules: (policy) => parts.requireRules(policy),
  };
}

/** Three addresses, because Slack's settings ask for events, interactivity and commands separately. */
function slackRoutes(
  { slackHandler, clock }: ComposedApp,
  rejections: Rejections,
): readonly (readonly [path: string, router: Router])[] {
  if (slackHandler === null) return [];
  const addresses = ["events", "interactions", "commands"];
  return [["/slack", inboundRoutes(slackHandler, { name: "slack", addresses, clock, rejections })]];
}

/** The policy sets how many messages a visitor may send, so the routes are rebuilt when it changes. */
function liveChatRoutes(
  parts: ComposedApp,
  options: Omit<ChatOptions, "answerWaitMs" | "messagesPerMinute">,
): Router {
  const now = following(parts.policy, () =>
    chatRoutes(parts, {
      ...options,
      messagesPerMinute: parts.policy.chatMessagesPerMinute,
    }),
  );
  const router = Router();
  router.use((request, response, next) => now()(request, response, next));
  return router;
}

/** What the routes are made of. */
export interface ServerContext {
  readonly parts: ComposedApp;
  readonly handler: DeskHandler;
  readonly readiness: Readiness;
  readonly figures: ProcessFigures;
  readonly metrics: ProcessMetrics;
  /** What the metrics are read from, besides the parts. */
  readonly sources: Pick<MetricSources, "board" | "queue" | "figures" | "modelEnds">;
  /** What this installation signs visitors' tokens with, where the shop gave no key. */
  readonly identity: Keys;
  /** What erasing a person needs besides the database. */
  readonly personal: PersonalData;
  /** What tells this installation from others. */
  readonly instance: string;
  /** Every role answers health checks; the other routes are for roles that serve. */
  readonly onlyHealth: boolean;
}

const SAMPLE_TICKETS = 40;
const ZENDESK_TICKETS = 200;
/** Customers who write meanwhile are answered first. */
const AT_ONCE = 2;

/** One at a time in this process; it ends with the process, and the next one goes on with it. */
export function rehearsalDesk(config: Config, parts: ComposedApp): RehearsalDesk {
  const isTrial = isOnlySamples(config);
  const state = { isRunning: false, progress: "" };
  const source =
    isTrial || parts.connections.zendesk !== null
      ? isTrial
        ? `${SAMPLE_TICKETS} solved tickets of the sample shop`
        : `the ${ZENDESK_TICKETS} tickets solved last in Zendesk`
      : null;
  async function play(signal: AbortSignal): Promise<void> {
    const { rehearse } = await import("#app/rehearsal/rehearse.ts");
    const request = isTrial ? await sampleRequest(parts.clock.now()) : ZENDESK;
    const tell = (line: string): void => void (state.progress = line);
    const { leftOut, end } = await rehearse(parts, request, { progress: tell, signal });
    tell(
      `${end.state === "done" ? "The rehearsal is done" : `The rehearsal stopped: ${end.reason}`}.${leftOut.length === 0 ? "" : ` ${leftOut.length} tickets were left out, such as ${leftOut[0]}.`}`,
    );
  }
  return {
    source,
    progress: () => state.progress,
    start() {
      if (source === null) throw invalidInput("nothing is connected that has solved tickets");
      if (state.isRunning) throw invalidInput("a rehearsal runs already");
      Object.assign(state, { isRunning: true, progress: "The tickets are read …" });
      parts.beside(async (signal) => {
        try {
          await play(signal);
        } catch (error) {
          state.progress = `The rehearsal could not go on: ${reasonOf(error)}`;
        } finally {
          state.isRunning = false;
        }
      });
    },
  };
}

const WISH = {
  concurrency: AT_ONCE,
  budgetUsd: REHEARSAL_USD,
  proven: false,
  anew: false,
  as: null,
} as const;

const ZENDESK: RehearsalRequest = {
  ...WISH,
  source: { kind: "zendesk" },
  last: ZENDESK_TICKETS,
};

async function sampleRequest(until: Date): Promise<RehearsalRequest> {
  const tickets = await sampleHistory(until, SAMPLE_TICKETS);
  return { ...WISH, source: { kind: "sample", path: "history", tickets }, last: tickets.length };
}
