/**
 * Room: routes below `/_sandbox`, which Zendesk itself does not have: settings, faults and what comes in.
 * In: JSON from a test or from a person who tries the sandbox out.
 * Out: changed settings and records, faults for the next calls, and counts of the traffic.
 * May touch: settings, faults, limits and all records of the account.
 */
import { json, Router } from "express";
import { z } from "zod";
import type { ApiParts } from "#sandbox/zendesk/http/api.ts";
import { ruleAndAgentControls } from "./rules-and-agents.ts";
import { revokeTokens } from "#sandbox/zendesk/http/auth.ts";
import { faultControls } from "./faults.ts";
import { incomingControls } from "./incoming.ts";
import { RequiredField } from "#sandbox/zendesk/records/required-fields.ts";
import { ticketContentControls } from "./ticket-contents.ts";
import { refuseOtherSites } from "#sandbox/zendesk/http/same-site.ts";
import { resetTraffic } from "#sandbox/zendesk/records/seed.ts";

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
    .put((request, response) => {
      const asked = SettingsInput.safeParse(request.body);
      if (!asked.success)
        return void response.status(400).json({ error: z.prettifyError(asked.error) });
      Object.assign(desk.settings, asked.data);
      limits.clear();
      response.json(desk.settings);
    });
  router.post("/revoke", (request, response) => {
    const asked = z.strictObject({ client_id: z.string() }).safeParse(request.body);
    if (!asked.success)
      return void response.status(400).json({ error: z.prettifyError(asked.error) });
    revokeTokens(desk, asked.data.client_id);
    response.status(204).end();
  });
  router.use(ticketContentControls(desk));
  router.use(ruleAndAgentControls(desk));
  router.post("/reset", (_request, response) => {
    faults.clear();
    limits.clear();
    resetTraffic(desk);
    response.status(204).end();
  });
  return router;
}
