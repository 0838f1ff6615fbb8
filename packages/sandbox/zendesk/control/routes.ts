/**
 * Room: routes below `/_sandbox`, which Zendesk itself does not have: settings, faults and what comes in.
 * In: JSON from a test or from a person who tries the sandbox out.
 * Out: changed settings and records, faults for the next calls, and counts of the traffic.
 * May touch: settings, faults, limits and all records of the account.
 */
import { json, Router } from "express";
import { z } from "zod";
import { withBody } from "./with-body.ts";
import type { ApiParts } from "#sandbox/zendesk/http/api.ts";
import { ruleAndAgentControls } from "./rules-and-agents.ts";
import { revokeTokens } from "#sandbox/zendesk/http/auth.ts";
import { faultControls } from "./faults.ts";
import { solveByAutomation } from "#sandbox/zendesk/behaviour/automation.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import {
  MailInput,
  MessengerInput,
  receiveMail,
  receiveMessage,
} from "#sandbox/zendesk/behaviour/incoming-mail.ts";
import { RequiredField } from "#sandbox/zendesk/records/ticket-model.ts";
import { historyControls } from "./history.ts";
import { ticketContentControls } from "./ticket-contents.ts";
import { refuseOtherSites } from "#sandbox/zendesk/http/same-site.ts";
import { resetTraffic } from "#sandbox/zendesk/records/seed.ts";

const AutomationInput = z.strictObject({ ticketId: z.number().int() });
const SettingsInput = z.strictObject({
  exportDelaySeconds: z.number().nonnegative().optional(),
  accountPerMinute: z.number().int().positive().optional(),
  exportsPerMinute: z.number().int().positive().optional(),
  updatesPerMinute: z.number().int().positive().optional(),
  updatesPerTicketTenMinutes: z.number().int().positive().optional(),
  tokenSeconds: z.number().int().positive().optional(),
  distinctStamps: z.boolean().optional(),
  requiredFields: z.array(RequiredField).optional(),
  commentsPerTicket: z.number().int().positive().optional(),
  privateAttachments: z.boolean().optional(),
  contentUrl: z.string().optional(),
  alwaysNextLink: z.boolean().optional(),
  anonymous: z.boolean().optional(),
  satisfaction: z.enum(["ratings", "surveys"]).optional(),
});

/** What only a sandbox has: fault switches, settings, mail that comes in, a fresh start. */
export function controlRouter(parts: ApiParts): Router {
  const { desk, faults, limits } = parts;
  const router = Router();
  router.use(refuseOtherSites, json({ limit: 20_000_000, strict: false }));
  router.use(faultControls(parts), incomingControls(desk));
  router
    .route("/settings")
    .get((_request, response) => void response.json(desk.settings))
    .put(
      withBody(SettingsInput, (input, response) => {
        Object.assign(desk.settings, input);
        limits.clear();
        response.json(desk.settings);
      }),
    );
  router.post(
    "/revoke",
    withBody(z.strictObject({ client_id: z.string() }), (input, response) => {
      revokeTokens(desk, input.client_id);
      response.status(204).end();
    }),
  );
  router.use(ticketContentControls(desk));
  router.use(historyControls(desk));
  router.use(ruleAndAgentControls(desk));
  router.post("/reset", (_request, response) => {
    faults.clear();
    limits.clear();
    resetTraffic(desk);
    response.status(204).end();
  });
  return router;
}

/** What comes in from elsewhere: mail, the messenger, and a rule of the account that solves. */
function incomingControls(desk: Desk): Router {
  const router = Router();
  router.post(
    "/mail",
    withBody(MailInput, (input, response) => {
      response.status(201).json(receiveMail(desk, input));
    }),
  );
  router.post(
    "/messenger",
    withBody(MessengerInput, (input, response) => {
      response.status(201).json(receiveMessage(desk, input));
    }),
  );
  router.post(
    "/automation/solve",
    withBody(AutomationInput, (input, response) => {
      response.json({ ticket_id: solveByAutomation(desk, input.ticketId).ticket.id });
    }),
  );
  return router;
}
