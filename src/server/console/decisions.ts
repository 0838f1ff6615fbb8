/** What the console's buttons and forms send: decisions, checks before a form opens, pauses and notes. */

import type { Request, Router } from "express";
import { z } from "zod";
import {
  Button,
  DecisionButton,
  DeskDecision,
  olderRejection,
} from "#core/contracts/approval-desk.ts";
import { digest } from "#core/values/canonical-json.ts";
import type { TraceSections } from "#core/values/desk-overview.ts";
import { invalidInput } from "#core/values/errors.ts";
import { effectsInFlightOf } from "#jobs/effects/in-flight.ts";
import { setPause } from "#jobs/context/pause.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { conversationsOfCase } from "#store/console/case.ts";
import { addNote, NOTE_MAX } from "#store/console/case.ts";
import { Scope } from "#store/effects/pause.ts";
import {
  named,
  parseInput,
  presserOf,
  requireLead,
  type Desk,
  type Presser,
  type Subject,
} from "./visit.ts";

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

/** What buttons and forms send. */
export const DECISIONS: Subject = {
  presses: { "/decide": decide, "/pause": pause, "/case/:id/notes": note },
};

/** Adds what the page's script asks for before a form opens, and why a card says what it says. */
export function addAnswers(router: Router, desk: Desk): void {
  const { handler } = desk.options;
  router.get("/form/:id/:version", async (request, response) => {
    const { teammate } = await presserOf(desk, request);
    const version = parseInput(Version, request.params.version);
    response.json(await handler.editForm(request.params.id, version, teammate));
  });
  router.get("/check/:id/:version/:button", async (request, response) => {
    const { teammate } = await presserOf(desk, request);
    const { id: approvalId } = request.params;
    const version = parseInput(Version, request.params.version);
    const button = parseInput(Button, request.params.button);
    response.json(await handler.check({ approvalId, version, button }, teammate));
  });
  router.get("/explain/:id", async (request, response) => {
    const { teammate } = await presserOf(desk, request);
    const explained = await handler.explain(request.params.id, teammate);
    response.json({ text: explained === null ? "" : sheetText(explained) });
  });
}

/** Headings with their lines below them. */
function sheetText({ sections }: TraceSections): string {
  return sections
    .map(({ heading, lines }) => [heading, ...lines.map((line) => `  ${line}`)].join("\n").trim())
    .join("\n\n");
}

async function decide(
  { options: { handler } }: Desk,
  { teammate }: Presser,
  request: Request,
): Promise<object> {
  const { clickId, ...typed } = parseInput(Decide, request.body);
  const decision =
    typed.rejection === undefined ? { ...typed, ...olderRejection(typed.reason) } : typed;
  const speaksForItself = decision.rejection === "i_answer" || decision.rejection === "no_answer";
  if (decision.button === "reject" && !speaksForItself && decision.reason.trim() === "")
    throw invalidInput("reason: say why, so that the team can learn");
  const decisionId = `${teammate.id}:${clickId}`;
  return handler.decide({ ...decision, decisionId, teammate });
}

/** Any teammate may pause everything or a part of it; only a lead may resume. */
async function pause(
  { options: { parts } }: Desk,
  presser: Presser,
  request: Request,
): Promise<object> {
  const { paused, scope, reason } = parseInput(PauseWish, request.body);
  if (!paused) requireLead(presser, "a lead has to say when it goes on");
  return parts.store.run(async (transaction) => {
    const auditedAs = await presser.pseudonym(transaction);
    const by = reason === "" ? presser.name : `${presser.name}: ${reason}`;
    const change = { scope, paused, by, auditedAs };
    const after = await setPause(transaction, change, parts.clock.now());
    return { ...after, inFlight: paused ? await effectsInFlightOf(transaction) : [] };
  });
}

/** A note is stored with secrets masked; the audit keeps that it was written, by whom, and a digest of it. */
async function note(
  { options: { parts } }: Desk,
  { email: author, name, pseudonym }: Presser,
  request: Request,
): Promise<object | null> {
  const { clickId, text } = parseInput(Note, request.body);
  const conversationId = named(request, "id");
  const at = parts.clock.now();
  const written = {
    // The same click is the same note, and no other teammate's.
    id: `n_${digest([author, conversationId, clickId]).slice(0, 20)}`,
    conversationId,
    author,
    name,
    text: parts.guard.mask(text),
    at,
  };
  return parts.store.run(async (transaction) => {
    const [own] = await conversationsOfCase(transaction, conversationId, []);
    if (own === undefined) return null;
    if (await addNote(transaction, written)) {
      const by = await pseudonym(transaction);
      const data = {
        conversation: conversationId,
        note: written.id,
        text: digest(written.text),
        by,
      };
      await appendAudit(transaction, { kind: "noted", data }, at);
    }
    return { id: written.id };
  });
}
