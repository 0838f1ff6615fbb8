/**
 * Room: turns the configuration into the settings of every adapter, and protects calls to providers.
 * In: the configuration, the embedded parts, the policy, the store, the installation's secrets.
 * Out: URLs, credentials and limits for each adapter; circuit breakers, queues, and rate limits shared in Redis.
 * May touch: files of secrets, the database (tokens, cursors, chat lines), Redis; vendors only for OAuth tokens.
 */

import type { Connections } from "#adapters/index.ts";
import { EMAIL_LIMITS } from "#email/options.ts";
import type { Allowances } from "#core/connection/rate-limit.ts";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { Clock, Duties, Log } from "#core/contracts/ports.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { EmbeddedParts } from "#sandbox/index.ts";
import type { Store } from "#store/db/database.ts";
import { sharedBlobs, sharedPlace, storageAt } from "#store/blobs/shared-place.ts";
import { storedCursors, storedTokenVault } from "#store/db/settings.ts";
import { hasLine, writeLine } from "#store/chat/chat-state.ts";
import { configuredBlobPlace } from "#config/storage.ts";
import type { Config, Environment } from "#config/environment.ts";
import { listIn } from "#config/secret.ts";
import { ownMailServer } from "#config/mail.ts";
import { socketDispatcher } from "#http/proxy.ts";
import { trustedWorkspaces } from "#config/channels.ts";
import type { InstallationSecrets } from "#store/db/installation-secrets.ts";
import {
  configuredSignIns,
  type SignIns,
  type ZendeskAccess,
  zendeskAccess,
  mailAccess,
} from "./sign-ins.ts";

/** What the connections are made from. */
export interface ConnectionContext {
  readonly config: Config;
  readonly embedded: EmbeddedParts;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly policy: Policy;
  /** Secrets of this installation, generated once. */
  readonly secrets: InstallationSecrets;
  /** Rate limits of providers, shared by all processes. Without it, each adapter counts for this process alone. */
  readonly allowances?: Allowances | undefined;
  /** Where long-lived connections report their state. Left out where no health check reads it. */
  readonly board?: ConnectionBoard | undefined;
  /** Shares what is read in turn with the other processes. Without it, this process reads everything. */
  readonly duties?: Duties | undefined;
}

/** What the adapters need, and the state of the identities they sign in with. */
export interface Connected extends Connections {
  readonly credentialStates: ZendeskAccess["credentialStates"];
}

/** The sandbox's parts where none of them runs, so that what is not configured counts as not connected. */
export const NOTHING_EMBEDDED: EmbeddedParts = {
  redisUrl: null,
  slack: null,
  slackUnavailable: null,
  zendesk: null,
  mail: null,
  shop: null,
  endpoints: { slack: null, zendesk: null, email: null, shop: null },
  close: async () => undefined,
};

const SHOP_TIMEOUT_MS = 8_000;

/** Finds the other end for every adapter: what the environment names, otherwise the embedded part. */
export function configuredConnections(context: ConnectionContext): Connected {
  const { store, clock } = context;
  const access = configuredZendeskAccess(context);
  const email = emailConnection(context);
  return {
    credentialStates: { ...access?.credentialStates, ...email?.accounts?.credentialStates },
    email,
    zendesk: access === null ? null : zendeskConnection(context, access),
    slack: slackConnection(context),
    shop: shopConnection(context),
    chat: {
      transcript: {
        write: ({ key, conversation, text }) =>
          store.run(writeLine, { key, conversationId: conversation, text, at: clock.now() }),
        has: (key) => store.run(hasLine, key),
      },
    },
  };
}

/** What every channel gets as it is. */
function sharedBy({ clock, log, allowances, board, duties, store }: ConnectionContext) {
  return { clock, log, allowances, board, duties, cursors: storedCursors(store) };
}

