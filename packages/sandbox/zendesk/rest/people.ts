/** Endpoints of the local Zendesk for users, groups and who is in which group. */
import { z } from "zod";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import { updateUser } from "#sandbox/zendesk/records/people.ts";
import { joinGroup } from "#sandbox/zendesk/records/seed.ts";
import {
  ANONYMOUS_USER,
  groupJson,
  membershipJson,
  userJson,
} from "#sandbox/zendesk/records/to-json.ts";
import {
  type Call,
  found,
  listReply,
  parseBody,
  pathId,
  queryIds,
  type Reply,
  type Route,
} from "./route.ts";

const UserChange = z.object({
  user: z.object({
    name: z.string().optional(),
    suspended: z.boolean().optional(),
    verified: z.boolean().optional(),
    external_id: z.string().nullable().optional(),
    only_private_comments: z.boolean().optional(),
  }),
});
const GroupInput = z.object({
  group: z.object({ name: z.string().min(1), description: z.string().default("") }),
});
const MembershipInput = z.object({
  group_membership: z.object({ user_id: z.number().int(), group_id: z.number().int() }),
});

/** Users, groups and memberships. */
export const PEOPLE_ROUTES: readonly Route[] = [
  { method: "get", path: "/users/me", allow: "anyone", run: me },
  { method: "get", path: "/users/search", allow: "staff", run: searchUsers },
  { method: "get", path: "/users/show_many", allow: "staff", run: showMany },
  { method: "put", path: "/users/:id", allow: "staff", run: changeUser },
  { method: "get", path: "/groups", allow: "staff", run: listGroups },
  { method: "post", path: "/groups", allow: "admin", run: createGroup },
  { method: "get", path: "/groups/:id", allow: "staff", run: showGroup },
  { method: "get", path: "/groups/:id/memberships", allow: "staff", run: membershipsOfGroup },
  { method: "post", path: "/group_memberships", allow: "admin", run: join },
];

/** The user without an id is the anonymous one, and is answered with 200 like any other. */
function me(call: Call): Reply {
  const { user } = call.actor;
  return { body: { user: user.id === 0 ? ANONYMOUS_USER : userJson(call.desk, user) } };
}

function userPage(call: Call, users: readonly User[]): Reply {
  return listReply(call, "users", users, (user) => userJson(call.desk, user));
}

/** `query` is `email:ADDRESS`, an address, or words of the name. */
function searchUsers(call: Call): Reply {
  const query = (call.query.get("query") ?? "").trim().replaceAll('"', "").toLowerCase();
  const address = /^email:(.*)$/u.exec(query)?.[1];
  const wanted = ({ email, name }: User): boolean => {
    if (address !== undefined) return email?.toLowerCase() === address;
    return query !== "" && (email?.toLowerCase() === query || name.toLowerCase().includes(query));
  };
  return userPage(call, call.desk.users.all().filter(wanted));
}

function showMany(call: Call): Reply {
  return userPage(
    call,
    queryIds(call).flatMap((id) => call.desk.users.get(id) ?? []),
  );
}

function changeUser(call: Call): Reply {
  const change = parseBody(UserChange, call.body).user;
  return {
    body: { user: userJson(call.desk, found(updateUser(call.desk, pathId(call), change))) },
  };
}

function listGroups(call: Call): Reply {
  return listReply(call, "groups", call.desk.groups.all(), (group) => groupJson(call.desk, group));
}

function showGroup({ desk, ...call }: Call): Reply {
  return { body: { group: groupJson(desk, found(desk.groups.get(pathId(call)))) } };
}

function createGroup({ desk, body }: Call): Reply {
  const { group: input } = parseBody(GroupInput, body);
  const group = desk.write(() => {
    const made = { id: desk.nextId("record"), ...input, created_at: stamp(desk.now()) };
    desk.groups.put(made);
    return made;
  });
  return { status: 201, body: { group: groupJson(desk, group) } };
}

function membershipsOfGroup(call: Call): Reply {
  const group = pathId(call);
  const rows = call.desk.memberships.all().filter((row) => row.group_id === group);
  return listReply(call, "group_memberships", rows, (row) => membershipJson(call.desk, row));
}

/** An agent is in a group once; the first group becomes the default one. */
function join({ desk, body }: Call): Reply {
  const asked = parseBody(MembershipInput, body).group_membership;
  const membership = desk.write(() => {
    const user = desk.users.get(asked.user_id);
    if (!user || user.role === "end-user" || !desk.groups.get(asked.group_id))
      throw recordInvalid("base", "User or group: is invalid");
    if (isMember(desk, asked))
      throw recordInvalid("user_id", "User: has already been taken", "DuplicateValue");
    const made = joinGroup(desk, user.id, asked.group_id, user.default_group_id === null);
    if (made.default) desk.users.put({ ...user, default_group_id: made.group_id });
    return made;
  });
  return { status: 201, body: { group_membership: membershipJson(desk, membership) } };
}

function isMember(desk: Desk, asked: { user_id: number; group_id: number }): boolean {
  return desk.memberships
    .all()
    .some((row) => row.user_id === asked.user_id && row.group_id === asked.group_id);
}
