/** Who asks for something beside a ticket: the agent's session, the ticket it is bound to, and the case of that ticket. */

import type { Request } from "express";
import { decisionSubject, type DeskTeammate } from "#core/contracts/approval-desk.ts";
import type { TicketSidebar } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { callerAs, type PageOptions } from "#server/console/session.ts";
import type { RateLimit } from "#server/http/admission.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import {
  type CaseConversation,
  conversationOfTicket,
  conversationsOfCase,
} from "#store/console/case.ts";
import type { Transaction } from "#store/db/database.ts";
import { findTicketSession, type TicketSession } from "#store/identity/ticket-sessions.ts";

/** What the pages beside a ticket are made of. */
export interface TicketDesk {
  readonly options: PageOptions;
  readonly sidebar: TicketSidebar;
  /** How often one page may ask. */
  readonly requests: RateLimit;
}

/** One request of an agent with a role, beside the ticket of the session. */
export type TicketCaller = Awaited<ReturnType<typeof readTicketCaller>>;

/** The agent as a teammate at the desk; the same person as anywhere else by their address. */
export function agentTeammate({
  userId,
  name,
  email,
}: Pick<TicketSession, "userId" | "name" | "email">): DeskTeammate {
  return { id: `zendesk:${userId}`, name, email, eligible: true };
}

/**
 * Who sent this request, for whom the helpdesk has vouched within a minute: what is read is as personal as what is decided.
 * Throws the error to answer with for a request without a session, of a page that asks too often, and of an agent without
 * a role or whom the helpdesk does not know as an active one under this address; `channel.unavailable` when it does not say.
 */
export async function readTicketCaller(
  { options, sidebar, requests }: TicketDesk,
  request: Request,
) {
  const { store, policy, clock } = options.parts;
  // The page keeps it in its memory alone, so no other site can make a browser send it.
  const [, bearer = ""] = /^Bearer ([\w-]{43})$/.exec(request.get("authorization") ?? "") ?? [];
  const session = bearer === "" ? null : await store.run(findTicketSession, bearer, clock.now());
  // Of another account than the one that is connected now.
  if (session === null || session.origin !== sidebar.origin) throw sessionOver();
  requests.check(bearer);
  const teammate = agentTeammate(session);
  const caller = callerAs(options, { teammate, role: policy.roleOf(teammate) }, request);
  const agent = await sidebar.agent(session.userId);
  if (agent?.email.toLowerCase() !== session.email) throw sessionOver();
  return { ...caller, sidebar, session, bearer };
}

function sessionOver(): DeskhandError {
  return new DeskhandError("input.unverified", "this session is over; reload the app");
}

/** The conversations of the case that the session's ticket belongs to; none where Deskhand has not read this ticket. */
export async function caseOfTicket(
  transaction: Transaction,
  { session, sidebar }: Pick<TicketCaller, "session" | "sidebar">,
): Promise<readonly CaseConversation[]> {
  if (session.ticket === null) return [];
  const id = await conversationOfTicket(transaction, sidebar.channel, session.ticket);
  return id === null ? [] : conversationsOfCase(transaction, id);
}

/** True for a card or a conversation of that case; what does not exist and what is of another case are answered alike. */
export function isOfTicket(caller: TicketCaller, subject: string): Promise<boolean> {
  return caller.run(async (transaction) => {
    const ids = (await caseOfTicket(transaction, caller)).map(({ id }) => id);
    const kind = decisionSubject(subject);
    if (kind === "conversation") return ids.includes(subject);
    if (kind !== "card") return false;
    const approval = await loadApproval(transaction, subject);
    return approval !== null && ids.includes(approval.conversationId);
  });
}
