/** The gate under `ai`: `toolApproval` proposes, the request in the history waits, and `execute` tells what came of it. */
import { generateText, isStepCount, tool, type ModelMessage } from "ai";
import { MockLanguageModelV4 } from "ai/test";
import { z } from "zod";
import { ask, CALL, play, Refund, type Agent, type RefundGate, type Stopped } from "./world.ts";

/** Approvals by the ids of tool calls; kept on the server, beside the history of the conversation. */
type Approvals = Record<string, string>;

/** The tool and its approval. A yes in the history only lets the agent go on: whether and what happens is the gate's. */
export function gatedRefund(gate: RefundGate, run: string, approvals: Approvals) {
  return {
    tools: {
      refund: tool({
        description: "Gives money back. A person decides.",
        inputSchema: Refund,
        async execute(args, { toolCallId: id }) {
          const approval = approvals[id];
          if (approval !== undefined) return (await gate.outcome(approval)).told;
          const asked = await ask(gate, run, { id, args });
          return "told" in asked ? asked.told : "A person has not decided yet.";
        },
      }),
    },
    toolApproval: {
      async refund(args: z.infer<typeof Refund>, { toolCallId: id }: { toolCallId: string }) {
        // The SDK asks once more when the answer comes.
        if (approvals[id] !== undefined) return "user-approval" as const;
        const asked = await ask(gate, run, { id, args });
        if (!("waitsFor" in asked)) return "approved" as const;
        approvals[id] = asked.waitsFor;
        return "user-approval" as const;
      },
    },
  };
}

const Kept = z.object({
  messages: z.array(z.custom<ModelMessage>((value) => typeof value === "object")),
  approvals: z.record(z.string(), z.string()),
});

function example(gate: RefundGate): Agent {
  const settings = { model: scripted(), stopWhen: isStepCount(5), maxRetries: 0 };
  return {
    async start(written): Promise<Stopped> {
      const approvals: Approvals = {};
      const asked: ModelMessage = { role: "user", content: written };
      const gated = gatedRefund(gate, "conversation-1", approvals);
      const { responseMessages } = await generateText({ ...settings, ...gated, messages: [asked] });
      const state = JSON.stringify({ messages: [asked, ...responseMessages], approvals });
      return { state, waitsFor: Object.values(approvals) };
    },
    async goOn(state) {
      const { messages, approvals } = Kept.parse(JSON.parse(state));
      const answers: ModelMessage = {
        role: "tool",
        content: requestsIn(messages).map((approvalId) => ({
          type: "tool-approval-response",
          approvalId,
          approved: true,
        })),
      };
      const gated = gatedRefund(gate, "conversation-1", approvals);
      const { text } = await generateText({
        ...settings,
        ...gated,
        messages: [...messages, answers],
      });
      return text;
    },
  };
}

function requestsIn(messages: readonly ModelMessage[]): readonly string[] {
  return messages.flatMap(({ content }) =>
    typeof content === "string"
      ? []
      : content.flatMap((part) => (part.type === "tool-approval-request" ? part.approvalId : [])),
  );
}

const USAGE = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** No model: it asks for the refund, and says what the tool told. */
function scripted(): MockLanguageModelV4 {
  const { id: toolCallId, name: toolName, args } = CALL;
  const call = { type: "tool-call" as const, toolCallId, toolName, input: JSON.stringify(args) };
  return new MockLanguageModelV4({
    async doGenerate({ prompt }) {
      const results = prompt.flatMap(({ role, content }) =>
        role === "tool" ? content.flatMap((part) => ("output" in part ? part.output : [])) : [],
      );
      const told = results.flatMap((output) => (output.type === "text" ? output.value : [])).at(-1);
      const text = { type: "text" as const, text: `The tool told: ${told ?? ""}` };
      const unified = told === undefined ? ("tool-calls" as const) : ("stop" as const);
      const content = told === undefined ? [call] : [text];
      return { content, finishReason: { unified, raw: unified }, usage: USAGE, warnings: [] };
    },
  });
}

await play(example);
