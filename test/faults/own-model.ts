/** A model endpoint for one case or worker alone. */
import type { CaseContext } from "./arena.ts";
import { startFakeModel, type ModelFate } from "./vendors/model.ts";

/** Starts a model of the case's own; gives the variables by which a process asks it. */
export async function ownModel(
  context: CaseContext,
  options: Parameters<typeof startFakeModel>[0],
): Promise<{ readonly OPENAI_API_KEY: string; readonly OPENAI_BASE_URL: string }> {
  const model = await startFakeModel(options);
  context.after(() => model.close());
  return { OPENAI_API_KEY: "any", OPENAI_BASE_URL: model.url };
}

/** Starts a model for one worker, which decides by the customer's text. */
export function modelOf(context: CaseContext, fate: (texts: readonly string[]) => ModelFate) {
  return ownModel(context, { fate: (_call, { unread }) => fate(unread) });
}

/** A completion that calls this tool instead of what the rules would do; for the fate `raw`. */
export function toolCall(name: string, argumentsText: string): string {
  return completionWith("tool_calls", {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "call_1", type: "function", function: { name, arguments: argumentsText } }],
  });
}

/** One completion in the form of the API, with any content. */
export function completionWith(reason: string, message: unknown): string {
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 0,
    model: "any",
    choices: [{ index: 0, finish_reason: reason, message }],
    usage: { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 },
  });
}
