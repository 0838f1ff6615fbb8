/**
 * Room: everything about Slack, as a customers' channel and as the team's desk. Each subfolder is a room of its own.
 * In: the operator's settings; events, clicks and commands, by socket or by signed requests.
 * Out: one channel, one approval desk, and the inbound handler for Slack's requests.
 * May touch: Slack, and the shared rate limits.
 */
import {
  type Clock,
  type Cursors,
  type Duties,
  type Log,
  SOLE_PROCESS,
  type TeamSignIn,
} from "#core/contracts/ports.ts";
import type { Channel, InboundHandler } from "#core/contracts/channel.ts";
import type { Allowances } from "#core/connection/rate-limit.ts";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { slackApp, type SlackTransport, httpTransport } from "#slack/transport/slack-app.ts";
import type { SocketOptions } from "#slack/transport/socket-mode.ts";
import { reportingScopes, responder, slackCalls } from "#slack/api/web-api.ts";
import { slackSignIn, type SignInApp } from "#slack/api/sign-in.ts";
import { slackChannel } from "#slack/channel/channel.ts";
import { slackDesk } from "#slack/approvals/desk.ts";
import { slackPosting } from "#slack/api/post-once.ts";
import type { ChannelRoles } from "#slack/channel/parse-events.ts";
import type { TrustedWorkspaces } from "#slack/channel/history.ts";
import { openWorkspace, type Workspace } from "#slack/api/workspace.ts";

/** The operator's settings for a workspace. Ids, not names: names change and differ between workspaces. */
export type SlackOptions = SlackSettings & (BySocket | ByRequest);

/** Socket Mode: the app-level token with which we connect, and what connects behind a proxy. */
type BySocket = Pick<SocketOptions, "appToken" | "dispatcher">;

/** Signed requests: the secrets they may be signed with, two while one is being replaced. */
interface ByRequest {
  readonly signingSecrets: readonly string[];
}

/** The same for either transport. */
export interface SlackSettings {
  readonly botToken: string;
  /** Web API of another server, such as the sandbox's; ends with a slash. */
  readonly apiUrl?: string;
  readonly channels: ChannelRoles;
  /** Ids of further channels for cards, by the names the policy uses. */
  readonly places: Readonly<Record<string, string>>;
  /** Tells teammates from customers by e-mail: what they write in a customer's thread is the team's answer. */
  readonly teammates: (email: string) => boolean;
  /** User groups whose members are teammates, read at each look-up since a policy may change. */
  readonly groups?: () => readonly string[];
  /** Customers' workspaces with the mail domains of their members, where the operator trusts the combination. */
  readonly trusted?: TrustedWorkspaces;
  /** Members of every workspace of the Enterprise organisation count as ours; those of this workspace alone by default. */
  readonly organisation?: boolean | undefined;
  /** The person told that a channel takes no cards any more, by address or user id. */
  readonly fallbackLead: () => string;
  /** The app's credentials for signing in to the console with Slack; left out where people do not. */
  readonly signIn?: SignInApp | undefined;
  /** Shares Slack's limits between all processes; by default they are kept for this process alone. */
  readonly allowances?: Allowances | undefined;
  /** Messages per minute and channel; the limit for changes scales with it. By default as many as Slack takes. */
  readonly messagesPerMinute?: number | undefined;
  /** Which process opens the socket; this one does when absent. */
  readonly duties?: Duties | undefined;
  readonly cursors: Cursors;
  readonly clock: Clock;
  readonly log: Log;
  readonly board?: ConnectionBoard | undefined;
}

/**
 * Slack as the customers' channel and the team's desk, over one connection: starting either opens it, and it stops with
 * the last of the two. Nothing is called before the first use, so both can be created while Slack is away.
 */
export function slack(options: SlackOptions): {
  readonly channel: Channel;
  readonly desk: ApprovalDesk;
  /** Receives requests from Slack; null in Socket Mode. */
  readonly inbound: InboundHandler | null;
  /** Tells which teammate sits in front of a browser; null without the app's credentials. */
  readonly signIn: TeamSignIn | null;
} {
  const { apiUrl, channels: roles, clock, cursors, fallbackLead, log, teammates } = options;
  const trusted = options.trusted ?? new Map();
  const call = reportingScopes(slackCalls(options), options.board);
  const workspace = openWorkspace(call, options);
  const posting = slackPosting(call, options);
  const places = new Map(Object.entries(options.places));
  const room = { call, workspace, posting, roles, places, fallbackLead, clock, log };
  const { transport, inbound } = chosenTransport(options);
  const app = slackApp(room, transport);
  return {
    inbound,
    signIn: slackTeamSignIn(options, workspace),
    channel: slackChannel({ ...room, cursors, teammates, trusted }, app),
    desk: slackDesk(room, { app, respond: responder(apiUrl) }),
  };
}

function slackTeamSignIn(options: SlackOptions, workspace: Workspace): TeamSignIn | null {
  const { signIn: app, apiUrl, clock, log } = options;
  if (app === undefined) return null;
  const call = slackCalls({ botToken: null, log, ...(apiUrl === undefined ? {} : { apiUrl }) });
  return slackSignIn({ call, workspace, app, apiUrl, clock });
}

function chosenTransport(options: SlackOptions) {
  if (!("signingSecrets" in options)) return { transport: bySocket(options), inbound: null };
  const requests = httpTransport(options);
  return { transport: requests, inbound: requests.inbound };
}

/**
 * The socket is opened while its duty is held here. Its library is loaded then: only one of the processes opens it.
 */
function bySocket(options: SlackSettings & BySocket): SlackTransport {
  const { duties = SOLE_PROCESS } = options;
  return {
    open: async (deliver, listening) => {
      const place = await duties.hold({ kind: "socket", name: "slack" }, (lease) => {
        const opened = (async () => {
          const { socketTransport } = await import("./transport/socket-mode.ts");
          return socketTransport(options).open(
            (envelope) => deliver({ ...envelope, lease }),
            () => listening(lease),
          );
        })();
        return {
          ready: opened.then(() => undefined),
          stop: async () => (await opened.catch(() => null))?.close(),
        };
      });
      return { close: () => place.stop() };
    },
  };
}
