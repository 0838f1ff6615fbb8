/** Assigns tickets by omnichannel routing and by an automation. */
import type { Actor } from "./actor.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { UNKNOWN_USER, type User } from "#sandbox/zendesk/records/account-model.ts";
import type { Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { applyRules } from "./rules.ts";
import { findTicket, keepChange, rulesFor } from "#sandbox/zendesk/records/tickets.ts";

/** The account's own doing: audits have a negative author for it, and no user has that number. */
const SYSTEM_USER: User = {
  ...UNKNOWN_USER,
  id: -1,
  name: "System",
  role: "admin",
  verified: true,
};

interface Rule {
  readonly id: number;
  readonly title: string;
}

const OMNICHANNEL_RULE: Rule = { id: 4_600_000_011, title: "Omnichannel routing" };
/** The account's automation that assigns. */
export const ASSIGNING_RULE: Rule = { id: 4_600_000_012, title: "Assign what waits" };
const SOLVING_RULE: Rule = { id: 4_600_000_101, title: "Solve what stayed pending" };

/**
 * Omnichannel routing, once: every new or open ticket of the group without an assignee goes to this agent. Zendesk
 * routes unassigned tickets only, so what a person assigned stays there. Returns the tickets' ids.
 */
export function routeGroup(desk: Desk, order: { group: number; agent: number }): number[] {
  const waiting = desk.tickets.all().filter((ticket) => isWaiting(ticket, order.group));
  for (const { id } of waiting)
    assignByRule(desk, id, { assignee_id: order.agent, group_id: order.group }, OMNICHANNEL_RULE);
  return waiting.map(({ id }) => id);
}

function isWaiting(ticket: Ticket, group: number): boolean {
  const { assignee_id: assignee, group_id: its, status, deleted } = ticket;
  return !deleted && assignee === null && its === group && ["new", "open"].includes(status);
}

/** An automation assigns a ticket, in an audit of the account's own. */
export function assignByRule(
  desk: Desk,
  ticketId: number,
  change: { readonly assignee_id: number | null; readonly group_id: number | null },
  rule: Rule,
): void {
  desk.write(() => {
    const before = findTicket(desk, ticketId);
    const context = { ...rulesFor(desk, SYSTEM_USER), withComment: false };
    keepChange(desk, actorOf(rule), { before, fields: applyRules(before, change, context) });
  });
}

/** An automation solves a ticket, as those do that look at tickets which stayed pending for days. */
export function solveByAutomation(desk: Desk, ticketId: number): void {
  desk.write(() => {
    const before = findTicket(desk, ticketId);
    keepChange(desk, actorOf(SOLVING_RULE), { before, fields: { ...before, status: "solved" } });
  });
}

function actorOf(rule: Rule): Actor {
  const source = { from: { ...rule }, to: {}, rel: "automation" };
  return { user: SYSTEM_USER, via: { channel: "rule", source }, system: {} };
}
