/** The trace of one turn. */
import { z } from "zod";
import { Json } from "./canonical-json.ts";
import { IdentityLevel } from "./identity.ts";
import { ChannelName, Outcome } from "./vocabulary.ts";
import { DelicateTopic, GuardVerdict } from "#core/contracts/guard.ts";
import { Decision } from "#core/contracts/policy.ts";

/** One step of a turn with its cost. Closed exactly once. */
export const Span = z.strictObject({
  name: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0),
  /** Names follow the OpenTelemetry GenAI conventions where one exists (`gen_ai.request.model`, …). */
  attributes: z.record(z.string(), Json),
});
export type Span = z.infer<typeof Span>;

/** One turn, recorded so that a person can follow it and a program can measure it. */
export const TurnTrace = z.strictObject({
  request_id: z.string(),
  architecture: z.literal("customer-support-agent"),
  conversation_id: z.string(),
  channel: ChannelName,
  model: z.string(),
  policy_version: z.string(),
  outcome: z.union([Outcome, z.literal("pending")]),
  outcome_reason: z.string(),
  identity_level: IdentityLevel,
  identity_reason: z.string(),
  guard: GuardVerdict,
  topic: z.string(),
  confidence: z.number().min(0).max(1),
  tools_called: z.array(z.string()),
  decisions: z.array(Decision),
  approval_required: z.boolean(),
  approval_granted: z.boolean().nullable(),
  escalated_to_human: z.boolean(),
  /** The delicate topic for which it was handed over; left out for none. */
  delicate: DelicateTopic.optional(),
  /** The customer asked for a person, as the model read it. */
  asked_for_person: z.literal(true).optional(),
  steps: z.int().min(0),
  output_tokens: z.int().min(0),
  input_tokens: z.int().min(0),
  latency_ms: z.number().min(0),
  /** Null when the price of the model is unknown. */
  cost_usd: z.number().nullable(),
  started_at: z.iso.datetime(),
  spans: z.array(Span),
});
export type TurnTrace = z.infer<typeof TurnTrace>;
