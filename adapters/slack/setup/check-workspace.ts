/** What the app needs in a Slack workspace: its manifest, a check of a workspace as desk and channel use it, and members and channels by the names people use. */
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { type Finding, findingsAbout } from "#core/connection/connection-board.ts";
import {
  slackCalls,
  type Call,
  type CallOptions,
  Paged,
  pagedAnswers,
} from "#slack/api/web-api.ts";
import type { SlackSettings } from "#slack/index.ts";
import { GroupAnswer, UserAnswer } from "#slack/api/schema.ts";
import {
  openWorkspace,
  type Workspace,
  isActivePerson,
  slackUserName,
} from "#slack/api/workspace.ts";

/**
 * What the app must be allowed to do in the workspace, as the manifest in docs/slack.md requests it; a test keeps the
 * two in step. `for` says what fails without it (Slack's scopes reference).
 */
export const SCOPES = {
  "chat:write": { who: "desk", for: "cards, alerts and answers" },
  commands: { who: "desk", for: "`/deskhand`" },
  "users:read": { who: "desk", for: "checking at each click who it is" },
  "users:read.email": { who: "desk", for: "knowing teammates and customers by their address" },
  "channels:read": { who: "desk", for: "seeing whether another company reads along" },
  "groups:read": { who: "desk", for: "the same in private channels" },
  "channels:history": { who: "desk", for: "finding a card again after a lost answer" },
  "groups:history": { who: "desk", for: "the same in private channels" },
  "im:write": { who: "desk", for: "telling one person alone" },
  "im:history": {
    who: "desk",
    for: "telling leads the figures once, and questions in direct messages",
  },
  "im:read": { who: "customers", for: "questions in direct messages" },
  "usergroups:read": { who: "groups", for: "roles that the policy gives to user groups" },
  "app_mentions:read": { who: "customers", for: "questions by mention" },
} as const satisfies Readonly<
  Record<string, { readonly who: "desk" | "customers" | "groups"; readonly for: string }>
>;

/** Where Slack makes a new app from a manifest; the manifest follows. */
const NEW_APP = "https://api.slack.com/apps?new_app=1&manifest_yaml=";

/** The events the app is told of, for the desk and for customers who ask in Slack. */
const EVENTS = [
  "app_home_opened",
  "app_mention",
  "message.channels",
  "message.groups",
  "message.im",
];

/** The app's manifest, as docs/slack.md explains it. */
function appManifest(): string {
  return `display_information:
  name: Deskhand
  description: Answers customers, and asks before it acts
features:
  bot_user:
    display_name: Deskhand
    always_online: true
  app_home:
    home_tab_enabled: true
    messages_tab_enabled: true
    messages_tab_read_only_enabled: false
  slash_commands:
    - command: /deskhand
      description: Find, pause, resume
      usage_hint: help
      should_escape: false
oauth_config:
  scopes:
    bot:
${yamlList(Object.keys(SCOPES).toSorted())}
settings:
  event_subscriptions:
    bot_events:
${yamlList(EVENTS)}
  interactivity:
    is_enabled: true
  org_deploy_enabled: false
  socket_mode_enabled: true
  token_rotation_enabled: false
`;
}

/** The page that shows this manifest, ready to be confirmed. */
export function appLink(): string {
  return `${NEW_APP}${encodeURIComponent(appManifest())}`;
}

function yamlList(items: readonly string[]): string {
  return items.map((item) => `      - ${item}`).join("\n");
}

/** The workspace's settings as the operator gave them. */
interface Examined extends Pick<
  SlackSettings,
  "botToken" | "apiUrl" | "channels" | "places" | "groups" | "organisation" | "clock" | "log"
> {
  /** The app-level token of Socket Mode; without one Slack sends requests. */
  readonly appToken?: string;
}

const TokenAnswer = z.object({
  user: z.string().nullish(),
  team: z.string().nullish(),
  enterprise_id: z.string().nullish(),
  is_enterprise_install: z.boolean().nullish(),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
});

const Opened = z.object({ url: z.string() });

const finding = findingsAbout("slack");

/**
 * Never throws: a failed check is a finding too. Only reads, and keeps no connection open. `people` are those the
 * policy counts on now, by the names it has for them.
 */
