/** What the application is composed from, and what it is then: the two types every part of the start speaks of. */
import type { AgentParts } from "#agent/turn-state.ts";
import type { HelpCenter } from "#core/contracts/knowledge.ts";
import type { InboundHandler, TicketSidebar } from "#core/contracts/channel.ts";
import type { PictureDescriber } from "#core/contracts/model.ts";
import type { TeamSignIn, TraceExporter } from "#core/contracts/ports.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { WebhookPort } from "#jobs/webhooks/send.ts";
import type { FollowedSources } from "#knowledge/sync-sources.ts";
import type { OpenKnowledge } from "#knowledge/index.ts";
import type { CurrentPolicy, LoadedPolicy } from "#policy/load-policy.ts";
import type { SharedPlace } from "#store/blobs/shared-place.ts";
import type { Connected, ConnectionContext } from "#connections/connect-all.ts";
import type { Target } from "#core/contracts/tool.ts";
import type { AskingPorts } from "#systems/ask-once.ts";
import type { SystemTool } from "#systems/contract.ts";
import type { Tools } from "./current-checks.ts";

/** What `start.ts` has opened before the application is composed. */
export interface Foundation extends Omit<ConnectionContext, "policy"> {
  readonly queue: WakeQueue;
  /** Address under which people reach the pages. */
  readonly appUrl: () => string;
  /** The name this process writes into leases; it belongs to the data folder. */
  readonly worker: string;
  /** A folder of help pages in the place of the sample shop's. */
  readonly pages?: string;
  /** The tools of your own systems; read from their folders where they were not read before. */
  readonly declarations?: ConnectedTools["declarations"];
  /** Learns of every turn. */
  readonly spans?: TraceExporter;
}

/** The composed application: the job context, and what policy changes, health checks and commands need. */
export interface ComposedApp extends JobContext {
  readonly policy: CurrentPolicy;
  /** The team's own texts, used next to the help pages; they are read once `start` is called. */
  readonly passages: FollowedSources;
  /** The way to the servers of outgoing webhooks. */
  readonly webhooks: WebhookPort;
  /** The tools of your own systems, for commands about them. */
  readonly connected: ConnectedTools;
  /** The help pages, for commands about them. */
  readonly knowledge: OpenKnowledge;
  /** The helpdesk's own help centre; null where no helpdesk is connected. */
  readonly helpCenter: HelpCenter | null;
  /** Receives requests from Slack; null in Socket Mode and without Slack. */
  readonly slackHandler: InboundHandler | null;
  /** The team's own sign-in to the console; null where there is only the one-time link. */
  readonly teamSignIn: TeamSignIn | null;
  /** Our page beside the helpdesk's tickets; null where its app is not installed. */
  readonly sidebar: TicketSidebar | null;
  /** Throws `policy.invalid`, with the operation's name, when the policy has no rule for what a tool here proposes. */
  requireRules(policy: LoadedPolicy): void;
  /** Whether this process sees the mail folder that the other processes use. */
  readonly blobPlace: SharedPlace;
  /** Describes pictures for the team; null unless the configured model is said to take them. */
  readonly pictures: PictureDescriber | null;
  /** What the agent is made of, for a bench that replaces one part. */
  readonly agentParts: AgentParts;
  /** Circuit breaker of each outside provider: `closed`, `open` or `half-open`. */
  breakerStates(): Readonly<Record<string, string>>;
  /** Why the model's provider refuses what is configured; null while it does not. */
  modelRefusal(): string | null;
  /** The connection settings the adapters were made from, for checks of the vendors' side. */
  readonly connections: Connected;
  /** State of each identity we sign in to a provider with: `ok`, or what has to be done. */
  credentialStates(): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** The tools of your own systems, with their target and what a policy has to know of them. */
export interface ConnectedTools {
  readonly declarations: readonly SystemTool[];
  readonly tools: Tools;
  /** The target named `system`; none without a tool that changes something. */
  readonly targets: readonly Target[];
  /** They stand in the place of the sample shop, so that its tools are not offered. */
  readonly replaceSampleShop: boolean;
  /** What they are carried out with. */
  readonly ports: AskingPorts;
}
