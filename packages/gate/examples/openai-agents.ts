/** The gate under `@openai/agents`: `needsApproval` proposes, the interruption waits, and `execute` tells what came of it. */
import { Agent, run, RunState, setTracingDisabled, tool, Usage, type Model } from "@openai/agents";
import { z } from "zod";
import {
  ask,
  CALL,
  play,
  Refund,
  type Agent as Example,
  type RefundGate,
  type Stopped,
} from "./world.ts";

/** Kept by the SDK in the run's state: the run's name, and approvals by the ids of tool calls. */
const Context = z.object({ run: z.string(), approvals: z.record(z.string(), z.string()) });
type Context = z.infer<typeof Context>;

/** The tool. The SDK's own yes only lets the run go on: whether and what happens is the gate's. */
export function gatedRefund(gate: RefundGate) {
  return tool<typeof Refund, Context>({
    name: "refund",
    description: "Gives money back. A person decides.",
    parameters: Refund,
    async needsApproval(around, args, id = "") {
      const { run: name, approvals } = Context.parse(around.context);
      const asked = await ask(gate, name, { id, args });
      if (!("waitsFor" in asked)) return false;
      approvals[id] = asked.waitsFor;
      around.context = { run: name, approvals };
      return true;
    },
    async execute(args, around, details) {
      const { run: name, approvals } = Context.parse(around?.context);
      const id = details?.toolCall?.callId ?? "";
      const approval = approvals[id];
      if (approval !== undefined) return (await gate.outcome(approval)).told;
      const asked = await ask(gate, name, { id, args });
      return "told" in asked ? asked.told : "A person has not decided yet.";
    },
  });
}

function example(gate: RefundGate): Example {
  setTracingDisabled(true);
  const agent = new Agent<Context>({
    name: "desk",
    instructions: "Help the customer.",
    model: scripted(),
    tools: [gatedRefund(gate)],
  });
  return {
    async start(written): Promise<Stopped> {
      const context: Context = { run: "conversation-1", approvals: {} };
      const { state } = await run(agent, written, { context });
      const waitsFor = Object.values(Context.parse(state._context.context).approvals);
      return { state: state.toString(), waitsFor };
    },
    async goOn(text) {
      const state = await RunState.fromString<Context, typeof agent>(agent, text);
      for (const item of state.getInterruptions()) state.approve(item);
      return String((await run(agent, state)).finalOutput);
    },
  };
}

const Result = z.looseObject({
  type: z.literal("function_call_result"),
  output: z.looseObject({ text: z.string() }),
});

/** No model: it asks for the refund, and says what the tool told. */
function scripted(): Model {
  const usage = new Usage({ requests: 1, inputTokens: 1, outputTokens: 1, totalTokens: 2 });
  return {
    async getResponse({ input }) {
      const items: readonly unknown[] = typeof input === "string" ? [] : input;
      const told = items.flatMap((item) => Result.safeParse(item).data?.output.text ?? []).at(-1);
      return { usage, output: [told === undefined ? called() : said(`The tool told: ${told}`)] };
    },
    getStreamedResponse() {
      throw new Error("this script does not stream");
    },
  };
}

function called() {
  const { id: callId, name, args } = CALL;
  const status = "completed" as const;
  return { type: "function_call" as const, callId, name, arguments: JSON.stringify(args), status };
}

function said(text: string) {
  return {
    type: "message" as const,
    role: "assistant" as const,
    status: "completed" as const,
    content: [{ type: "output_text" as const, text }],
  };
}

await play(example);