export async function examineSlack(
  options: Examined,
  people: readonly string[],
): Promise<readonly Finding[]> {
  const call = slackCalls(options);
  let token: z.output<typeof TokenAnswer>;
  try {
    token = await call("patient", "auth.test", {}, TokenAnswer);
  } catch (error) {
    const isRefused =
      error instanceof DeskhandError && /\.(?:refused|unauthorized)$/.test(error.code);
    const remedy = isRefused
      ? "check SLACK_BOT_TOKEN, and that the app is installed in the workspace"
      : "Slack's server was not reached: check the network, a proxy in between, and SLACK_API_URL where it is set";
    return [finding("problem", "bot token", reasonOf(error), remedy)];
  }
  const { user, team, response_metadata } = token;
  const workspace = openWorkspace(call, options);
  const groups = options.groups?.() ?? [];
  return [
    finding("ok", "bot token", `${user ?? "?"} in ${team ?? "?"}`),
    scopesFinding(response_metadata?.scopes, {
      desk: true,
      customers: options.channels.help.length > 0,
      groups: groups.length > 0,
    }),
    ...organisationFindings(token, options.organisation === true),
    await transportFinding(options),
    ...(await channelFindings(workspace, options, team ?? "this workspace")),
    await peopleFinding(workspace, people),
    ...(await Promise.all(groups.map((group) => groupFinding(call, group)))),
  ];
}

/** Whose members count: of this workspace alone, or of all of its Enterprise organisation. */
function organisationFindings(
  { enterprise_id: id, is_enterprise_install }: z.output<typeof TokenAnswer>,
  isCounted: boolean,
): readonly Finding[] {
  const what = "organisation";
  if (is_enterprise_install === true) {
    const remedy = "install it in the one workspace that has the channels";
    return [finding("problem", what, "the app is installed for the whole organisation", remedy)];
  }
  if (id == null && !isCounted) return [];
  const others = `members of other workspaces of ${id ?? "no organisation"}`;
  const found = isCounted
    ? `${others} count as colleagues`
    : `${others} are another company's; SLACK_ORGANISATION=on counts them as colleagues`;
  return [finding(id == null ? "warning" : "ok", what, found)];
}

async function groupFinding(call: Call, usergroup: string): Promise<Finding> {
  const what = `group ${usergroup}`;
  try {
    const { users } = await call("patient", "usergroups.users.list", { usergroup }, GroupAnswer);
    return finding("ok", what, `${users.length} members`);
  } catch (error) {
    const remedy =
      "check its id in the policy, the scope usergroups:read, and that the plan has user groups";
    return finding("problem", what, reasonOf(error), remedy);
  }
}

function scopesFinding(
  granted: readonly string[] | undefined,
  needed: Readonly<Record<"desk" | "customers" | "groups", boolean>>,
): Finding {
  if (granted === undefined || granted.length === 0)
    return finding("unknown", "scopes", "this server does not tell what the app may do");
  const missing = Object.entries(SCOPES).filter(
    ([scope, { who }]) => !granted.includes(scope) && needed[who],
  );
  if (missing.length === 0) return finding("ok", "scopes", "all that are needed");
  const named = missing.map(([scope, { for: why }]) => `${scope} (${why})`).join(", ");
  return finding(
    "problem",
    "scopes",
    `missing: ${named}`,
    "add them under OAuth & Permissions, and install the app again",
  );
}

const SIGNED_REQUESTS =
  "signed requests; not tried: whether SLACK_SIGNING_SECRET is right and requests arrive, since Slack tells neither";

async function transportFinding({ appToken, ...options }: Examined): Promise<Finding> {
  const what = "way in";
  if (appToken === undefined)
    return finding(
      "unknown",
      what,
      SIGNED_REQUESTS,
      "press a button on any card: one signed with another secret is refused, and the log says so",
    );
  const asApp = slackCalls({ ...options, botToken: appToken });
  try {
    await asApp("patient", "apps.connections.open", {}, Opened);
    return finding("ok", what, "Socket Mode, and the token is taken");
  } catch (error) {
    const remedy =
      "check SLACK_APP_TOKEN (scope connections:write), and that Socket Mode is on for the app";
    return finding("problem", what, reasonOf(error), remedy);
  }
}

async function channelFindings(
  workspace: Workspace,
  { channels, places }: Examined,
  team: string,
): Promise<readonly Finding[]> {
  const rooms = [
    { what: "approvals channel", id: channels.approvals, isDesk: true },
    { what: "alerts channel", id: channels.alerts, isDesk: true },
    ...Object.entries(places).map(([name, id]) => ({ what: `place “${name}”`, id, isDesk: true })),
    ...channels.help.map((id) => ({ what: "help channel", id, isDesk: false })),
  ];
  return Promise.all(rooms.map((room) => channelFinding(workspace, room, team)));
}

