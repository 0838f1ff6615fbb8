/** Records the steps of a turn as spans of its trace, and counts what its calls of models use. */
import type { Json } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import { nothingUsed, type TurnResult, type Used } from "#core/contracts/agent.ts";
import {
  type Model,
  type ModelAnswer,
  type ModelRequest,
  type ModelUse,
  UnusableAnswer,
} from "#core/contracts/model.ts";
import type { Clock } from "#core/contracts/ports.ts";
import type { Span } from "#core/values/trace.ts";
import { tokenCost, type PriceTable } from "./prices.ts";

const EXCERPT_CHARACTERS = 200;
/** The longest search of the help pages: three wordings with their frame. */
const ARGUMENTS_CHARACTERS = 1_300;

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

/** Counts what was used elsewhere as well. */
export function count(used: Used, more: Used): void {
  used.steps += more.steps;
  used.inputTokens += more.inputTokens;
  used.outputTokens += more.outputTokens;
  used.reasoningTokens += more.reasoningTokens;
  used.costUsd = sumUsd(used.costUsd, more.costUsd);
  used.spans.push(...more.spans);
}

/** A turn that is over, with what further calls for it used. Thoughts count in its cost, not in its output. */
export function withUsed(turn: TurnResult, used = nothingUsed()): TurnResult {
  return {
    ...turn,
    steps: turn.steps + used.steps,
    inputTokens: turn.inputTokens + used.inputTokens,
    outputTokens: turn.outputTokens + visibleTokens(used),
    costUsd: sumUsd(turn.costUsd, used.costUsd),
    spans: [...turn.spans, ...used.spans],
  };
}

/** The output tokens that were an answer: the caps of the policy hold these, whoever wrote them. */
export function visibleTokens({
  outputTokens,
  reasoningTokens,
}: Pick<Used, "outputTokens" | "reasoningTokens">): number {
  return outputTokens - reasoningTokens;
}

function sumUsd(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

/** Who is asked, and what that costs where the provider does not say. */
export interface Asking {
  readonly model: Model;
  readonly clock: Clock;
  readonly prices: PriceTable;
}

/**
 * Asks a model once, as a span of this name that ends when `read` has made something of the answer. A call counts
 * whatever its outcome, but for one that was not tried or that the provider refused, as it does for all while there is no
 * credit. Throws what the model and `read` throw.
 */
export async function askModel<Read>(
  used: Used,
  { model, clock, prices }: Asking,
  { name, ...request }: ModelRequest & { readonly name: string },
  read: (answer: ModelAnswer, attributes: Attributes) => Read,
): Promise<Read> {
  used.steps += 1;
  return spanned(used.spans, clock, `${name} ${model.name}`, async (attributes) => {
    attributes["gen_ai.operation.name"] = "chat";
    attributes["gen_ai.request.model"] = model.name;
    const countUse = (use: ModelUse): void => {
      const { inputTokens: input, outputTokens: output, reasoningTokens } = use;
      const {
        cachedInputTokens: cached = 0,
        costUsd = tokenCost(prices, model.name, { input, cached, output }),
      } = use;
      attributes["gen_ai.usage.input_tokens"] = input;
      attributes["gen_ai.usage.output_tokens"] = output;
      // Kept input and thoughts are noted only where the provider says how much they were.
      if (use.cachedInputTokens !== undefined)
        attributes["gen_ai.usage.cache_read.input_tokens"] = cached;
      if (reasoningTokens !== undefined)
        attributes["gen_ai.usage.reasoning.output_tokens"] = reasoningTokens;
      count(used, {
        ...nothingUsed(),
        inputTokens: input,
        outputTokens: output,
        reasoningTokens: reasoningTokens ?? 0,
        costUsd,
      });
    };
    const answer = await model.complete(request).catch((error: unknown) => {
      if (error instanceof UnusableAnswer) countUse(error.used);
      if (error instanceof DeskhandError && (error.notTried || error.code === "model.refused"))
        used.steps -= 1;
      throw error;
    });
    countUse(answer);
    return read(answer, attributes);
  });
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
