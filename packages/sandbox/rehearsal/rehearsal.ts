/**
 * Room: the rehearsal model, rules that stand in for a real model in tests, evals and demos.
 * In: a chat completions request, as any model gets it.
 * Out: tool calls or an ending, always the same for the same request.
 * May touch: nothing; it reads only its request.
 * Start here, then transcript.ts and plan.ts.
 */
import type { Fetch } from "#core/connection/http-answer.ts";
import { jsonOrNull, digest } from "#core/values/canonical-json.ts";
import { openaiModel } from "#agent/model.ts";
import { tokenEstimate } from "#agent/wire/read-answer.ts";
import type { Model } from "#core/contracts/model.ts";
import { nextCalls } from "./plan.ts";
import { CompletionRequest, readTranscript } from "./transcript.ts";

/**
 * The built-in model: rules for a dozen intents in English, always the same for the same request. It is called over
 * chat completions through the same client as a real model, so that all code around it is what runs in production.
 */
export function rehearsalModel(): Model {
  const model = openaiModel({
    apiKey: "none",
    baseUrl: "http://rehearsal.invalid/v1",
    model: "rehearsal",
    timeoutMs: 10_000,
    fetch: rehearsalFetch(),
  });
  return { ...model, isRehearsal: true };
}

/** Answers POST …/chat/completions inside the process as a server would, usage included. */
function rehearsalFetch(): Fetch {
  return async (_target, init) => {
    const body = typeof init?.body === "string" ? init.body : "";
    const request = CompletionRequest.safeParse(jsonOrNull(body));
    if (!request.success)
      return Response.json({ error: { message: "no chat completion" } }, { status: 400 });
    return Response.json(completionFor(request.data));
  };
}

function completionFor(request: CompletionRequest) {
  const id = digest(request.messages).slice(0, 16);
  const calls = nextCalls(readTranscript(request)).map(({ name, input }, index) => ({
    id: `call_${id}_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(input) },
  }));
  const message = { role: "assistant", content: null, refusal: null, tool_calls: calls };
  const prompt_tokens = tokenEstimate(request.messages);
  const completion_tokens = tokenEstimate(calls);
  return {
    id: `rehearsal-${id}`,
    object: "chat.completion",
    created: 0,
    model: request.model,
    choices: [{ index: 0, message, finish_reason: "tool_calls", logprobs: null }],
    usage: {
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
    },
  };
}
