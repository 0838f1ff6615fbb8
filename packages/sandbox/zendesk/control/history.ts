/** Gives the account a past: solved tickets with the times they had, told to no webhook. */
import { z } from "zod";
import { type Actor, systemOf, viaOf } from "#sandbox/zendesk/behaviour/actor.ts";
import { ApiError } from "#sandbox/zendesk/http/errors.ts";
import type { User } from "#sandbox/zendesk/records/account-model.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { createOrUpdateUser } from "#sandbox/zendesk/records/people.ts";
import { GROUP_IDS } from "#sandbox/zendesk/records/seed.ts";
import { createTicket, updateTicket } from "#sandbox/zendesk/records/tickets.ts";

/** One solved ticket: what was asked, what a teammate noted about what they did, and what they answered. */
const PastEntry = z.strictObject({
  customer: z.strictObject({ name: z.string(), email: z.email() }),
  subject: z.string(),
  question: z.string().min(1),
  askedAt: z.coerce.date(),
  /** The address of an agent of the account. */
  teammate: z.email(),
  /** For the team alone, one for each thing done. */
  notes: z.array(z.string().min(1)).max(20),
  answer: z.string().min(1),
  answeredAt: z.coerce.date(),
});
type PastEntry = z.output<typeof PastEntry>;

/** Solved tickets, as `POST /_sandbox/history` takes them. */
export const History = z.strictObject({ tickets: z.array(PastEntry).max(5_000) });

/** Adds solved tickets with times in the past. Agents that the account does not have are refused with 400. */
export function addHistory(
  desk: Desk,
  { tickets }: z.output<typeof History>,
): { readonly tickets: readonly number[] } {
  const stranger = tickets.find(({ teammate }) => agentOf(desk, teammate) === undefined);
  if (stranger !== undefined)
    throw new ApiError(400, { error: `${stranger.teammate} is no agent of this account` });
  return { tickets: desk.write(() => tickets.map((entry) => addSolved(desk, entry))) };
}

function agentOf(desk: Desk, email: string): User | undefined {
  return desk.users.all().find((user) => user.email === email && user.role !== "end-user");
}

/** The account as it was at a moment: with its time, and without listeners, since the past is no news. */
function deskAt(desk: Desk, at: Date): Desk {
  return { ...desk, now: () => at, announce: () => undefined };
}

function addSolved(desk: Desk, entry: PastEntry): number {
  const { customer, subject, question, askedAt, teammate, notes, answer, answeredAt } = entry;
  const asked = deskAt(desk, askedAt);
  const requester = createOrUpdateUser(asked, customer).user;
  const system = systemOf(undefined, undefined);
  const { ticket } = createTicket(
    asked,
    { user: requester, via: viaOf("email"), system },
    { subject, comment: { body: question }, requester_id: requester.id },
  );
  const agent = agentOf(desk, teammate);
  if (agent === undefined) return ticket.id;
  const actor: Actor = { user: agent, via: viaOf("web"), system };
  const answered = deskAt(desk, answeredAt);
  for (const body of notes)
    updateTicket(answered, actor, ticket.id, { comment: { body, public: false } });
  updateTicket(answered, actor, ticket.id, {
    comment: { body: answer, public: true },
    status: "solved",
    group_id: GROUP_IDS.tier2,
    assignee_id: agent.id,
  });
  return ticket.id;
}
