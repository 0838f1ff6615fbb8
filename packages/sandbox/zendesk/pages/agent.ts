/** Routes of the agents' pages. */
import { readFileSync } from "node:fs";
import { Router } from "express";
import { z } from "zod";
import type { Actor } from "#sandbox/zendesk/behaviour/actor.ts";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { mergeTickets } from "#sandbox/zendesk/behaviour/merge.ts";
import { Priority, Status } from "#sandbox/zendesk/records/ticket-model.ts";
import { discardSuspended, recoverMail } from "#sandbox/zendesk/behaviour/incoming-mail.ts";
import { findTicket, updateTicket } from "#sandbox/zendesk/records/tickets.ts";
import { idOf, problemOf, sendPage, stampOf, stampOfAll, submit } from "./send-page.ts";
import { actorFor, choosePersona, personaUser } from "./personas.ts";
import { rateBy } from "./rating.ts";
import { suspendedList } from "./suspended-mail.ts";
import { ticketList } from "./ticket-list.ts";
import { ticketPage } from "./ticket-page.ts";

const CommentForm = z.object({
  kind: z.enum(["reply", "note"]),
  body: z.string().trim().min(1, "Write something first."),
  status: z.union([z.literal(""), Status]).default(""),
});
const optionalId = z.string().transform((text) => (text === "" ? null : Number(text)));
/** An assignment is `GROUP:USER`, either of which may be missing; fields the form does not have stay as they are. */
const PropertiesForm = z
  .object({
    assignment: z.string().regex(/^\d*:\d*$/u),
    status: Status.optional(),
    priority: z.union([z.literal(""), Priority]).optional(),
    tags: z.string().optional(),
  })
  .transform(({ assignment, status, priority, tags }) => {
    const [group = "", user = ""] = assignment.split(":");
    return {
      group_id: optionalId.parse(group),
      assignee_id: optionalId.parse(user),
      status,
      priority: priority === "" ? null : priority,
      tags: tags?.split(/[\s,]+/u).filter(Boolean),
    };
  });
const MergeForm = z.object({ into: z.coerce.number().int().positive() });

const STYLE = readFileSync(new URL("./style.css", import.meta.url), "utf8");
const SCRIPT = readFileSync(new URL("./live.js", import.meta.url), "utf8");

/** The team's pages below `/agent`, and what all pages load from there. */
export function agentPages(desk: Desk): Router {
  const router = Router();
  router.get("/agent/style.css", (_request, response) => void response.type("css").send(STYLE));
  router.get("/agent/live.js", (_request, response) => void response.type("js").send(SCRIPT));
  router.get("/agent/stamp", (_request, response) => {
    response.type("text").send(stampOfAll(desk));
  });
  router.get("/agent/stamp/:id", (request, response) => {
    response.type("text").send(stampOf(desk, idOf(request)));
  });
  router.post("/agent/act-as", choosePersona);
  router.get("/agent", (request, response) => {
    const view = typeof request.query["view"] === "string" ? request.query["view"] : "";
    const content = ticketList(desk, personaUser(desk, request, "agent"), view);
    sendPage(desk, request, response, { side: "agent", title: "Tickets", content });
  });
  router.get("/agent/tickets/:id", (request, response) => {
    const ticket = findTicket(desk, idOf(request));
    const content = ticketPage(
      desk,
      ticket,
      personaUser(desk, request, "agent"),
      problemOf(request),
    );
    sendPage(desk, request, response, {
      side: "agent",
      title: `#${ticket.id} ${ticket.subject}`,
      content,
      ticketId: ticket.id,
    });
  });
  const form = (name: string, act: (actor: Actor, id: number, fields: unknown) => void): void => {
    router.post(`/agent/tickets/:id/${name}`, (request, response) => {
      const id = idOf(request);
      const path = `/agent/tickets/${id}`;
      submit(response, path, () => {
        act(actorFor(desk, request, "agent"), id, request.body);
        return path;
      });
    });
  };
  form("comment", (actor, id, fields) => {
    const { kind, body, status } = CommentForm.parse(fields);
    updateTicket(desk, actor, id, {
      comment: { body, public: kind === "reply" },
      status: status === "" ? undefined : status,
    });
  });
  form("properties", (actor, id, fields) =>
    updateTicket(desk, actor, id, PropertiesForm.parse(fields)),
  );
  form("merge", (actor, id, fields) =>
    mergeTickets(desk, actor, MergeForm.parse(fields).into, { ids: [id] }),
  );
  form("solve", (actor, id) => {
    const { assignee_id: assignee } = findTicket(desk, id);
    updateTicket(desk, actor, id, { status: "solved", assignee_id: assignee ?? actor.user.id });
  });
  form("rating", (actor, id, fields) => {
    const requester = desk.users.get(findTicket(desk, id).requester_id);
    if (requester) rateBy(desk, { ...actor, user: requester }, id, fields);
  });
  suspendedPages(desk, router);
  return router;
}

function suspendedPages(desk: Desk, router: Router): void {
  const path = "/agent/suspended";
  router.get(path, (request, response) => {
    const content = suspendedList(desk, problemOf(request));
    sendPage(desk, request, response, { side: "agent", title: "Suspended mail", content });
  });
  router.post(`${path}/:id/recover`, (request, response) => {
    submit(response, path, () => {
      const ticket = recoverMail(desk, idOf(request));
      return `/agent/tickets/${ticket.id}`;
    });
  });
  router.post(`${path}/:id/discard`, (request, response) => {
    submit(response, path, () => {
      discardSuspended(desk, idOf(request));
      return path;
    });
  });
}
