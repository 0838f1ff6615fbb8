import type { Channel } from "#core/contracts/channel.ts";
import type { Allowances } from "#core/connection/rate-limit.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import type { InboundHandler } from "#core/contracts/inbound-handler.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { slackApp } from "./transport/bolt-app.ts";
import { slackCalls } from "./api/web-api.ts";
import { slackChannel } from "./channel/channel.ts";
import { slackDesk } from "./approvals/desk.ts";
import { slackPacing } from "./api/rate-limit.ts";
import { slackPosting } from "./api/post-once.ts";
import { slackSnippets } from "./cards/full-text-file.ts";
import type { TrustedWorkspaces } from "./channel/identity.ts";
import { httpTransport } from "./transport/http-requests.ts";
import { socketTransport } from "./transport/socket-mode.ts";
import { slackStatus } from "./channel/typing-status.ts";
import type { SlackTransport } from "./transport/transport.ts";
import { openWorkspace } from "./api/workspace.ts";

/** What an operator gives us of a workspace. Ids, not names: names change and differ between workspaces. */
export type SlackOptions = SlackSettings & (BySocket | ByRequest);

/** Socket Mode: the app-level token with which we connect. */
interface BySocket {
  readonly appToken: string;
}

/** Slack's requests: the secrets they may be signed with, two while one is renewed. */
interface ByRequest {
  readonly signingSecrets: readonly string[];
}

interface SlackSettings {
  readonly botToken: string;
  /** Web API of another server, such as the sandbox's; ends with a slash. */
  readonly apiUrl?: string;
  readonly team: {
    /** The workspace whose members are ours; left out, it is the one the bot token belongs to. */
    readonly homeTeamId?: string;
  };
  readonly channels: {
    readonly approvals: string;
    readonly alerts: string;
    readonly help: readonly string[];
  };
  /** Ids of further channels for cards, by the names the policy gives places. */
  readonly places: Readonly<Record<string, string>>;
  /** Tells teammates from customers by e-mail: what they write in a customer's thread is the team's answer. */
  readonly teammates: (email: string) => boolean;
  /** User groups that make somebody a teammate, asked at each look-up since a policy may change. */
  readonly groups?: () => readonly string[];
  /** Workspaces of customers with the mail domains of their people, where the operator trusts both together. */
  readonly trusted?: TrustedWorkspaces;
  /** Who hears that a channel takes no cards any more, by address or user id. */
  readonly fallbackLead: () => string;
  /** Keeps Slack's limits for all processes; left out, they are kept for this one. */
  readonly allowances?: Allowances | undefined;
  /** How many messages a minute a channel gets, and changes in proportion; as many as Slack takes when left out. */
  readonly messagesPerMinute?: number | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Slack as customers' channel and as the team's desk, over one Bolt app: starting either starts it, and it ends with
 * the last of the two. Nothing is called before the first use, so both can be made without Slack being there.
 */
export function slack(options: SlackOptions): {
  readonly channel: Channel;
  readonly desk: ApprovalDesk;
  /** Where Slack's requests go; null in Socket Mode. */
  readonly door: InboundHandler | null;
} {
  const { team, clock, log, channels: roles } = options;
  const places = new Map(Object.entries(options.places));
  const call = slackCalls(options);
  const { groups = () => [], trusted = new Map() } = options;
  const workspace = openWorkspace(call, { ...team, groups, clock });
  const pacing = slackPacing(options);
  const posting = slackPosting(call, pacing);
  const isSlacks = isAt("https://hooks.slack.com", options.apiUrl);
  const uploads = { isSlacks: isAt("https://files.slack.com", options.apiUrl), log };
  const snippets = slackSnippets({ call, posting, ...uploads });
  const { wire, door } = wayInOf(options);
  const app = slackApp({ ...options, wire, workspace });
  return {
    door,
    channel: slackChannel({
      app,
      workspace,
      posting,
      status: slackStatus(call, log),
      roles,
      teammates: options.teammates,
      trusted,
      clock,
    }),
    desk: slackDesk({
      app,
      call,
      workspace,
      posting,
      pacing,
      snippets,
      roles,
      places,
      isSlacks,
      fallbackLead: options.fallbackLead,
      clock,
      log,
    }),
  };
}

function wayInOf(options: SlackOptions): {
  readonly wire: SlackTransport;
  readonly door: InboundHandler | null;
} {
  if (!("signingSecrets" in options)) return { wire: socketTransport(options), door: null };
  const requests = httpTransport(options);
  return { wire: requests, door: requests.door };
}

/**
 * A command is answered at an address it brings along, and a file is sent to one that Slack names: it has to be Slack's,
 * or of the server that stands in for it.
 */
function isAt(slacks: string, apiUrl: string | undefined): (address: string) => boolean {
  const origin = apiUrl === undefined ? slacks : new URL(apiUrl).origin;
  return (address) => URL.canParse(address) && new URL(address).origin === origin;
}
