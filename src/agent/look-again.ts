/** Makes the look-ups of the draft before once more, for another draft with a teammate's hint. */
import { z } from "zod";
import type { ToolCall } from "#core/contracts/model.ts";
import type { Span } from "#core/values/trace.ts";
import { handleCall } from "./tool-calls.ts";
import type { AgentParts, TurnState } from "./turn-state.ts";

/** As many as a model may make in one step. */
const LOOK_UPS_MAX = 8;

/** One call of a tool, with its arguments as JSON. */
interface LookUp {
  readonly tool: string;
  readonly arguments: string;
}

const SPAN_NAME = /^execute_tool (\w+)$/;

const Made = z.object({
  "gen_ai.tool.name": z.string(),
  "deskhand.arguments": z.string(),
  "deskhand.valid": z.literal(true),
});

/** The calls a turn made, as its trace keeps them: each once, in their order. What could not be used is left out. */
function lookUpsIn(spans: readonly Span[]): readonly LookUp[] {
  const made = spans
    .filter(({ name }) => SPAN_NAME.test(name))
    .flatMap(({ attributes }) => Made.safeParse(attributes).data ?? [])
    .map((call) => ({ tool: call["gen_ai.tool.name"], arguments: call["deskhand.arguments"] }));
  return [...new Map(made.map((call) => [JSON.stringify(call), call])).values()];
}

/**
 * Puts what the draft before looked up into the transcript, as if the model had called for it: read, screened, masked
 * and marked like any result, and as the records are now. The model need not ask again, and when it does it is answered
 * from memory. Only read tools are called: what was proposed is the new draft's to propose or not.
 */
export async function lookAgain(state: TurnState, parts: AgentParts): Promise<void> {
  const wanted = lookUpsIn(state.input.instruction?.spans ?? [])
    .filter(({ tool }) => parts.tools.some(({ kind, name }) => kind === "read" && name === tool))
    .slice(0, LOOK_UPS_MAX);
  const answered: { readonly call: ToolCall; readonly content: string }[] = [];
  for (const lookUp of wanted) {
    const call = { id: parts.ids.next("call"), name: lookUp.tool, arguments: lookUp.arguments };
    const outcome = await handleCall(call, state, parts);
    if (outcome.kind === "told" && outcome.valid) answered.push({ call, content: outcome.content });
  }
  if (answered.length === 0) return;
  state.messages.push(
    { role: "assistant", content: "", toolCalls: answered.map(({ call }) => call) },
    ...answered.map(({ call, content }) => ({
      role: "tool" as const,
      toolCallId: call.id,
      content,
    })),
  );
}
