/** Solves a ticket as an automation of the account does. */
import type { Actor } from "./actor.ts";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import { findTicket, keepChange, type TicketWrite } from "#sandbox/zendesk/records/tickets.ts";

const AUTOMATION_ID = 4_600_000_101;

/** An automation of the account solves a ticket, as those do that look at tickets which stayed pending for days. */
export function solveByAutomation(desk: Desk, ticketId: number): TicketWrite {
  return desk.write(() => {
    const before = findTicket(desk, ticketId);
    const actor = automationActor(desk);
    return keepChange(desk, actor, {
      before,
      fields: { ...before, status: "solved" },
      auditId: desk.nextId("record"),
      author: actor.user,
      comment: undefined,
    });
  });
}

/** The system has a negative user id and no user behind it. */
function automationActor(desk: Desk): Actor {
  const at = stamp(desk.now());
  const user: User = {
    id: -1,
    name: "System",
    email: null,
    role: "agent",
    default_group_id: null,
    external_id: null,
    verified: true,
    suspended: false,
    only_private_comments: false,
    tags: [],
    created_at: at,
    updated_at: at,
  };
  const from = { id: AUTOMATION_ID, title: "Solve what stayed pending" };
  const source = { from, to: {}, rel: "automation" };
  return { user, via: { channel: "rule", source }, system: {} };
}
