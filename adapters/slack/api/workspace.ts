/** Looks up people, groups and channels of the Slack workspace, with short caches, and proves who a person is. */

import { cachedLookUp } from "#core/connection/rate-limit.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { slackWord, type Call, type Pace } from "./web-api.ts";
import {
  ChannelAnswer,
  GroupAnswer,
  OpenAnswer,
  SelfAnswer,
  UserAnswer,
  type SlackUser,
} from "./schema.ts";
import type { DeskTeammate } from "#core/contracts/approval-desk.ts";

/**
 * A person who decides is looked up again after this, so that a deactivated member soon loses the right to decide.
 * Slack takes a hundred such requests a minute (`users.info`, tier 4), and a person costs twelve at most.
 */
const DECIDER_AGE_MAX_MS = 5_000;
/** Writers of messages may be cached for longer; no decision depends on them. */
const USER_AGE_MAX_MS = 60_000;
/** Slack takes twenty requests about groups a minute (`usergroups.users.list`, tier 2). */
const GROUP_AGE_MAX_MS = 60_000;
/** Names and sharing of channels change rarely, but a channel that becomes shared must be noticed soon. */
const CHANNEL_AGE_MAX_MS = 60_000;

/** Who we are in this workspace. */
export interface Self {
  readonly userId: string;
  readonly botId: string | null;
  readonly teamId: string;
  /** The Enterprise organisation whose members are ours too; null where those of this workspace alone are. */
  readonly organisation: string | null;
  /** The workspace's address in a browser; null where Slack does not return it. */
  readonly url: string | null;
}

/** What decides whether we may post in a channel. */
interface KnownChannel {
  readonly name: string;
  /** Who from outside reads along, or will as soon as they accept, in words; null where it is ours alone. */
  readonly sharedWith: string | null;
  readonly archived: boolean;
  /** False where the app was not invited; null where Slack does not say. */
  readonly isIn: boolean | null;
}

/**
 * Facts about people and channels, cached for a minute, and for seconds about people who decide. Failures are never
 * cached.
 */
export type Workspace = ReturnType<typeof openWorkspace>;

/** Asks through `call`; the workspace is the one the bot token belongs to. */
export function openWorkspace(
  call: Call,
  options: {
    /** User groups whose members matter, read at each look-up. */
    readonly groups?: () => readonly string[];
    /** The operator counts the members of all workspaces of the organisation as ours. */
    readonly organisation?: boolean | undefined;
    readonly clock: Clock;
  },
) {
  const members = cachedLookUp<ReadonlySet<string>>(options.clock, GROUP_AGE_MAX_MS);
  // Separate caches, so that a person who has just clicked does not wait for a patient look-up.
  const deciders = cachedLookUp<SlackUser | null>(options.clock, DECIDER_AGE_MAX_MS);
  const writers = cachedLookUp<SlackUser | null>(options.clock, USER_AGE_MAX_MS);
  const channels = cachedLookUp<KnownChannel>(options.clock, CHANNEL_AGE_MAX_MS);
  const selves = cachedLookUp<Self>(options.clock, Number.POSITIVE_INFINITY);

  /** Members of this workspace or organisation are ours; all others are from outside. */
  const self = (): Promise<Self> =>
    selves("self", async () => {
      const known = await call("patient", "auth.test", {}, SelfAnswer);
      return {
        userId: known.user_id,
        botId: known.bot_id ?? null,
        teamId: known.team_id,
        organisation: (options.organisation === true ? known.enterprise_id : null) ?? null,
        url: known.url ?? null,
      };
    });

  /** Null when Slack shows us no such user. Use `quick` for people who decide. Throws when Slack cannot be asked. */
  const user = (id: string, pace: Pace): Promise<SlackUser | null> =>
    (pace === "patient" ? writers : deciders)(`${pace} ${id}`, () =>
      lookUpUser(call, pace, "users.info", { user: id }),
    );

  return {
    self,
    user,
    /** Which of the relevant groups a person is in. Throws when one of them cannot be read. */
    groupsOf: async (userId: string): Promise<readonly string[]> => {
      const groups = options.groups?.() ?? [];
      const lists = await Promise.all(
        groups.map((group) => members(group, () => groupMembers(call, group))),
      );
      return groups.filter((_group, index) => lists[index]?.has(userId));
    },
    /** The person a policy or setting names, by address or by Slack id. */
    named: (name: string): Promise<SlackUser | null> =>
      name.includes("@")
        ? lookUpUser(call, "patient", "users.lookupByEmail", { email: name })
        : user(name, "patient"),
    channel: (id: string): Promise<KnownChannel> =>
      channels(id, async () => {
        const answer = await call("patient", "conversations.info", { channel: id }, ChannelAnswer);
        const { name, is_ext_shared, is_pending_ext_shared, ...is } = answer.channel;
        const isWithCompany = is_ext_shared === true || is_pending_ext_shared === true;
        // `is_shared` alone means several workspaces of one organisation (conversation object reference).
        const isWithWorkspace = is.is_shared === true && (await self()).organisation === null;
        return {
          name: name ?? id,
          sharedWith: isWithCompany ? "another company" : isWithWorkspace ? OTHER_WORKSPACE : null,
          archived: is.is_archived === true,
          isIn: is.is_member ?? null,
        };
      }),
    /** The direct message channel with a person, opened if need be. */
    directChannel: async (userId: string): Promise<string> => {
      const { channel } = await call(
        "patient",
        "conversations.open",
        { users: userId },
        OpenAnswer,
      );
      return channel.id;
    },
  };
}

