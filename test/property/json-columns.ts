/** The JSON columns of the database with their schemas, for the tests of what is kept. */
import { z } from "zod";
import * as actions from "#core/values/action.ts";
import { Json, JsonObject } from "#core/values/canonical-json.ts";
import { Hint } from "#core/contracts/channel.ts";
import { DraftDifference } from "#core/lessons/draft-difference.ts";
import {
  ApprovalVote,
  Card,
  CardClaim,
  Opinion,
  RedraftRequest,
} from "#core/contracts/approval-desk.ts";
import { Message, Signal } from "#core/values/message.ts";
import { Approvers, Decision } from "#core/contracts/policy.ts";
import { PersonVerdict, RehearsalSummary, RehearsedTicket } from "#core/values/rehearsal.ts";
import { TurnTrace } from "#core/values/trace.ts";

const Lines = z.array(z.string());
const Numbers = z.array(z.int());
// A setting that is null would be one that was never set, and SQL cannot tell the two apart.
const Setting = z.union([JsonObject, z.array(Json), z.string(), z.int(), z.boolean()]);

/** The schema of each JSON column. A column that is missing here fails a test, and so does a removed one. */
export const COLUMNS: Readonly<Record<string, z.ZodType>> = {
  "hint.payload": Hint,
  "message_content.content": Message,
  "signal.payload": Signal,
  "turn.trace": TurnTrace,
  "approval.proposal": actions.Proposal.nullable(),
  "approval.rules": z.array(Decision),
  "approval.needs": Approvers,
  "approval.votes": z.array(ApprovalVote),
  "approval.card": Card,
  "approval.answers": Lines,
  "approval.claim": CardClaim.nullable(),
  "approval.redraft": RedraftRequest.nullable(),
  "approval.opinions": z.array(Opinion),
  "effect.action": actions.Action,
  "effect.facts": z.array(actions.OrderFacts),
  "desk_decision.answer": z.object({
    accepted: z.boolean(),
    message: z.string(),
    fieldErrors: z.record(z.string(), z.string()),
  }),
  "case_customer.waiting": Lines,
  "case_member.orders": Lines,
  "case_member.reasons": Lines,
  "audit.data": JsonObject,
  "audit_pending.data": JsonObject,
  "setting.value": Setting,
  "policy_change.relaxations": Lines,
  "policy_change.differences": Lines,
  "policy_change.needs": Approvers,
  "policy_change.votes": z.array(ApprovalVote),
  "procedure_version.needs": Approvers,
  "procedure_version.votes": z.array(ApprovalVote),
  "procedure_version.test_lines": Lines,
  "help_page.brands": Lines,
  "help_page.labels": Lines,
  "help_page.asked": JsonObject,
  "help_page.unanswered": Lines,
  "knowledge_copy.attributes": JsonObject,
  "draft_difference.content": DraftDifference,
  "knowledge_gap.pages": Lines,
  "rehearsal.summary": RehearsalSummary.nullable(),
  "rehearsed_ticket.played": RehearsedTicket,
  "rehearsed_ticket.verdict": PersonVerdict.nullable(),
  "written_page.brands": Lines,
  "written_page.labels": Lines,
  "dead_letter.hints": Numbers,
  "dead_letter.effects": Lines,
  "dead_letter.messages": Lines,
};

/** Schemas without a place for a version, for which nothing can be newer: words alone, and JSON of any shape. */
const FREE: readonly unknown[] = [Lines, Numbers, Setting, JsonObject];

/** The columns of such a schema. */
export const WITHOUT_VERSION = Object.keys(COLUMNS).filter((name) => FREE.includes(COLUMNS[name]));
