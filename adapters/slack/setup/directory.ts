/** Members and channels of a workspace by the names people use for them. */
import { z } from "zod";
import type { Log } from "#core/contracts/ports.ts";
import { type Call, Paged, pagedAnswers, slackCalls } from "#slack/api/web-api.ts";
import { UserAnswer } from "#slack/api/schema.ts";
import { isActivePerson, slackUserName } from "#slack/api/workspace.ts";

const PAGE = { limit: "200" };

/** A workspace with more rows is looked through this far; ids and addresses work in any. */
const PAGES_MAX = 25;

const Members = Paged.extend({ members: z.array(UserAnswer.shape.user) });

const Channels = Paged.extend({
  channels: z.array(z.object({ id: z.string(), name: z.string().nullish() })),
});

/** A member as the policy names one. */
interface FoundMember {
  readonly id: string;
  readonly name: string;
  /** Null where the profile shows none. */
  readonly email: string | null;
}

/** Members and channels by name. Both methods throw what a call to Slack throws. */
export interface Directory {
  /** The member behind an address, an id, `@handle` or a full name; null for no member, or for several. */
  member(name: string): Promise<FoundMember | null>;
  /** The id of a channel, given as `#name`, `name` or id; null when the app sees no such channel. */
  channel(name: string): Promise<string | null>;
}

/** Reads each list once, when the first name is looked up. */
export function slackDirectory(options: {
  readonly botToken: string;
  readonly apiUrl?: string;
  readonly log: Log;
}): Directory {
  const call = slackCalls(options);
  const lists: {
    members?: ReturnType<typeof activeMembers>;
    channels?: ReturnType<typeof channelIds>;
  } = {};
  return {
    async member(name) {
      const members = await (lists.members ??= activeMembers(call));
      const wanted = folded(name);
      const found = members.filter(({ names }) => names.includes(wanted));
      const [first] = found;
      if (first === undefined || found.length > 1) return null;
      return { id: first.id, name: first.name, email: first.email };
    },
    async channel(name) {
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
