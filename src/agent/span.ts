/** Records the steps of a turn as spans of its trace. */
import type { Json } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { ModelAnswer } from "#core/contracts/model.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { Span } from "#core/values/trace.ts";

const EXCERPT_CHARACTERS = 200;
/** The longest question to the help pages with its frame. */
const ARGUMENTS_CHARACTERS = 500;

/** Attributes of a span, by their OpenTelemetry GenAI names where there is one. */
export type Attributes = Record<string, Json>;

/** The beginning of a text with numbers and codes masked: the only personal text in a span, with the arguments. */
export function excerpt(guard: InputGuard, text: string): string {
  return guard.mask(text).slice(0, EXCERPT_CHARACTERS);
}

/** The arguments of a call, masked as well, and whole for every look-up: another draft looks at the same. */
export function argumentsIn(guard: InputGuard, text: string): string {
  return guard.mask(text).slice(0, ARGUMENTS_CHARACTERS);
}

/** Notes the tokens of a model call. Kept input and thoughts are noted only where the provider says how much they were. */
export function noteTokens(
  attributes: Attributes,
  answer: Pick<
    ModelAnswer,
    "inputTokens" | "cachedInputTokens" | "outputTokens" | "reasoningTokens"
  >,
): void {
  attributes["gen_ai.usage.input_tokens"] = answer.inputTokens;
  if (answer.cachedInputTokens !== undefined)
    attributes["gen_ai.usage.cache_read.input_tokens"] = answer.cachedInputTokens;
  attributes["gen_ai.usage.output_tokens"] = answer.outputTokens;
  if (answer.reasoningTokens !== undefined)
    attributes["gen_ai.usage.reasoning.output_tokens"] = answer.reasoningTokens;
}

/** Runs one step as a span, which is closed exactly once, also when the step fails. */
export async function spanned<T>(
  spans: Span[],
  clock: Clock,
  name: string,
  work: (attributes: Attributes) => Promise<T>,
): Promise<T> {
  const startedAt = clock.now();
  const attributes: Attributes = {};
  try {
    return await work(attributes);
  } catch (error) {
    attributes["error.type"] = error instanceof DeskhandError ? error.code : "error";
    throw error;
  } finally {
    spans.push({
      name,
      startedAt: startedAt.toISOString(),
      durationMs: Math.max(0, clock.now().getTime() - startedAt.getTime()),
      attributes,
    });
  }
}
