/** Control routes for what comes in to the local Zendesk. */
import { Router } from "express";
import { z } from "zod";
import { solveByAutomation } from "#sandbox/zendesk/behaviour/automation.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import {
  MailInput,
  MessengerInput,
  receiveMail,
  receiveMessage,
} from "#sandbox/zendesk/behaviour/incoming-mail.ts";

const AutomationInput = z.strictObject({ ticketId: z.number().int() });

/** What comes in from elsewhere: mail, the messenger, and a rule of the account that solves. */
export function incomingControls(desk: Desk): Router {
  const router = Router();
  router.post("/mail", (request, response) => {
    const asked = MailInput.safeParse(request.body);
    if (!asked.success)
      return void response.status(400).json({ error: z.prettifyError(asked.error) });
    response.status(201).json(receiveMail(desk, asked.data));
  });
  router.post("/messenger", (request, response) => {
    const asked = MessengerInput.safeParse(request.body);
    if (!asked.success)
      return void response.status(400).json({ error: z.prettifyError(asked.error) });
    response.status(201).json(receiveMessage(desk, asked.data));
  });
  router.post("/automation/solve", (request, response) => {
    const asked = AutomationInput.safeParse(request.body);
    if (!asked.success)
      return void response.status(400).json({ error: z.prettifyError(asked.error) });
    response.json({ ticket_id: solveByAutomation(desk, asked.data.ticketId).ticket.id });
  });
  return router;
}
