/** What the console's buttons and forms send: decisions, checks before a form opens, pauses and notes. */

import type { RequestHandler, Router } from "express";
import { z } from "zod";
import {
  Button,
  DecisionButton,
  DeskDecision,
  olderRejection,
} from "#core/contracts/approval-desk.ts";
import { digest } from "#core/values/canonical-json.ts";
import type { TraceSections } from "#core/values/desk-overview.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Role } from "#core/values/vocabulary.ts";
import { effectsInFlightOf } from "#jobs/effects/give-up.ts";
import { setPause } from "#jobs/context/pause.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { conversationsOfCase } from "#store/console/case.ts";
import { addNote, NOTE_MAX } from "#store/console/notes.ts";
import { Scope } from "#store/effects/pause.ts";
import { parseInput } from "./parse-input.ts";
import type { Desk } from "./visit.ts";

/** Generated when a form or button is shown, so that a double click is one decision. */
const ClickId = z.string().regex(/^[\w-]{8,64}$/);

const Decide = z.strictObject({
  clickId: ClickId,
  approvalId: DeskDecision.shape.approvalId,
  version: DeskDecision.shape.version,
  button: DecisionButton,
  reason: DeskDecision.shape.reason.default(""),
  edit: DeskDecision.shape.edit.default(null),
  rejection: DeskDecision.shape.rejection,
  hint: DeskDecision.shape.hint,
  ownAnswer: DeskDecision.shape.ownAnswer,
});
const Version = z.coerce.number().int().min(1);
const PauseWish = z.strictObject({
  paused: z.boolean(),
  /** "all", a channel, or "topic:" and its name. */
  scope: Scope.default("all"),
  reason: z.string().trim().max(150).default(""),
});
const Note = z.strictObject({ clickId: ClickId, text: z.string().trim().min(1).max(NOTE_MAX) });

/** Adds the routes behind buttons and forms. */
export function addDecisions(router: Router, desk: Desk, ownPage: readonly RequestHandler[]): void {
  const { session, options } = desk;
  const { handler } = options;
  router.get("/form/:id/:version", async (request, response) => {
    const { teammate } = await session.teammate(request);
    const version = parseInput(Version, request.params.version);
    response.json(await handler.editForm(request.params.id, version, teammate));
  });
  router.get("/check/:id/:version/:button", async (request, response) => {
    const { teammate } = await session.teammate(request);
    const { id: approvalId } = request.params;
    const version = parseInput(Version, request.params.version);
    const button = parseInput(Button, request.params.button);
    response.json(await handler.check({ approvalId, version, button }, teammate));
  });
  router.get("/explain/:id", async (request, response) => {
    const { teammate } = await session.teammate(request);
    const explained = await handler.explain(request.params.id, teammate);
    response.json({ text: explained === null ? "" : sheetText(explained) });
  });
  router.post("/decide", ...ownPage, decide(desk));
  router.post("/pause", ...ownPage, pause(desk));
  router.post("/case/:id/notes", ...ownPage, note(desk));
}

/** Headings with their lines below them. */
function sheetText({ sections }: TraceSections): string {
  return sections
    .map(({ heading, lines }) => [heading, ...lines.map((line) => `  ${line}`)].join("\n").trim())
    .join("\n\n");
}

function decide({ options: { handler }, session }: Desk): RequestHandler {
  return async (request, response) => {
    const { teammate } = await session.teammate(request);
    const { clickId, ...typed } = parseInput(Decide, request.body);
    const decision =
      typed.rejection === undefined ? { ...typed, ...olderRejection(typed.reason) } : typed;
    const speaksForItself = decision.rejection === "i_answer" || decision.rejection === "no_answer";
    if (decision.button === "reject" && !speaksForItself && decision.reason.trim() === "")
      throw new DeskhandError("input.invalid", "reason: say why, so that the team can learn");
    const decisionId = `${teammate.id}:${clickId}`;
    response.json(await handler.decide({ ...decision, decisionId, teammate }));
  };
}

/** Any teammate may pause everything or a part of it; only a lead may resume. */
function pause({ options: { parts }, session }: Desk): RequestHandler {
  return async (request, response) => {
    const { teammate, role } = await session.teammate(request);
    const { paused, scope, reason } = parseInput(PauseWish, request.body);
    requireLead(paused, role);
    const state = await parts.store.run(async (transaction) => {
      const auditedAs = await parts.pseudonym(transaction, teammate.email ?? teammate.id);
      const by = reason === "" ? teammate.name : `${teammate.name}: ${reason}`;
      const change = { scope, paused, by, auditedAs };
      const after = await setPause(transaction, change, parts.clock.now());
      return { ...after, inFlight: paused ? await effectsInFlightOf(transaction) : [] };
    });
    response.json(state);
  };
}

function requireLead(paused: boolean, role: Role): void {
  if (!paused && role !== "lead")
    throw new DeskhandError("input.forbidden", "a lead has to say when it goes on");
}

/** A note is stored with secrets masked; the audit keeps that it was written, by whom, and a digest of it. */
function note({ options: { parts }, session }: Desk): RequestHandler<{ id: string }> {
  return async (request, response) => {
    const { teammate } = await session.teammate(request);
    const { clickId, text } = parseInput(Note, request.body);
    const { id: conversationId } = request.params;
    const author = teammate.email ?? teammate.id;
    const at = parts.clock.now();
    const written = {
      // The same click is the same note, and no other teammate's.
      id: `n_${digest([author, conversationId, clickId]).slice(0, 20)}`,
      conversationId,
      author,
      name: teammate.name,
      text: parts.guard.mask(text),
      at,
    };
    const isKnown = await parts.store.run(async (transaction) => {
      const [own] = await conversationsOfCase(transaction, conversationId, []);
      if (own === undefined) return false;
      if (!(await addNote(transaction, written))) return true;
      const by = await parts.pseudonym(transaction, author);
      const data = {
        conversation: conversationId,
        note: written.id,
        text: digest(written.text),
        by,
      };
      await appendAudit(transaction, { kind: "noted", data }, at);
      return true;
    });
    if (isKnown) response.json({ id: written.id });
    else response.status(404).json({ error: "not_found", message: "there is no such case" });
  };
}