/** Its members are no colleagues. */
const OTHER_WORKSPACE = "another workspace, and SLACK_ORGANISATION is off";

const UNKNOWN_USER = new Set(["user_not_found", "users_not_found", "user_not_visible"]);

async function lookUpUser(
  call: Call,
  pace: Pace,
  method: string,
  parameters: Readonly<Record<string, string>>,
): Promise<SlackUser | null> {
  try {
    return (await call(pace, method, parameters, UserAnswer)).user;
  } catch (error) {
    if (error instanceof DeskhandError && UNKNOWN_USER.has(slackWord(error) ?? "")) return null;
    throw error;
  }
}

/** A deleted group has no members; every other failure leaves its members unknown. */
async function groupMembers(call: Call, usergroup: string): Promise<ReadonlySet<string>> {
  try {
    const { users } = await call("quick", "usergroups.users.list", { usergroup }, GroupAnswer);
    return new Set(users);
  } catch (error) {
    if (slackWord(error) === "no_such_subteam") return new Set();
    throw error;
  }
}

/** The name people see. */
export function slackUserName(user: SlackUser): string {
  return (
    [user.profile?.real_name, user.real_name, user.profile?.display_name, user.name].find(
      (name) => name != null && name.trim() !== "",
    ) ?? user.id
  );
}

/**
 * Single- and multi-channel guests (users.info reference). Slack gives no guest of one workspace of an
 * organisation a member's role in another (admin.users.assign reference, `invalid_role_for_user`).
 */
export function isGuest(user: SlackUser): boolean {
  return user.is_restricted === true || user.is_ultra_restricted === true;
}

/**
 * Whether Slack's directory has the person in the home workspace or organisation. Each workspace that a message or a
 * click named (`teams`) has to be home as well, or one of the organisation that the person is in.
 */
export function isAtHome(user: SlackUser, self: Self, teams: readonly string[] = []): boolean {
  const { team_id: team, enterprise_user: colleague } = user;
  const isColleague = self.organisation !== null && colleague?.enterprise_id === self.organisation;
  const theirs = isColleague ? [self.organisation, team, ...(colleague.teams ?? [])] : [];
  return (
    user.is_stranger !== true &&
    (isColleague || team === self.teamId) &&
    teams.every((named) => named === self.teamId || theirs.includes(named))
  );
}

/** A member of another company. Without a team id a user counts neither as ours nor as from outside. */
export function isFromOutside(user: SlackUser, self: Self): boolean {
  return user.is_stranger === true || (user.team_id != null && !isAtHome(user, self));
}

/** No bot, no guest, no deactivated member. */
export function isActivePerson(user: SlackUser): boolean {
  return user.id !== "USLACKBOT" && user.deleted !== true && user.is_bot !== true && !isGuest(user);
}

/** An active person of the home workspace or organisation. */
export function isOwnMember(user: SlackUser, self: Self): boolean {
  return isAtHome(user, self) && isActivePerson(user);
}

/** The person who clicked, as the payload claims; a look-up proves it. */
export interface ClaimedPerson {
  readonly userId: string;
  readonly name: string;
  /** Workspaces the payload names: the person's, and the one where the click happened. */
  readonly teams: readonly string[];
}

/** The person as far as Slack can prove them now. Throws when it cannot be asked. */
export async function deskTeammate(
  claimed: ClaimedPerson,
  workspace: Workspace,
): Promise<DeskTeammate> {
  const stranger: DeskTeammate = {
    id: claimed.userId,
    name: claimed.name,
    email: null,
    eligible: false,
  };
  if (await isForeign(claimed, workspace)) return { ...stranger, outside: true };
  const [user, self] = [await workspace.user(claimed.userId, "quick"), await workspace.self()];
  if (user === null) return stranger;
  if (isFromOutside(user, self)) return { ...stranger, outside: true };
  const eligible = isOwnMember(user, self);
  return {
    id: user.id,
    name: slackUserName(user),
    email: user.profile?.email ?? null,
    eligible,
    groups: eligible ? [...(await workspace.groupsOf(user.id))] : [],
  };
}

/** What a person is told whom Slack cannot prove now. */
export const UNCHECKED =
  "Deskhand could not check your role just now. Nothing was changed; try again.";

/** The same, but null when Slack cannot be asked. */
export async function provenTeammate(
  claimed: ClaimedPerson,
  { workspace, log }: { readonly workspace: Workspace; readonly log: Log },
): Promise<DeskTeammate | null> {
  try {
    return await deskTeammate(claimed, workspace);
  } catch (error) {
    log.warn("slack could not be asked who this is", { reason: reasonOf(error) });
    return null;
  }
}

/** The current groups of a person who clicked earlier: none when they are no longer an active member. */
export async function currentGroups(
  userId: string,
  workspace: Workspace,
): Promise<readonly string[]> {
  const user = await workspace.user(userId, "quick");
  if (user === null || !isOwnMember(user, await workspace.self())) return [];
  return workspace.groupsOf(user.id);
}

/**
 * Slack Connect members and clicks from other workspaces are refused by the payload alone, without a look-up. Only where
 * an organisation counts does the directory say whether a workspace is one of it. Throws when it cannot be asked.
 */
export async function isForeign(
  { userId, teams }: ClaimedPerson,
  workspace: Pick<Workspace, "self" | "user">,
): Promise<boolean> {
  const self = await workspace.self();
  if (teams.every((team) => team === self.teamId)) return false;
  if (self.organisation === null) return true;
  const user = await workspace.user(userId, "quick");
  return user === null || !isAtHome(user, self, teams);
}
