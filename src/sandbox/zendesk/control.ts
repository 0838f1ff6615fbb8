import { json, Router } from "express";
import { z } from "zod";
import type { Actor } from "./actor.ts";
import type { ApiParts } from "./api.ts";
import { solveByAutomation } from "./automation.ts";
import { Fault } from "./faults.ts";
import { createOrUpdateUser } from "./people.ts";
import { refuseOtherSites } from "./same-site.ts";
import { resetTraffic } from "./seed.ts";
import { createTicket, updateTicket } from "./tickets.ts";

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
  satisfaction: z.enum(["ratings", "surveys"]).optional(),
});

const AutomationInput = z.strictObject({ ticketId: z.number().int() });

/** A mail as the account's mailbox got it; `flags` are Zendesk's comment flags (0 and 1 are about a doubtful sender). */
const MailInput = z.strictObject({
  from: z.strictObject({ name: z.string().default(""), email: z.string() }),
  subject: z.string(),
  text: z.string(),
  html: z.string().optional(),
  to: z.string().default("support@ourshop.test"),
  ticketId: z.number().int().optional(),
  flags: z.array(z.number().int()).default([]),
  /** Held back with this cause instead of becoming a ticket. */
  suspended: z.strictObject({ cause: z.string(), causeId: z.number().int() }).optional(),
});
type MailInput = z.infer<typeof MailInput>;

/** What only a sandbox has: fault switches, settings, mail that comes in, a fresh start. */
export function controlRouter(parts: ApiParts): Router {
  const { desk, faults, limits, sender } = parts;
  const router = Router();
  router.use(refuseOtherSites, json({ limit: 1_000_000, strict: false }));
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
  router.post("/mail", (request, response) => {
    const asked = MailInput.safeParse(request.body);
    if (!asked.success)
      return void response.status(400).json({ error: z.prettifyError(asked.error) });
    response.status(201).json(receiveMail(parts, asked.data));
  });
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

function receiveMail(
  { desk }: ApiParts,
  mail: MailInput,
): { ticket_id?: number; suspended_id?: number } {
  return desk.write(() => {
    const { name, email } = mail.from;
    if (mail.suspended) {
      const id = desk.nextId("record");
      const { cause, causeId } = mail.suspended;
      const created_at = `${desk.now().toISOString().slice(0, 19)}Z`;
      desk.suspended.put({
        id,
        name,
        email,
        subject: mail.subject,
        content: mail.text,
        cause,
        cause_id: causeId,
        created_at,
      });
      return { suspended_id: id };
    }
    const { user } = createOrUpdateUser(desk, { email, ...(name === "" ? {} : { name }) });
    const source = {
      from: { address: email, name: user.name },
      to: { address: mail.to, name: "OurShop" },
      rel: null,
    };
    const actor: Actor = {
      user,
      via: { channel: "email", source },
      system: { client: "", ip_address: "" },
    };
    const flags = mail.flags.length === 0 ? {} : { flags: mail.flags, trusted: false };
    const comment = { body: mail.text, html_body: mail.html, metadata: flags };
    if (mail.ticketId !== undefined) {
      return { ticket_id: updateTicket(desk, actor, mail.ticketId, { comment }).ticket.id };
    }
    const draft = { subject: mail.subject, comment, requester_id: user.id, recipient: mail.to };
    return { ticket_id: createTicket(desk, actor, draft).ticket.id };
  });
}
