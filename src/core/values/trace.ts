/** The trace of one turn, and what is recorded of a turn so that it can be run again. */

import { z } from "zod";
import { DelicateTopic, GuardVerdict } from "#core/contracts/guard.ts";
import { Caps, Decision } from "#core/contracts/policy.ts";
import { ModelUse, ToolCall } from "#core/contracts/model.ts";
import { Json } from "./canonical-json.ts";
import { BoundRequester, IdentityLevel } from "./identity.ts";
import { ChannelName, Outcome } from "./vocabulary.ts";
import { PlannedAction, UnprovenValue } from "./action.ts";
import { Conversation, Message } from "./message.ts";

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
  /** The level that counted where something was changed; left out where it was the same. */
  identity_acting_level: IdentityLevel.exactOptional(),
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

// The recording of a turn.

/** An error that came instead of an answer; `code` is null for one that is none of ours. */
export const RecordedError = z.strictObject({ code: z.string().nullable(), message: z.string() });
export type RecordedError = z.infer<typeof RecordedError>;

const RecordedAnswer = z.strictObject({
  /** Who was asked: the model that answers customers, or the one that reads its drafts. */
  of: z.enum(["agent", "verifier"]),
  /** A digest of the request without what differs in every installation. */
  asked: z.string(),
  answer: z
    .strictObject({
      text: z.string(),
      toolCalls: z.array(ToolCall),
      inputTokens: z.int(),
      cachedInputTokens: z.int().nullable(),
      outputTokens: z.int(),
      reasoningTokens: z.int().exactOptional(),
      costUsd: z.number().exactOptional(),
    })
    .nullable(),
  error: RecordedError.nullable(),
  /** What an answer took that could not be used; left out beside an answer, and where none came. */
  used: ModelUse.exactOptional(),
});
export type RecordedAnswer = z.infer<typeof RecordedAnswer>;

/** What a write tool said; a copy of the contract's type, since this one is stored. */
export const RecordedProposal = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("proposed"),
    planned: PlannedAction,
    unproven: z.array(UnprovenValue),
  }),
  z.strictObject({ kind: z.literal("impossible"), reason: z.string() }),
]);

const RecordedCall = z.strictObject({
  tool: z.string(),
  input: Json,
  /** What it gave, before it was read by a schema; null beside an error. */
  result: Json,
  error: RecordedError.nullable(),
});
export type RecordedCall = z.infer<typeof RecordedCall>;

/** The turn's input, but for what only a running process has. */
const RecordedInput = z.strictObject({
  turnId: z.string(),
  conversation: Conversation,
  history: z.array(Message),
  olderMessages: z.int(),
  unread: z.array(Message),
  requester: BoundRequester,
  audience: z.enum(["private", "shared"]),
  guard: GuardVerdict,
  mayAsk: z.boolean(),
  keepsSender: z.boolean(),
  voice: z.strictObject({
    tone: z.string(),
    forbidden: z.array(z.string()),
    address: z.enum(["formal", "familiar"]).nullable(),
  }),
  language: z.string().nullable(),
  instruction: z
    .strictObject({ hint: z.string(), draft: z.string(), spans: z.array(Span) })
    .nullable(),
});
export type RecordedInput = z.infer<typeof RecordedInput>;

/** What is recorded of a procedure; whatever else is known of it is left out. */
export const RecordedProcedure = z.object({
  name: z.string(),
  version: z.int(),
  title: z.string(),
  when: z.string(),
  body: z.string(),
  steps: z.array(z.object({ number: z.int(), text: z.string() })),
});

/** The recording of one turn. It holds personal data, and no key, password or canary. */
export const TurnRecording = z.strictObject({
  version: z.literal(1),
  model: z.strictObject({ name: z.string(), isRehearsal: z.boolean() }),
  /** The time the reading of a draft may take; null where no model is configured for it. */
  verifier: z.strictObject({ name: z.string(), ms: z.number() }).nullable(),
  input: RecordedInput,
  caps: Caps,
  /** The rules as the model was given them, and the tools by name with a digest of what is said about each. */
  rules: z.string(),
  tools: z.record(z.string(), z.string()),
  procedures: z.array(RecordedProcedure),
  answers: z.array(RecordedAnswer),
  calls: z.array(RecordedCall),
  decisions: z.array(z.strictObject({ key: z.string(), decision: Decision })),
  /** What the policy said of the freedom of drafts, in the order it was asked. */
  freedom: z.array(z.string()),
  /** Moments in milliseconds since 1970, in the order they were asked for, each as the time since the one before. */
  clock: z.array(z.number()),
  ids: z.array(z.string()),
  /** What the guard and a second opinion said after each answer of the model; left out where no other program was asked. */
  opinions: z.array(GuardVerdict).exactOptional(),
  /** A digest of each part of the result, by its name. */
  result: z.record(z.string(), z.string()),
  /** What people read of the result. */
  ending: z.strictObject({ kind: z.string(), text: z.string() }),
  actions: z.array(
    z.strictObject({ key: z.string(), label: z.string(), verdict: z.string(), rule: z.string() }),
  ),
});
export type TurnRecording = z.infer<typeof TurnRecording>;
