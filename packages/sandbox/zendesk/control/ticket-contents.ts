/** Control routes that change what a ticket contains. */
import { Router } from "express";
import { z } from "zod";
import type { Actor } from "#sandbox/zendesk/behaviour/actor.ts";
import { commentEvent, keepAudit } from "#sandbox/zendesk/records/audits.ts";
import { makeComment } from "#sandbox/zendesk/records/comments.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { Attachment } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket } from "#sandbox/zendesk/records/tickets.ts";

const ScanInput = z.strictObject({
  id: z.number().int(),
  scan: Attachment.shape.malware_scan_result,
});
const FillInput = z.strictObject({
  ticketId: z.number().int(),
  comments: z.number().int().max(5_000),
  text: z.string().default("And one more thing."),
});

/** Switches about what is in a ticket: a scan that comes to its end, and a ticket with a long past. */
export function ticketContentControls(desk: Desk): Router {
  const router = Router();
  router.post("/scan", (request, response) => {
    const { id, scan } = ScanInput.parse(request.body);
    const file = desk.attachments.get(id);
    if (file !== undefined)
      desk.write(() => desk.attachments.put({ ...file, malware_scan_result: scan }));
    response.status(file === undefined ? 404 : 200).json({ id, scan });
  });
  router.post("/fill", (request, response) => {
    addComments(desk, FillInput.parse(request.body));
    response.json({});
  });
  return router;
}

/** More words of the requester, as if they had been written over a long time. No notification is sent. */
function addComments(desk: Desk, { ticketId, comments, text }: z.output<typeof FillInput>): void {
  desk.write(() => {
    const ticket = findTicket(desk, ticketId);
    const user = desk.users.get(ticket.requester_id);
    if (user === undefined) return;
    const actor: Actor = { user, via: ticket.via, system: { client: "", ip_address: "" } };
    for (let count = 0; count < comments; count += 1) {
      const auditId = desk.nextId("record");
      const place = { ticketId, auditId, author: user, before: ticket };
      const comment = makeComment(desk, actor, { body: `${text} (${count + 1})` }, place);
      desk.comments.put(comment);
      keepAudit(desk, actor, { id: auditId, ticket, events: [commentEvent(desk, comment)] });
    }
  });
}
