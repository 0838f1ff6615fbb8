/** Endpoints of the local Zendesk for users and groups. */
import { z } from "zod";
import { recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import { createOrUpdateUser, updateUser } from "#sandbox/zendesk/records/people.ts";
import { ANONYMOUS_USER, groupJson, userJson } from "#sandbox/zendesk/records/to-json.ts";
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

const UserChange = z.object({
  user: z.object({
    name: z.string().optional(),
    suspended: z.boolean().optional(),
    verified: z.boolean().optional(),
    external_id: z.string().nullable().optional(),
    only_private_comments: z.boolean().optional(),
  }),
});

/** Users and groups. */
export const PEOPLE_ROUTES: readonly Route[] = [
  { method: "GET", path: "/users/me", allow: "anyone", run: me },
  { method: "GET", path: "/users/search", allow: "staff", run: searchUsers },
  { method: "GET", path: "/users/show_many", allow: "staff", run: showMany },
  { method: "POST", path: "/users/create_or_update", allow: "staff", run: createOrUpdate },
  { method: "GET", path: "/groups", allow: "staff", run: listGroups },
  { method: "GET", path: "/groups/:id", allow: "staff", run: showGroup },
  { method: "PUT", path: "/users/:id", allow: "staff", run: changeUser },
];

/** The user without an id is the anonymous one, and is answered with 200 like any other. */
function me(call: Call): Reply {
  const { user } = call.actor;
  return { body: { user: user.id === 0 ? ANONYMOUS_USER : userJson(call.desk, user) } };
}

function userPage(call: Call, users: readonly User[]): Reply {
  return { body: pageOf("users", users, (user) => userJson(call.desk, user), call.page).body };
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

function createOrUpdate(call: Call): Reply {
  const { user, created } = createOrUpdateUser(call.desk, parseBody(UserInput, call.body).user);
  return { status: created ? 201 : 200, body: { user: userJson(call.desk, user) } };
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

function changeUser(call: Call): Reply {
  const user = updateUser(call.desk, pathId(call), parseBody(UserChange, call.body).user);
  if (!user) throw recordNotFound();
  return { body: { user: userJson(call.desk, user) } };
}
