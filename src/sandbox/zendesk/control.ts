import { json, Router } from "express";
import { z } from "zod";
import type { ApiParts } from "./api.ts";
import { moreControls } from "./control-more.ts";
import { revokeTokens } from "./auth.ts";
import { solveByAutomation } from "./automation.ts";
import { Fault } from "./faults.ts";
import { MailInput, MessengerInput, receiveMail, receiveMessage } from "./incoming.ts";
import { RequiredField } from "./required-fields.ts";
import { contentsRouter } from "./contents-control.ts";
import { refuseOtherSites } from "./same-site.ts";
import { resetTraffic } from "./seed.ts";

const DeliveryFaultsInput = z.strictObject({
  drop: z.number().int().nonnegative().optional(),
  duplicate: z.number().int().nonnegative().optional(),
  reverse: z.number().int().nonnegative().optional(),
});

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

const AutomationInput = z.strictObject({ ticketId: z.number().int() });

/** What only a sandbox has: fault switches, settings, mail that comes in, a fresh start. */
export function controlRouter(parts: ApiParts): Router {
  const { desk, faults, limits, sender } = parts;
  const router = Router();
  router.use(refuseOtherSites, json({ limit: 20_000_000, strict: false }));
  router
    .route("/faults")
    .get(
      (_request, response) =>
        void response.json({ faults: faults.list(), webhooks: sender.faults }),
    )
    .post((request, response) => {
      const asked = z.union([Fault, z.array(Fault)]).safeParse(request.body);
      if (!asked.success)
        return void response.status(400).json({ error: z.prettifyError(asked.error) });
      for (const fault of [asked.data].flat()) faults.add(fault);
      response.status(201).json({ faults: faults.list() });
    })
    .delete((_request, response) => {
      faults.clear();
      Object.assign(sender.faults, { drop: 0, duplicate: 0, reverse: 0 });
      response.status(204).end();
    });
  router.post("/webhook-faults", (request, response) => {
    const asked = DeliveryFaultsInput.safeParse(request.body);
    if (!asked.success)
      return void response.status(400).json({ error: z.prettifyError(asked.error) });
    Object.assign(sender.faults, asked.data);
    response.json({ webhooks: sender.faults });
  });
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
  router
    .route("/traffic")
    .get((_request, response) => void response.json(parts.traffic.show()))
    .delete((_request, response) => {
      parts.traffic.clear();
      response.status(204).end();
    });
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
  router.use(contentsRouter(desk));
  router.use(moreControls(desk));
  router.post("/automation/solve", (request, response) => {
    const asked = AutomationInput.safeParse(request.body);
    if (!asked.success)
      return void response.status(400).json({ error: z.prettifyError(asked.error) });
    response.json({ ticket_id: solveByAutomation(desk, asked.data.ticketId).ticket.id });
  });
  router.post("/reset", (_request, response) => {
    faults.clear();
    limits.clear();
    resetTraffic(desk);
    response.status(204).end();
  });
  return router;
}
