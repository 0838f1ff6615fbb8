import { DeskhandError } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { slackWord, type Call, type Pace } from "./web-api.ts";
import {
  ChannelAnswer,
  GroupAnswer,
  OpenAnswer,
  SelfAnswer,
  UserAnswer,
  type SlackUser,
} from "./schema.ts";

/**
 * Whoever decides is looked up again after this: a member who was deactivated decides for no longer. Slack takes a
 * hundred such questions a minute (`users.info`, tier 4), and a person costs twelve at most.
 */
const DECIDER_AGE_MAX_MS = 5_000;
/** Whose message is read may be known for longer; nothing is decided by it. */
const USER_AGE_MAX_MS = 60_000;
/** Slack takes twenty questions about groups a minute (`usergroups.users.list`, tier 2). */
const GROUP_AGE_MAX_MS = 60_000;
/** Names and sharing of channels change rarely, but a channel that becomes shared must not stay unnoticed. */
const CHANNEL_AGE_MAX_MS = 60_000;
/** More people than this within a minute start the cache anew instead of growing it. */
const CACHE_MAX = 2_000;

/** Who we are in this workspace. */
export interface Self {
  readonly userId: string;
  readonly botId: string | null;
  readonly teamId: string;
  /** The workspace's address in a browser; null where Slack does not tell it. */
  readonly url: string | null;
}

/** A channel as far as it matters for whether anything may be said in it. */
interface KnownChannel {
  readonly name: string;
  readonly shared: boolean;
  readonly archived: boolean;
}

/**
 * What Deskhand asks about people and channels, remembered for a minute, and for seconds about those who decide.
 * Failures are never remembered.
 */
export interface Workspace {
  self(): Promise<Self>;
  /** Members of this workspace are ours; everybody else is a guest from outside. */
  homeTeam(): Promise<string>;
  /** Null when Slack shows us no such user. Quick for whoever decides. Throws when it cannot be asked. */
  user(id: string, pace: Pace): Promise<SlackUser | null>;
  userByEmail(email: string): Promise<SlackUser | null>;
  /** Which of the groups that matter somebody is in. Throws when one of them cannot be read. */
  groupsOf(userId: string): Promise<readonly string[]>;
  channel(id: string): Promise<KnownChannel>;
  /** The direct message channel with somebody, opened if need be. */
  directChannel(userId: string): Promise<string>;
}

/** Asks through `call`; `homeTeamId` overrides the workspace the bot token belongs to (Enterprise Grid). */
export function openWorkspace(
  call: Call,
  options: {
    readonly homeTeamId?: string;
    /** User groups whose members matter, read at each look-up. */
    readonly groups?: () => readonly string[];
    readonly clock: Clock;
  },
): Workspace {
  const members = remembered<ReadonlySet<string>>(options.clock, GROUP_AGE_MAX_MS);
  // Whoever has just clicked does not wait for a patient look-up that is under way.
  const deciders = remembered<SlackUser | null>(options.clock, DECIDER_AGE_MAX_MS);
  const writers = remembered<SlackUser | null>(options.clock, USER_AGE_MAX_MS);
  const channels = remembered<KnownChannel>(options.clock, CHANNEL_AGE_MAX_MS);
  const selves = remembered<Self>(options.clock, Number.POSITIVE_INFINITY);

  const self = (): Promise<Self> =>
    selves("self", async () => {
      const { user_id, bot_id, team_id, url } = await call("patient", "auth.test", {}, SelfAnswer);
      return { userId: user_id, botId: bot_id ?? null, teamId: team_id, url: url ?? null };
    });

  return {
    self,
    homeTeam: async () => options.homeTeamId ?? (await self()).teamId,
    user: (id, pace) =>
      (pace === "patient" ? writers : deciders)(`${pace} ${id}`, () =>
        lookedUp(call, pace, "users.info", { user: id }),
      ),
    groupsOf: async (userId) => {
      const groups = options.groups?.() ?? [];
      const lists = await Promise.all(
        groups.map((group) => members(group, () => membersOf(call, group))),
      );
      return groups.filter((_group, index) => lists[index]?.has(userId));
    },
    userByEmail: (email) => lookedUp(call, "patient", "users.lookupByEmail", { email }),
    channel: (id) =>
      channels(id, async () => {
        const answer = await call("patient", "conversations.info", { channel: id }, ChannelAnswer);
        const { name, is_ext_shared, is_shared, is_archived } = answer.channel;
        return {
          name: name ?? id,
          shared: is_ext_shared === true || is_shared === true,
          archived: is_archived === true,
        };
      }),
    directChannel: async (userId) => {
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

const NOBODY = new Set(["user_not_found", "users_not_found", "user_not_visible"]);

async function lookedUp(
  call: Call,
  pace: Pace,
  method: string,
  parameters: Readonly<Record<string, string>>,
): Promise<SlackUser | null> {
  try {
    return (await call(pace, method, parameters, UserAnswer)).user;
  } catch (error) {
    if (error instanceof DeskhandError && NOBODY.has(slackWord(error) ?? "")) return null;
    throw error;
  }
}

/** Nobody is in a group that is gone; every other failure leaves open who is in it. */
async function membersOf(call: Call, usergroup: string): Promise<ReadonlySet<string>> {
  try {
    const { users } = await call("quick", "usergroups.users.list", { usergroup }, GroupAnswer);
    return new Set(users);
  } catch (error) {
    if (slackWord(error) === "no_such_subteam") return new Set();
    throw error;
  }
}

/** Answers by name for `ageMaxMs`; questions asked at the same time share one look-up. */
function remembered<Value>(
  clock: Clock,
  ageMaxMs: number,
): (name: string, ask: () => Promise<Value>) => Promise<Value> {
  const known = new Map<string, { readonly at: number; readonly value: Promise<Value> }>();
  return (name, ask) => {
    const now = clock.now().getTime();
    const before = known.get(name);
    if (before !== undefined && now - before.at < ageMaxMs) return before.value;
    if (known.size >= CACHE_MAX) known.clear();
    const value = ask();
    const entry = { at: now, value };
    known.set(name, entry);
    value.catch(() => {
      if (known.get(name) === entry) known.delete(name);
    });
    return value;
  };
}
