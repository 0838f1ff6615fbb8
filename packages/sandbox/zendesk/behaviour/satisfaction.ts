/** Rates tickets. */
import type { Actor } from "./actor.ts";
import { type Desk, stamp } from "#sandbox/zendesk/records/desk.ts";
import { forbidden, recordInvalid } from "#sandbox/zendesk/http/errors.ts";
import type { Rating, Ticket } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket, keepChange } from "#sandbox/zendesk/records/tickets.ts";

/** Stores what the requester says about a solved ticket; a later rating replaces an earlier one. */
export function rateTicket(
  desk: Desk,
  actor: Actor,
  ticketId: number,
  said: { readonly score: "good" | "bad"; readonly comment?: string | undefined },
): Rating {
  return desk.write(() => {
    const before = findTicket(desk, ticketId);
    if (desk.settings.satisfaction !== "ratings") {
      throw recordInvalid("base", "Satisfaction rating: this account asks by survey");
    }
    if (before.requester_id !== actor.user.id) throw forbidden();
    if (before.status !== "solved") {
      throw recordInvalid("base", "Satisfaction rating: the ticket is not solved");
    }
    const known =
      before.satisfaction.rating_id === null
        ? undefined
        : desk.ratings.get(before.satisfaction.rating_id);
    const at = stamp(desk.now());
    const rating: Rating = {
      id: known?.id ?? desk.nextId("record"),
      ticket_id: before.id,
      requester_id: actor.user.id,
      assignee_id: before.assignee_id,
      group_id: before.group_id,
      score: said.score,
      comment: said.comment ?? known?.comment ?? null,
      created_at: known?.created_at ?? at,
      updated_at: at,
    };
    desk.ratings.put(rating);
    keepRating(desk, actor, before, rating);
    return rating;
  });
}

function keepRating(desk: Desk, actor: Actor, before: Ticket, rating: Rating): void {
  const satisfaction = { score: rating.score, comment: rating.comment, rating_id: rating.id };
  const rated: Ticket = { ...before, satisfaction };
  keepChange(desk, actor, {
    before: rated,
    extraEvents: [
      {
        id: desk.nextId("record"),
        type: "SatisfactionRating",
        score: rating.score,
        body: rating.comment,
        assignee_id: rating.assignee_id,
      },
    ],
  });
}
