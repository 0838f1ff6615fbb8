/** Checks a Slack workspace as desk and channel use it, and reports missing settings. */
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { type Finding, findingsAbout } from "#core/connection/diagnosis.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { slackCalls, type Call } from "./api/web-api.ts";
import type { ChannelRoles } from "./channel/parse-events.ts";
import { ChannelAnswer, GroupAnswer } from "./api/schema.ts";
import { SCOPES } from "./setup/manifest.ts";
import { openWorkspace, type Workspace } from "./api/workspace.ts";

/** The workspace's settings as the operator gave them. */
interface Examined {
  readonly botToken: string;
  /** The app-level token of Socket Mode; without one Slack sends requests. */
  readonly appToken?: string;
  readonly apiUrl?: string;
  readonly channels: ChannelRoles;
  readonly places: Readonly<Record<string, string>>;
  /** User groups that give a role. */
  readonly groups?: () => readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

const TokenAnswer = z.object({
  user: z.string().nullish(),
  team: z.string().nullish(),
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
  const token = await probe(call, "auth.test", TokenAnswer);
  if ("reason" in token)
    return [
      finding(
        "problem",
        "bot token",
        token.reason,
        token.isRefused
          ? "check SLACK_BOT_TOKEN, and that the app is installed in the workspace"
          : "Slack's server was not reached: check the network, a proxy in between, and SLACK_API_URL where it is set",
      ),
    ];
  const { user, team, response_metadata } = token.answer;
  const workspace = openWorkspace(call, options);
  const groups = options.groups?.() ?? [];
  return [
    finding("ok", "bot token", `${user ?? "?"} in ${team ?? "?"}`),
    scopesFinding(response_metadata?.scopes, {
      desk: true,
      customers: options.channels.help.length > 0,
      groups: groups.length > 0,
    }),
    ...(await transportFindings(options)),
    ...(await channelFindings(call, options)),
    await peopleFinding(workspace, people),
    ...(await Promise.all(groups.map((group) => groupFinding(call, group)))),
  ];
}

async function groupFinding(call: Call, usergroup: string): Promise<Finding> {
  const what = `group ${usergroup}`;
  const asked = await probe(call, "usergroups.users.list", GroupAnswer, { usergroup });
  if ("answer" in asked) return finding("ok", what, `${asked.answer.users.length} members`);
  return finding(
    "problem",
    what,
    asked.reason,
    "check its id in the policy, the scope usergroups:read, and that the plan has user groups",
  );
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

async function transportFindings({ appToken, ...options }: Examined): Promise<readonly Finding[]> {
  if (appToken === undefined)
    return [
      finding(
        "unknown",
        "way in",
        SIGNED_REQUESTS,
        "press a button on any card: one signed with another secret is refused, and the log says so",
      ),
    ];
  const asApp = slackCalls({ ...options, botToken: appToken });
  const opened = await probe(asApp, "apps.connections.open", Opened);
  if ("answer" in opened) return [finding("ok", "way in", "Socket Mode, and the token is taken")];
  return [
    finding(
      "problem",
      "way in",
      opened.reason,
      "check SLACK_APP_TOKEN (scope connections:write), and that Socket Mode is on for the app",
    ),
  ];
}

async function channelFindings(
  call: Call,
  { channels, places }: Examined,
): Promise<readonly Finding[]> {
  const rooms = [
    { what: "approvals channel", id: channels.approvals, isDesk: true },
    { what: "alerts channel", id: channels.alerts, isDesk: true },
    ...Object.entries(places).map(([name, id]) => ({ what: `place “${name}”`, id, isDesk: true })),
    ...channels.help.map((id) => ({ what: "help channel", id, isDesk: false })),
  ];
  return Promise.all(rooms.map((room) => channelFinding(call, room)));
}

async function channelFinding(
  call: Call,
  { what, id, isDesk }: { readonly what: string; readonly id: string; readonly isDesk: boolean },
): Promise<Finding> {
  const seen = await probe(call, "conversations.info", ChannelAnswer, { channel: id });
  if ("reason" in seen)
    return finding(
      "problem",
      what,
      `${id}: ${seen.reason}`,
      "check the id; into a private channel the app has to be invited first",
    );
  const { name, is_archived, is_member, is_ext_shared } = seen.answer.channel;
  const shown = name == null ? id : `#${name} (${id})`;
  if (is_archived === true)
    return finding("problem", what, `${shown} is archived`, "choose another channel");
  if (is_member === false)
    return finding(
      "problem",
      what,
      `the app is not in ${shown}`,
      `type /invite @Deskhand in ${shown}`,
    );
  if (isDesk && is_ext_shared === true)
    return finding(
      "problem",
      what,
      `${shown} is shared with another company`,
      "choose one that is not: no card goes there",
    );
  return finding("ok", what, shown);
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

async function probe<Answer extends z.ZodType>(
  call: Call,
  method: string,
  answer: Answer,
  parameters: Readonly<Record<string, string>> = {},
): Promise<
  | { readonly answer: z.output<Answer> }
  | {
      readonly reason: string;
      /** False where Slack was not reached. */ readonly isRefused: boolean;
    }
> {
  try {
    return { answer: await call("patient", method, parameters, answer) };
  } catch (error) {
    const isRefused = error instanceof DeskhandError && error.code === "channel.refused";
    return { reason: reasonOf(error), isRefused };
  }
}
