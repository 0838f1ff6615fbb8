/** Finds members and channels of a workspace by the names people use for them. */

import { z } from "zod";
import type { Log } from "#core/contracts/ports.ts";
import { isActivePerson, nameOf } from "#slack/api/users.ts";
import { UserAnswer } from "#slack/api/schema.ts";
import { slackCalls, type Call } from "#slack/api/web-api.ts";

const PAGE_ROWS = 200;
/** A workspace with more rows is looked through this far; ids and addresses work in any. */
const PAGES_MAX = 25;

const Next = z.object({ next_cursor: z.string().nullish() }).nullish();
const Members = z.object({ members: z.array(UserAnswer.shape.user), response_metadata: Next });
const Channels = z.object({
  channels: z.array(z.object({ id: z.string(), name: z.string().nullish() })),
  response_metadata: Next,
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
    members?: ReturnType<typeof membersOf>;
    channels?: ReturnType<typeof channelsOf>;
  } = {};
  return {
    async member(name) {
      const members = await (lists.members ??= membersOf(call));
      const wanted = folded(name);
      const found = members.filter(({ names }) => names.includes(wanted));
      const [first] = found;
      if (first === undefined || found.length > 1) return null;
      return { id: first.id, name: first.name, email: first.email };
    },
    async channel(name) {
      if (/^[CG][A-Z0-9]{5,}$/.test(name.trim())) return name.trim();
      const channels = await (lists.channels ??= channelsOf(call));
      return channels.get(folded(name)) ?? null;
    },
  };
}

async function membersOf(call: Call) {
  const rows: z.output<typeof Members>["members"] = [];
  await eachPage(async (cursor) => {
    const page = await call("patient", "users.list", pageAt(cursor), Members);
    rows.push(...page.members);
    return page.response_metadata?.next_cursor;
  });
  return rows.filter(isActivePerson).map((user) => {
    const { profile } = user;
    const email = profile?.email ?? null;
    const known = [user.id, user.name, user.real_name, profile?.real_name, profile?.display_name];
    const names = [...known, email].flatMap((name) => (name ? [folded(name)] : []));
    return { id: user.id, name: nameOf(user), email, names };
  });
}

async function channelsOf(call: Call): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  await eachPage(async (cursor) => {
    const parameters = {
      ...pageAt(cursor),
      types: "public_channel,private_channel",
      exclude_archived: "true",
    };
    const page = await call("patient", "conversations.list", parameters, Channels);
    for (const { id, name } of page.channels) if (name) ids.set(folded(name), id);
    return page.response_metadata?.next_cursor;
  });
  return ids;
}

function pageAt(cursor: string): Readonly<Record<string, string>> {
  return { limit: String(PAGE_ROWS), ...(cursor === "" ? {} : { cursor }) };
}

async function eachPage(
  read: (cursor: string) => Promise<string | null | undefined>,
): Promise<void> {
  let cursor = "";
  for (let page = 0; page < PAGES_MAX; page += 1) {
    cursor = (await read(cursor)) ?? "";
    if (cursor === "") return;
  }
}

/** "@Sam " and "#Approvals" as the lists have them. */
function folded(name: string): string {
  return name.trim().replace(/^[@#]/, "").toLowerCase();
}
