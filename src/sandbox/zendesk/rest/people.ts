/** Endpoints of the local Zendesk for users. */
import { z } from "zod";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "#sandbox/zendesk/records/model.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import { createOrUpdateUser, createUser } from "#sandbox/zendesk/records/people.ts";
import {
  ANONYMOUS_USER,
  groupJson,
  membershipJson,
  userJson,
} from "#sandbox/zendesk/records/to-json.ts";
import { type Call, parseBody, pathId, queryIds, type Reply, type Route } from "./route.ts";

const UserInput = z.object({
  user: z.object({
    name: z.string().optional(),
    email: z.string().optional(),
    external_id: z.string().optional(),
    verified: z.boolean().optional(),
    tags: z.array(z.string()).optional(),
  }),
});

/** Users, groups, and who is in which. */
export const PEOPLE_ROUTES: readonly Route[] = [
  { method: "GET", path: "/users/me", allow: "anyone", run: me },
  { method: "GET", path: "/users", allow: "staff", run: listUsers },
  { method: "POST", path: "/users", allow: "staff", run: create },
  { method: "GET", path: "/users/search", allow: "staff", run: searchUsers },
  { method: "GET", path: "/users/show_many", allow: "staff", run: showMany },
  { method: "POST", path: "/users/create_or_update", allow: "staff", run: createOrUpdate },
  { method: "GET", path: "/users/:id", allow: "staff", run: showUser },
  { method: "GET", path: "/users/:id/identities", allow: "staff", run: identities },
  { method: "GET", path: "/users/:id/groups", allow: "staff", run: groupsOfUser },
  { method: "GET", path: "/users/:id/group_memberships", allow: "staff", run: membershipsOfUser },
  { method: "GET", path: "/groups", allow: "staff", run: listGroups },
  { method: "GET", path: "/groups/assignable", allow: "staff", run: listGroups },
  { method: "GET", path: "/groups/:id", allow: "staff", run: showGroup },
  { method: "GET", path: "/groups/:id/users", allow: "staff", run: usersOfGroup },
  { method: "GET", path: "/groups/:id/memberships", allow: "staff", run: membershipsOfGroup },
  { method: "GET", path: "/group_memberships", allow: "staff", run: listMemberships },
];

/** The user without an id is the anonymous one, and is answered with 200 like any other. */
function me(call: Call): Reply {
  const { user } = call.actor;
  return { body: { user: user.id === 0 ? ANONYMOUS_USER : userJson(call.desk, user) } };
}

function userPage(call: Call, users: readonly User[]): Reply {
  return { body: pageOf("users", users, (user) => userJson(call.desk, user), call.page).body };
}

function listUsers(call: Call): Reply {
  const roles = [...call.query.getAll("role"), ...call.query.getAll("role[]")];
  const users = call.desk.users.all();
  return userPage(
    call,
    roles.length === 0 ? users : users.filter((user) => roles.includes(user.role)),
  );
}

/** `query` is an address, `email:ADDRESS`, `external_id:ID` or words of the name; `external_id=` stands alone. */
function searchUsers(call: Call): Reply {
  const externalId = call.query.get("external_id");
  const query = (call.query.get("query") ?? "").trim().replaceAll('"', "").toLowerCase();
  const [, field, value] = /^(email|external_id):(.*)$/u.exec(query) ?? [];
  const wanted = (user: User): boolean => {
    if (externalId !== null) return user.external_id === externalId;
    if (field === "email") return user.email?.toLowerCase() === value;
    if (field === "external_id") return user.external_id === value;
    return (
      query !== "" &&
      (user.email?.toLowerCase() === query || user.name.toLowerCase().includes(query))
    );
  };
  return userPage(call, call.desk.users.all().filter(wanted));
}

function showMany(call: Call): Reply {
  return userPage(
    call,
    queryIds(call).flatMap((id) => call.desk.users.get(id) ?? []),
  );
}

function create(call: Call): Reply {
  const user = createUser(call.desk, parseBody(UserInput, call.body).user);
  return { status: 201, body: { user: userJson(call.desk, user) } };
}

function createOrUpdate(call: Call): Reply {
  const { user, created } = createOrUpdateUser(call.desk, parseBody(UserInput, call.body).user);
  return { status: created ? 201 : 200, body: { user: userJson(call.desk, user) } };
}

function userOf(call: Call): User {
  const user = call.desk.users.get(pathId(call));
  if (!user) throw recordNotFound();
  return user;
}

function showUser(call: Call): Reply {
  return { body: { user: userJson(call.desk, userOf(call)) } };
}

function identities(call: Call): Reply {
  const user = userOf(call);
  const rows = user.email === null ? [] : [{ id: user.id + 900_000_000, value: user.email }];
  const show = (row: { id: number; value: string }): unknown => ({
    url: `${call.desk.url()}/api/v2/users/${user.id}/identities/${row.id}.json`,
    ...row,
    user_id: user.id,
    type: "email",
    primary: true,
    verified: user.verified,
    deliverable_state: "deliverable",
    verification_method: user.verified ? "embed" : "none",
    created_at: user.created_at,
    updated_at: user.updated_at,
  });
  return { body: pageOf("identities", rows, show, call.page).body };
}

function groupsOfUser(call: Call): Reply {
  const user = userOf(call);
  const mine = call.desk.memberships.all().filter((row) => row.user_id === user.id);
  const groups = mine.flatMap((row) => call.desk.groups.get(row.group_id) ?? []);
  return { body: pageOf("groups", groups, (group) => groupJson(call.desk, group), call.page).body };
}

function listGroups(call: Call): Reply {
  return {
    body: pageOf(
      "groups",
      call.desk.groups.all(),
      (group) => groupJson(call.desk, group),
      call.page,
    ).body,
  };
}

function showGroup(call: Call): Reply {
  const group = call.desk.groups.get(pathId(call));
  if (!group) throw recordNotFound();
  return { body: { group: groupJson(call.desk, group) } };
}

function usersOfGroup(call: Call): Reply {
  const members = call.desk.memberships.all().filter((row) => row.group_id === pathId(call));
  return userPage(
    call,
    members.flatMap((row) => call.desk.users.get(row.user_id) ?? []),
  );
}

function membershipPage(
  call: Call,
  wanted: (row: { user_id: number; group_id: number }) => boolean,
): Reply {
  const rows = call.desk.memberships.all().filter(wanted);
  return {
    body: pageOf("group_memberships", rows, (row) => membershipJson(call.desk, row), call.page)
      .body,
  };
}

function listMemberships(call: Call): Reply {
  return membershipPage(call, () => true);
}

function membershipsOfUser(call: Call): Reply {
  return membershipPage(call, (row) => row.user_id === pathId(call));
}

function membershipsOfGroup(call: Call): Reply {
  return membershipPage(call, (row) => row.group_id === pathId(call));
}