async function channelFinding(
  workspace: Workspace,
  { what, id, isDesk }: { readonly what: string; readonly id: string; readonly isDesk: boolean },
  team: string,
): Promise<Finding> {
  try {
    const { name, sharedWith, archived, isIn } = await workspace.channel(id);
    const shown = name === id ? id : `#${name} (${id})`;
    const problem = (found: string, remedy: string) => finding("problem", what, found, remedy);
    if (archived) return problem(`${shown} is archived`, "choose another channel");
    if (isIn === false)
      return problem(`the app is not in ${shown}`, `type /invite @Deskhand in ${shown}`);
    if (isDesk && sharedWith !== null)
      return problem(
        `${shown} is shared with ${sharedWith}`,
        "choose one that is not: no card goes there",
      );
    return finding("ok", what, shown);
  } catch (error) {
    // Slack says the same of a private channel without the app, of another workspace's, and of none.
    const remedy = `check the id, and type /invite @Deskhand in a private channel; if “${team}” is not your workspace, take SLACK_BOT_TOKEN and SLACK_APP_TOKEN from the app in yours`;
    const found = `the app in “${team}” does not see ${id}: ${reasonOf(error)}`;
    return finding("problem", what, found, remedy);
  }
}

async function peopleFinding(workspace: Workspace, people: readonly string[]): Promise<Finding> {
  const place = "people of the policy";
  const remedy = "the policy names them by the address in their Slack profile, or by their id";
  try {
    const found = await Promise.all(
      [...new Set(people)].map(async (person) => {
        const user = await workspace.named(person);
        return user === null || user.deleted === true ? [person] : [];
      }),
    );
    const missing = found.flat();
    return missing.length === 0
      ? finding("ok", place, "those on duty and the fallback lead are in the workspace")
      : finding("warning", place, `not in this workspace: ${missing.join(", ")}`, remedy);
  } catch (error) {
    return finding("unknown", place, reasonOf(error), remedy);
  }
}

const PAGE = { limit: "200" };

/** A workspace with more rows is looked through this far; ids and addresses work in any. */
const PAGES_MAX = 25;

const Members = Paged.extend({ members: z.array(UserAnswer.shape.user) });

const Channels = Paged.extend({
  channels: z.array(z.object({ id: z.string(), name: z.string().nullish() })),
});

/** Members and channels by name: each list is read once, when the first name is looked up, and throws what its call throws. */
export function slackDirectory(options: CallOptions) {
  const call = slackCalls(options);
  const lists: {
    members?: ReturnType<typeof activeMembers>;
    channels?: ReturnType<typeof channelIds>;
  } = {};
  return {
    /** The member behind an address, an id, `@handle` or a full name; null for no member, or for several. */
    async member(name: string) {
      const members = await (lists.members ??= activeMembers(call));
      const wanted = folded(name);
      const found = members.filter(({ names }) => names.includes(wanted));
      const [first] = found;
      if (first === undefined || found.length > 1) return null;
      return { id: first.id, name: first.name, email: first.email };
    },
    /** The id of a channel, given as `#name`, `name` or id; null when the app sees no such channel. */
    async channel(name: string) {
      if (/^[CG][A-Z0-9]{5,}$/.test(name.trim())) return name.trim();
      const channels = await (lists.channels ??= channelIds(call));
      return channels.get(folded(name)) ?? null;
    },
  };
}

async function activeMembers(call: Call) {
  const { pages } = await pagedAnswers(call, "users.list", PAGE, Members, PAGES_MAX);
  const rows = pages.flatMap(({ members }) => members);
  return rows.filter(isActivePerson).map((user) => {
    const { profile } = user;
    const email = profile?.email ?? null;
    const known = [user.id, user.name, user.real_name, profile?.real_name, profile?.display_name];
    const names = [...known, email].flatMap((name) => (name ? [folded(name)] : []));
    return { id: user.id, name: slackUserName(user), email, names };
  });
}

async function channelIds(call: Call): Promise<ReadonlyMap<string, string>> {
  const kinds = { types: "public_channel,private_channel", exclude_archived: "true" };
  const asked = { ...PAGE, ...kinds };
  const { pages } = await pagedAnswers(call, "conversations.list", asked, Channels, PAGES_MAX);
  const rows = pages.flatMap(({ channels }) => channels);
  return new Map(rows.flatMap(({ id, name }) => (name ? [[folded(name), id]] : [])));
}

/** "@Sam " and "#Approvals" as the lists have them. */
function folded(name: string): string {
  return name.trim().replace(/^[@#]/, "").toLowerCase();
}