function emailConnection(context: ConnectionContext): Connections["email"] {
  const { config, embedded, store, clock, log, policy, secrets } = context;
  const { environment, real } = config;
  const storage = storageAt(configuredBlobPlace(config));
  const common = {
    ...sharedBy(context),
    blobs: sharedBlobs(storage, sharedPlace(store, storage)),
    instance: secrets.instance,
    secret: secrets.mail,
    keepsCc: () => policy.keepsCc,
    isTeammate: (address: string) =>
      policy.teammates.some((teammate) => teammate.address === address),
    showsReference: () => policy.showsReference,
    limits: EMAIL_LIMITS,
  };
  const { inboxes, accounts } = mailAccess(config.inboxes, {
    vault: storedTokenVault(store),
    clock,
    log,
  });
  const [first] = inboxes;
  if (first !== undefined)
    return {
      ...common,
      startAt: "now",
      ownServer: ownMailServer(environment, config),
      messageIdDomain: first.address.split("@")[1] ?? "localhost",
      inboxes,
      accounts,
    };
  const { mail } = embedded;
  // Next to a real channel the sandbox mail would only carry the sample shop's messages, and its DNS vouches for any
  // sender.
  if (mail === null || real.zendesk || real.slack) return null;
  return {
    ...common,
    startAt: "all",
    messageIdDomain: mail.address.split("@")[1] ?? "localhost",
    resolver: mail.resolver,
    inboxes: [
      {
        address: mail.address,
        aliases: [],
        imap: { ...mail.imap, secure: false },
        smtp: { ...mail.smtp, secure: false },
      },
    ],
  };
}

function zendeskConnection(
  context: ConnectionContext,
  { writerToken, readerToken }: ZendeskAccess,
): Connections["zendesk"] {
  const { config, embedded, policy } = context;
  const { environment, real } = config;
  const common = {
    ...sharedBy(context),
    statusAfterReply: () => policy.statusAfterReply,
    brand: "default",
    macros: environment.ZENDESK_MACROS === "on",
    senderAuthentication: environment.ZENDESK_SENDER_AUTHENTICATION === "on",
    trustedForms: listIn(environment.ZENDESK_TRUSTED_FORMS).map(Number),
    ...(environment.ZENDESK_BRANDS === undefined
      ? {}
      : { brands: namesIn(environment.ZENDESK_BRANDS) }),
    writerToken,
    readerToken,
  };
  if (real.zendesk)
    return {
      ...common,
      url: environment.ZENDESK_URL ?? "",
      webhookSecret: environment.ZENDESK_WEBHOOK_SECRET?.accepted() ?? "",
      pollMs: 60_000,
      programs: {
        users: listIn(environment.ZENDESK_PROGRAMS).map(Number),
        rules: listIn(environment.ZENDESK_AUTOMATIC_RULES),
      },
      app: sidebarApp(environment),
      groups: {
        bot: environment.ZENDESK_GROUP_BOT ?? 0,
        tier2: environment.ZENDESK_GROUP_TIER2 ?? 0,
        sensitive: environment.ZENDESK_GROUP_SENSITIVE ?? 0,
      },
      fields: Object.fromEntries(
        Object.entries(namesIn(environment.ZENDESK_FIELDS ?? "")).map(([name, id]) => [
          name,
          Number(id),
        ]),
      ),
    };
  const { zendesk } = embedded;
  if (zendesk === null) return null;
  return {
    ...common,
    url: zendesk.url,
    webhookSecret: zendesk.webhookSecret,
    botUserId: zendesk.users.bot,
    groups: zendesk.groups,
    attachmentHosts: [zendesk.fileHost],
    app: zendesk.app,
    pollMs: 15_000,
  };
}

/** The app beside the tickets, once both of its variables are there. */
function sidebarApp({ ZENDESK_APP_INSTALLATION: installation, ZENDESK_APP_PEM }: Environment) {
  if (installation === undefined || ZENDESK_APP_PEM === undefined) return undefined;
  return { installation, publicKey: ZENDESK_APP_PEM };
}

/** The sandbox is signed in to like a real account, with its two OAuth clients. */
function configuredZendeskAccess(context: ConnectionContext): ZendeskAccess | null {
  const { config, embedded, store, clock, log } = context;
  const { environment, real } = config;
  const { zendesk } = embedded;
  const account = real.zendesk
    ? { url: environment.ZENDESK_URL ?? "", signIns: configuredSignIns(environment) }
    : zendesk && { url: zendesk.url, signIns: sandboxSignIns(zendesk) };
  if (account === null) return null;
  return zendeskAccess({
    ...account,
    role: environment.DESKHAND_ROLE,
    vault: storedTokenVault(store),
    clock,
    log,
  });
}

