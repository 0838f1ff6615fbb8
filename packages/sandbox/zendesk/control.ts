/**
 * Room: routes below `/_sandbox`, which Zendesk itself does not have: settings, faults and what comes in.
 * In: JSON from a test or from a person who tries the sandbox out.
 * Out: changed settings and records, and faults for the next calls.
 * May touch: settings, faults, limits and all records of the account.
 */
import { json, type RequestHandler, type Response, Router } from "express";
import { z } from "zod";
import {
  MailInput,
  MessengerInput,
  receiveMail,
  receiveMessage,
  assignByRule,
} from "#sandbox/zendesk/behaviour/ticket-acts.ts";
import type { ApiParts } from "#sandbox/zendesk/http/api.ts";
import { Fault } from "#sandbox/zendesk/http/access.ts";
import { revokeTokens } from "#sandbox/zendesk/http/oauth.ts";
import { ApiError, recordNotFound, refuseOtherSites } from "#sandbox/zendesk/http/errors.ts";
import { auditOf, commentEvent, keepComment } from "#sandbox/zendesk/records/comments.ts";
import { type Desk, Settings, stamp, type Table } from "#sandbox/zendesk/records/desk.ts";
import { type Actor, viaOf } from "#sandbox/zendesk/records/ticket-model.ts";
import { findTicket, keepChange } from "#sandbox/zendesk/records/tickets.ts";

const id = z.number().int();
const count = z.number().int().nonnegative();
const DeliveryFaultsInput = z
  .strictObject({ drop: count, duplicate: count, reverse: count })
  .partial();
const RuleAssignmentInput = z.strictObject({
  ticketId: id,
  assignee: id.nullable(),
  group: id.nullable(),
  /** Of the rule. */
  title: z.string().default("Assign what waits"),
});
const SideConversationInput = z.strictObject({ ticketId: id, agent: id, subject: z.string() });
const RecordInput = z.strictObject({
  table: z.enum(["users", "groups", "macros", "articles", "attachments"]),
  /** Of a record that is there already. */
  id: id.optional(),
  /** What is to change of it; left out, it is deleted. */
  fields: z.record(z.string(), z.unknown()).optional(),
});
const FillInput = z.strictObject({ ticketId: id, comments: id.max(5_000) });

/** What only a sandbox has: fault switches, settings, mail that comes in. */
export function controlRouter(parts: ApiParts): Router {
  const { desk, faults, limits, sender } = parts;
  const router = Router();
  router.use(refuseOtherSites, json({ limit: 20_000_000, strict: false }));
  router
    .route("/faults")
    .get((_request, response) => {
      response.json({ faults: faults.list(), webhooks: sender.faults });
    })
    .delete((_request, response) => {
      faults.clear();
      Object.assign(sender.faults, { drop: 0, duplicate: 0, reverse: 0 });
      response.status(204).end();
    });
  const merged = z
    .record(z.string(), z.unknown())
    .transform((said): z.input<typeof Settings> => ({ ...desk.settings, ...said }))
    .pipe(Settings);
  const change = takes(merged, (input) => {
    limits.clear();
    return Object.assign(desk.settings, input);
  });
  router.put("/settings", change);
  const switches: Readonly<Record<string, RequestHandler>> = {
    faults: takes(z.union([Fault, z.array(Fault)]), (input) => {
      for (const fault of [input].flat()) faults.add(fault);
      return { faults: faults.list() };
    }),
    "webhook-faults": takes(DeliveryFaultsInput, (input) => Object.assign(sender.faults, input)),
    ...recordSwitches(desk),
  };
  for (const [path, run] of Object.entries(switches)) router.post(`/${path}`, run);
  return router;
}

/** What comes in from elsewhere, and what rules and admins of the account do. */
function recordSwitches(desk: Desk): Readonly<Record<string, RequestHandler>> {
  return {
    mail: takes(MailInput, (input) => receiveMail(desk, input)),
    messenger: takes(MessengerInput, (input) => receiveMessage(desk, input)),
    revoke: takes(z.strictObject({ client_id: z.string() }), (input) =>
      revokeTokens(desk, input.client_id),
    ),
    "side-conversation": takes(SideConversationInput, ({ ticketId, agent, subject }) => {
      const user = desk.users.get(agent);
      if (user === undefined) throw recordNotFound();
      const actor: Actor = { user, via: viaOf("web"), system: {} };
      const extraEvents = [{ type: "CollabThreadCreated", subject } as const];
      desk.write(() => {
        keepChange(desk, actor, { before: findTicket(desk, ticketId), extraEvents });
      });
    }),
    "rule-assigns": takes(RuleAssignmentInput, ({ ticketId, assignee, group, title }) => {
      assignByRule(desk, ticketId, { assignee_id: assignee, group_id: group }, title);
    }),
    record: takes(RecordInput, (input) => {
      const { users, groups, macros, articles, attachments } = desk;
      const change = {
        users: changesIn(desk, users),
        groups: changesIn(desk, groups),
        macros: changesIn(desk, macros),
        articles: changesIn(desk, articles),
        attachments: changesIn(desk, attachments),
      };
      return { id: change[input.table](input) };
    }),
    fill: takes(FillInput, (input) => addComments(desk, input)),
  };
}

/** What the team does to a record in the admin's pages, and a scanner to a file: the API here has neither. */
function changesIn<Row extends { readonly id: number }>(desk: Desk, table: Table<Row>) {
  return ({ id: known, fields }: z.output<typeof RecordInput>): number =>
    desk.write(() => {
      const recordId = known ?? desk.nextId("record");
      const at = stamp(desk.now());
      const before = table.get(recordId);
      if (fields === undefined) table.remove(recordId);
      else
        table.put(
          table.row({ created_at: at, ...before, ...fields, id: recordId, updated_at: at }),
        );
      return recordId;
    });
}

/** Runs a switch with its parsed body and answers what it gives; another shape is answered with 400 and what is wrong. */
function takes<Schema extends z.ZodType>(
  schema: Schema,
  run: (input: z.output<Schema>) => unknown,
): RequestHandler {
  return (request, response: Response) => {
    const parsed = schema.safeParse(request.body);
    if (!parsed.success) {
      response.status(400).json({ error: z.prettifyError(parsed.error) });
      return;
    }
    try {
      const made = run(parsed.data);
      if (made === undefined) response.status(204).end();
      else response.status(request.method === "POST" ? 201 : 200).json(made);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      response.status(error.status).json(error.body);
    }
  };
}

/** More words of the requester, as if they had been written over a long time. No notification is sent. */
function addComments(desk: Desk, { ticketId, comments }: z.output<typeof FillInput>): void {
  desk.write(() => {
    const ticket = findTicket(desk, ticketId);
    const user = desk.users.get(ticket.requester_id);
    if (user === undefined) return;
    const actor: Actor = { user, via: viaOf(ticket.via.channel), system: {} };
    for (let number = 1; number <= comments; number += 1) {
      const auditId = desk.nextId("record");
      const draft = { body: `And one more thing. (${number})` };
      const place = { ticketId, auditId, author: user, before: ticket };
      const events = [commentEvent(desk, keepComment(desk, actor, draft, place))];
      desk.audits.put(auditOf(desk, actor, { id: auditId, ticket, events }));
    }
  });
}
