/** Endpoints of the local Zendesk for group memberships. */
import { z } from "zod";
import { viaOfSystem } from "#sandbox/zendesk/behaviour/actor.ts";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { recordInvalid, recordNotFound } from "#sandbox/zendesk/http/errors.ts";
import type { Membership } from "#sandbox/zendesk/records/account-model.ts";
import { pageOf } from "#sandbox/zendesk/http/paging.ts";
import { membershipJson } from "#sandbox/zendesk/records/to-json.ts";
import { updateTicket } from "#sandbox/zendesk/records/tickets.ts";
import { type Call, parseBody, pathId, type Reply, type Route } from "./route.ts";

const MembershipInput = z.object({
  group_membership: z.object({ user_id: z.number().int(), group_id: z.number().int() }),
});

/** Which agents are in which groups. */
export const MEMBERSHIP_ROUTES: readonly Route[] = [
  { method: "GET", path: "/users/:id/group_memberships", allow: "staff", run: membershipsOfUser },
  { method: "GET", path: "/groups/:id/memberships", allow: "staff", run: membershipsOfGroup },
  { method: "GET", path: "/group_memberships", allow: "staff", run: listMemberships },
  { method: "POST", path: "/group_memberships", allow: "admin", run: join },
  { method: "DELETE", path: "/group_memberships/:id", allow: "admin", run: leave },
];

function membershipOf(call: Call): Membership {
  const found = call.desk.memberships.get(pathId(call));
  if (!found) throw recordNotFound();
  return found;
}

function join(call: Call): Reply {
  const { desk } = call;
  const asked = parseBody(MembershipInput, call.body).group_membership;
  const membership = desk.write(() => {
    const user = desk.users.get(asked.user_id);
    if (!user || user.role === "end-user" || !desk.groups.get(asked.group_id))
      throw recordInvalid("base", "User or group: is invalid");
    if (membersOf(desk, asked).length > 0)
      throw recordInvalid("user_id", "User: has already been taken", "DuplicateValue");
    const made: Membership = {
      ...asked,
      id: desk.nextId("record"),
      default: user.default_group_id === null,
      created_at: stamp(desk.now()),
    };
    if (made.default) desk.users.put({ ...user, default_group_id: made.group_id });
    desk.memberships.put(made);
    return made;
  });
  return { status: 201, body: { group_membership: membershipJson(desk, membership) } };
}

function membersOf(desk: Desk, asked: { user_id: number; group_id: number }): Membership[] {
  const same = (row: Membership): boolean =>
    row.user_id === asked.user_id && row.group_id === asked.group_id;
  return desk.memberships.all().filter(same);
}

/** An agent who leaves a group loses its unsolved tickets, which stay in the group ("native system ticket rules"). */
function leave(call: Call): Reply {
  const { desk, actor } = call;
  desk.write(() => {
    const left = membershipOf(call);
    desk.memberships.remove(left.id);
    giveAnotherDefault(desk, left);
    const theirs = desk.tickets
      .all()
      .filter(
        (ticket) =>
          !ticket.deleted &&
          ticket.assignee_id === left.user_id &&
          ticket.group_id === left.group_id &&
          !["solved", "closed"].includes(ticket.status),
      );
    for (const ticket of theirs)
      updateTicket(desk, { ...actor, via: viaOfSystem() }, ticket.id, { assignee_id: null });
  });
  return { status: 204 };
}

function giveAnotherDefault(desk: Desk, left: Membership): void {
  const user = desk.users.get(left.user_id);
  if (!left.default || !user) return;
  const next = desk.memberships.all().find((row) => row.user_id === left.user_id);
  if (next) desk.memberships.put({ ...next, default: true });
  desk.users.put({ ...user, default_group_id: next?.group_id ?? null });
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
