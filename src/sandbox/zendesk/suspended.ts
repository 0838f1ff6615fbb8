import type { Actor } from "./actor.ts";
import type { Desk } from "./desk.ts";
import { recordNotFound } from "./errors.ts";
import type { Ticket } from "./model.ts";
import { createOrUpdateUser } from "./people.ts";
import { createTicket } from "./tickets.ts";

/** A mail that was held back becomes a ticket, whose via says so. */
export function recoverSuspended(desk: Desk, actor: Actor, id: number): Ticket {
  return desk.write(() => {
    const mail = desk.suspended.get(id);
    if (!mail) throw recordNotFound();
    const { user } = createOrUpdateUser(desk, { name: mail.name, email: mail.email });
    const source = {
      from: { address: mail.email, name: mail.name },
      to: {},
      rel: "recovered_from_suspended_tickets",
    };
    desk.suspended.remove(mail.id);
    return createTicket(
      desk,
      { ...actor, user, via: { channel: "email", source } },
      { subject: mail.subject, comment: { body: mail.content }, requester_id: user.id },
    ).ticket;
  });
}

/** A mail that was held back is thrown away. */
export function discardSuspended(desk: Desk, id: number): void {
  desk.write(() => {
    if (!desk.suspended.get(id)) throw recordNotFound();
    desk.suspended.remove(id);
  });
}