function sandboxSignIns({ oauth }: NonNullable<EmbeddedParts["zendesk"]>): SignIns {
  const client = ({ id, secret }: typeof oauth.writer) => ({
    clientId: id,
    clientSecret: secret,
    refreshToken: null,
  });
  return { writer: client(oauth.writer), reader: client(oauth.reader) };
}

function slackConnection(context: ConnectionContext): Connections["slack"] {
  const { config, embedded, policy } = context;
  const { environment, real } = config;
  const common = {
    ...sharedBy(context),
    teammates: (email: string) => policy.roleOf({ id: email, email }) !== null,
    groups: () => policy.groups,
    fallbackLead: () => policy.fallbackLead,
  };
  if (real.slack)
    return {
      ...common,
      botToken: environment.SLACK_BOT_TOKEN?.reveal() ?? "",
      ...slackTransport(environment),
      ...(environment.SLACK_API_URL === undefined ? {} : { apiUrl: environment.SLACK_API_URL }),
      channels: {
        approvals: environment.SLACK_APPROVALS_CHANNEL ?? "",
        alerts: environment.SLACK_ALERTS_CHANNEL ?? "",
        help: listIn(environment.SLACK_HELP_CHANNELS),
        workflows: listIn(environment.SLACK_WORKFLOWS),
      },
      places: namesIn(environment.SLACK_PLACES ?? ""),
      trusted: trustedWorkspaces(environment.SLACK_CONNECT_TRUSTED ?? ""),
      organisation: environment.SLACK_ORGANISATION === "on",
      messagesPerMinute: environment.SLACK_MESSAGES_PER_MINUTE,
      signIn: slackSignInApp(environment),
    };
  const { slack } = embedded;
  if (slack === null) return null;
  return {
    ...common,
    botToken: slack.botToken,
    appToken: slack.appToken,
    apiUrl: slack.apiUrl,
    channels: {
      approvals: slack.approvalsChannel,
      alerts: slack.alertsChannel,
      help: [slack.helpChannel],
    },
    places: {},
  };
}

/** People sign in to the console with Slack once the app's own credentials are there, both of them. */
function slackSignInApp({ SLACK_CLIENT_ID, SLACK_CLIENT_SECRET }: Environment) {
  if (SLACK_CLIENT_ID === undefined || SLACK_CLIENT_SECRET === undefined) return undefined;
  return { clientId: SLACK_CLIENT_ID, clientSecret: SLACK_CLIENT_SECRET.reveal() };
}

/** Signed requests with one of these secrets, or Socket Mode: the configuration has exactly one of the two. */
function slackTransport({ SLACK_SIGNING_SECRET, SLACK_APP_TOKEN }: Environment) {
  if (SLACK_SIGNING_SECRET === undefined)
    return { appToken: SLACK_APP_TOKEN?.reveal() ?? "", dispatcher: socketDispatcher() };
  return { signingSecrets: SLACK_SIGNING_SECRET.accepted().flatMap(listIn) };
}

/** Reads "approvals-money=C0123, german=C0456": the value right of each sign, by the name left of it. */
function namesIn(list: string): Readonly<Record<string, string>> {
  const pairs = list.split(",").map((pair) => pair.trim().split("="));
  return Object.fromEntries(
    pairs.flatMap(([name, id]) => (name && id ? [[name.trim(), id.trim()]] : [])),
  );
}

function shopConnection({ config, embedded, clock, log }: ConnectionContext): Connections["shop"] {
  const { environment } = config;
  return {
    url: environment.SHOP_URL ?? embedded.shop?.url ?? "",
    key: environment.SHOP_KEY?.reveal() ?? embedded.shop?.key ?? "",
    timeoutMs: SHOP_TIMEOUT_MS,
    fetch,
    clock,
    log,
  };
}
