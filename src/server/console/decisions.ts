/** What the console's buttons and forms send: decisions, checks before a form opens, pauses and notes. */

import { inFlightEffectLines } from "#jobs/effects/give-up.ts";
import { z } from "zod";
import {
  Button,
  DecisionButton,
  DeskDecision,
  olderRejection,
  type TraceSections,
} from "#core/contracts/approval-desk.ts";
import { digest } from "#core/values/canonical-json.ts";
import { invalidInput } from "#core/values/errors.ts";
import { setPause } from "#jobs/context/pause.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { conversationsOfCase, addNote, NOTE_MAX } from "#store/console/case.ts";
import { Scope } from "#store/effects/pause.ts";
import { requireLead, type Subject } from "./visit.ts";
import { parseInput } from "#server/http/admission.ts";
import type { Caller } from "./session.ts";

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

/** What buttons and forms send, what is asked before a form opens, and why a card says what it says. */
export const DECISIONS: Subject = {
  presses: { "/decide": decide, "/pause": pause, "/case/:id/notes": note },
  answers: {
    "/form/:id/:version": ({ options, named, teammate }) =>
      options.handler.editForm(named("id"), parseInput(Version, named("version")), teammate),
    "/check/:id/:version/:button": ({ options, named, teammate }) => {
      const version = parseInput(Version, named("version"));
      const button = parseInput(Button, named("button"));
      return options.handler.check({ approvalId: named("id"), version, button }, teammate);
    },
    "/explain/:id": async ({ options, named, teammate }) => {
      const explained = await options.handler.explain(named("id"), teammate);
      return { text: explained === null ? "" : sheetText(explained) };
    },
  },
};

/** Headings with their lines below them. */
function sheetText({ sections }: TraceSections): string {
  return sections
    .map(({ heading, lines }) => [heading, ...lines.map((line) => `  ${line}`)].join("\n").trim())
    .join("\n\n");
}

async function decide({ options, sent, teammate }: Caller): Promise<object> {
  const { clickId, ...typed } = sent(Decide);
  const decision =
    typed.rejection === undefined ? { ...typed, ...olderRejection(typed.reason) } : typed;
  const speaksForItself = decision.rejection === "i_answer" || decision.rejection === "no_answer";
  if (decision.button === "reject" && !speaksForItself && decision.reason.trim() === "")
    throw invalidInput("reason: say why, so that the team can learn");
  const decisionId = `${teammate.id}:${clickId}`;
  return options.handler.decide({ ...decision, decisionId, teammate });
}

/** Any teammate may pause everything or a part of it; only a lead may resume. */
async function pause(press: Caller): Promise<object> {
  const { paused, scope, reason } = press.sent(PauseWish);
  if (!paused) requireLead(press, "a lead has to say when it goes on");
  return press.run(async (transaction) => {
    const auditedAs = await press.pseudonym(transaction);
    const by = reason === "" ? press.name : `${press.name}: ${reason}`;
    const change = { scope, paused, by, auditedAs };
    const after = await setPause(transaction, change, press.now);
    return { ...after, inFlight: paused ? await inFlightEffectLines(transaction) : [] };
  });
}

/** A note is stored with secrets masked; the audit keeps that it was written, by whom, and a digest of it. */
async function note(press: Caller): Promise<object | null> {
  const { email: author, name, now: at } = press;
  const { clickId, text } = press.sent(Note);
  const conversationId = press.named("id");
  // The same click is the same note, and no other teammate's.
  const id = `n_${digest([author, conversationId, clickId]).slice(0, 20)}`;
  const written = { id, conversationId, author, name, text: press.mask(text), at };
  return press.run(async (transaction) => {
    const [own] = await conversationsOfCase(transaction, conversationId, []);
    if (own === undefined) return null;
    if (await addNote(transaction, written)) {
      const by = await press.pseudonym(transaction);
      const data = { conversation: conversationId, note: id, text: digest(written.text), by };
      await appendAudit(transaction, { kind: "noted", data }, at);
    }
    return { id };
  });
}
