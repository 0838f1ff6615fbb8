/** The contract of a language model, in the terms of chat completions, and when a model ends. */

import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import { utcDay } from "#core/values/moment.ts";
import { z } from "zod";
import { Json, JsonObject } from "#core/values/canonical-json.ts";

/**
 * One tool call the model requests. The arguments are its text, parsed by the tool's schema before anything happens.
 */
export const ToolCall = z.strictObject({
  id: z.string(),
  name: z.string(),
  arguments: z.string(),
});
export type ToolCall = z.infer<typeof ToolCall>;

/** The transcript as the model sees it, in the terms of chat completions. */
export const ModelMessage = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: z.string() }),
  z.strictObject({
    role: z.literal("user"),
    content: z.string(),
    /** What the model is to look at, as a data URL; only for a model that is configured to take pictures. */
    picture: z.string().optional(),
  }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.string(),
    toolCalls: z.array(ToolCall),
    /** What the provider attached and wants back untouched, such as what it thought; neither logged nor traced. */
    kept: Json.optional(),
  }),
  z.strictObject({ role: z.literal("tool"), toolCallId: z.string(), content: z.string() }),
]);
export type ModelMessage = z.infer<typeof ModelMessage>;

/** A tool as offered to the model: strict JSON Schema, generated from the tool's zod input. */
export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}

export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly OfferedTool[];
  /** Of what is seen; a model that thinks gets more room on top. */
  readonly outputTokensMax: number;
  /** The one shape the answer may have, as JSON; left out where the answer is text or calls of tools. */
  readonly answer?: { readonly name: string; readonly schema: JsonObject };
  /** How long one try may take, in milliseconds: less than the whole budget, to leave time for another. */
  readonly tryMsMax?: number;
  readonly signal: AbortSignal;
}

/** What an answer took, as its provider says. */
export const ModelUse = z
  .strictObject({
    inputTokens: z.int(),
    /** How many of the input tokens the provider had kept from an earlier call; left out when it does not say. */
    cachedInputTokens: z.int().exactOptional(),
    outputTokens: z.int(),
    /** How many of the output tokens were thoughts, which are billed and never seen; left out when it does not say. */
    reasoningTokens: z.int().exactOptional(),
    /** What the provider itself says the call cost, in US dollars; left out when it does not say. */
    costUsd: z.number().exactOptional(),
  })
  .readonly();
export type ModelUse = z.infer<typeof ModelUse>;

export interface ModelAnswer extends ModelUse {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** What the provider attached, for `kept` of the message; left out for nothing. */
  readonly kept?: Json;
}

/** An answer that came and cannot be used. What it took is paid all the same. */
export class UnusableAnswer extends DeskhandError {
  readonly used: ModelUse;

  constructor(code: ErrorCode, message: string, used: ModelUse) {
    super(code, message);
    this.used = used;
  }
}

/**
 * A language model behind one method. Throws `model.unavailable` when it cannot be asked now, `model.refused` when it
 * will not be asked like this by anybody, `model.declined` when it answers nothing to this, `model.too_long` when it has
 * no room for this, and `model.invalid_answer`.
 */
export interface Model {
  /** The name shown in traces and on cards; the rehearsal model says that it is one. */
  readonly name: string;
  /** True for the built-in rules: a real channel then only runs in shadow. */
  readonly isRehearsal: boolean;
  complete(request: ModelRequest): Promise<ModelAnswer>;
}

/**
 * Keywords that common providers refuse or ignore in strict tool schemas. Dropping them is safe: the schema
 * itself checks every call and answer again.
 */
const DROPPED = new Set([
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "default",
]);

/** The part of JSON Schema that strict tools and answers may have. Throws for a schema that JSON cannot say. */
export function strictSchema(schema: z.ZodType): JsonObject {
  const written = z.toJSONSchema(schema, {
    io: "input",
    override: ({ jsonSchema }) => {
      for (const keyword of Object.keys(jsonSchema))
        if (DROPPED.has(keyword)) Reflect.deleteProperty(jsonSchema, keyword);
    },
  });
  const { $schema: _, ...rest } = JsonObject.parse(written);
  // Strict mode wants every property listed as required, also those a tool could do without.
  const required = Object.keys(JsonObject.catch({}).parse(rest["properties"]));
  return { ...rest, required };
}

/** Why there is no description: the model cannot be asked now, or asking again would not help. */
export type PictureProblem = "model.unavailable" | "model.invalid_answer";

/** What became of one request, and what it cost. */
export interface PictureAnswer {
  /** Plain words, masked and cut, which no person has checked. */
  readonly told: { readonly words: string } | { readonly problem: PictureProblem };
  readonly spent: {
    readonly startedAt: Date;
    readonly ms: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    /** Null where the model's price is unknown. */
    readonly costUsd: number | null;
  };
}

/** Describes pictures with the configured model, by its name in traces. */
export interface PictureDescriber {
  readonly model: string;
  /** Asks once about a picture, given as a data URL. A failure of the model is an answer, too. */
  describe(dataUrl: string): Promise<PictureAnswer>;
}

// Models that their provider ends on a day that is known.

/** A model and when it ends. */
export interface ModelEnd {
  readonly model: string;
  readonly at: Date;
}

const DAY_S = 86_400;

/** With less than so many days left the team is told, each time anew: another model has to be tried out before. */
const TOLD_DAYS = [3, 14, 60] as const;

/** How many seconds are left; negative after the end. */
export function secondsLeft({ at }: Pick<ModelEnd, "at">, now: Date): number {
  return (at.getTime() - now.getTime()) / 1_000;
}

/** Of which number of days the team is told at this time; null while the end is farther than all of them. */
export function daysTold(end: ModelEnd, now: Date): (typeof TOLD_DAYS)[number] | null {
  const left = secondsLeft(end, now);
  return TOLD_DAYS.find((days) => left < days * DAY_S) ?? null;
}

/** What is left of it as a sentence. */
export function endInWords(end: ModelEnd, now: Date): string {
  const days = Math.floor(secondsLeft(end, now) / DAY_S);
  const day = utcDay(end.at);
  if (days < 0) return `The model ${end.model} ended on ${day}.`;
  return `The model ${end.model} ends on ${day}, in ${days} ${days === 1 ? "day" : "days"}.`;
}
