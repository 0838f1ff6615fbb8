import { DeskhandError } from "#core/errors.ts";
import type { Clock } from "#core/ports.ts";
import { slackWord, type Call, type Pace } from "./calls.ts";
import { ChannelAnswer, OpenAnswer, SelfAnswer, UserAnswer, type SlackUser } from "./schema.ts";

/** Roles are read at click time; a member who was deactivated keeps an old standing for at most this long. */
const USER_AGE_MAX_MS = 60_000;
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

/** What Deskhand asks about people and channels, remembered for a minute. Failures are never remembered. */
export interface Workspace {
  self(): Promise<Self>;
  /** Members of this workspace are ours; everybody else is a guest from outside. */
  homeTeam(): Promise<string>;
  /** Null when Slack shows us no such user. Throws when it cannot be asked. */
  user(id: string, pace: Pace): Promise<SlackUser | null>;
  userByEmail(email: string): Promise<SlackUser | null>;
  channel(id: string): Promise<KnownChannel>;
  /** The direct message channel with somebody, opened if need be. */
  directChannel(userId: string): Promise<string>;
}

/** Asks through `call`; `homeTeamId` overrides the workspace the bot token belongs to (Enterprise Grid). */
export function openWorkspace(
  call: Call,
  options: { readonly homeTeamId?: string; readonly clock: Clock },
): Workspace {
  const users = remembered<SlackUser | null>(options.clock, USER_AGE_MAX_MS);
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
    // Whoever has just clicked does not wait for a patient look-up that is under way.
    user: (id, pace) =>
      users(`${pace} ${id}`, () => lookedUp(call, pace, "users.info", { user: id })),
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
