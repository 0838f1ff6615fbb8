/** The gate under `@langchain/langgraph`: one node proposes, the next waits by `interrupt` and tells what came of it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { AIMessage, HumanMessage, ToolMessage, type BaseMessage } from "@langchain/core/messages";
import {
  Annotation,
  Command,
  END,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { z } from "zod";
import { ask, CALL, play, Refund, type Agent, type RefundGate, type Stopped } from "./world.ts";

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  /** Approvals of the last step, by the ids of its tool calls. */
  approvals: Annotation<Readonly<Record<string, string>>>({
    reducer: (_, next) => next,
    default: () => ({}),
  }),
});
type State = typeof State.State;

/** Proposes the calls of the last message; what needs no person is told at once. */
export function proposes(gate: RefundGate, run: string) {
  return async ({ messages }: State) => {
    const last = messages.at(-1);
    const approvals: Record<string, string> = {};
    const told: ToolMessage[] = [];
    for (const { id = "", args } of last instanceof AIMessage ? (last.tool_calls ?? []) : []) {
      const asked = await ask(gate, run, { id, args: Refund.parse(args) });
      if ("waitsFor" in asked) approvals[id] = asked.waitsFor;
      else told.push(new ToolMessage({ tool_call_id: id, content: asked.told }));
    }
    return { approvals, messages: told };
  };
}

/** Waits, and tells. What resumes it is no decision: whether and what happened is the gate's. */
export function waits(gate: RefundGate) {
  return async ({ approvals }: State) => {
    const waiting = Object.entries(approvals);
    if (waiting.length > 0) interrupt(Object.values(approvals));
    const messages: ToolMessage[] = [];
    for (const [id, approval] of waiting) {
      const { told } = await gate.outcome(approval);
      messages.push(new ToolMessage({ tool_call_id: id, content: told }));
    }
    return { approvals: {}, messages };
  };
}

/** A saver that outlives its process, in a file; an application takes one over its database. */
function savedIn(file: string): { readonly saver: MemorySaver; readonly save: () => void } {
  const saver = new MemorySaver();
  if (existsSync(file)) Object.assign(saver, deserialize(readFileSync(file)));
  const { storage, writes } = saver;
  return { saver, save: () => writeFileSync(file, serialize({ storage, writes })) };
}

const Waiting = z.looseObject({
  __interrupt__: z.array(z.looseObject({ value: z.array(z.string()) })),
});

function example(gate: RefundGate, folder: string): Agent {
  const { saver, save } = savedIn(join(folder, "threads"));
  const thread = "conversation-1";
  const graph = new StateGraph(State)
    .addNode("model", ({ messages }) => ({ messages: [scripted(messages)] }))
    .addNode("propose", proposes(gate, thread))
    .addNode("wait", waits(gate))
    .addEdge(START, "model")
    .addConditionalEdges("model", ({ messages }) => (asksIn(messages) ? "propose" : END))
    .addEdge("propose", "wait")
    .addEdge("wait", "model")
    .compile({ checkpointer: saver });
  const config = { configurable: { thread_id: thread } };
  return {
    async start(written): Promise<Stopped> {
      const stopped = await graph.invoke({ messages: [new HumanMessage(written)] }, config);
      save();
      const waitsFor = Waiting.parse(stopped).__interrupt__.flatMap(({ value }) => value);
      return { state: thread, waitsFor };
    },
    async goOn(state) {
      const over = { configurable: { thread_id: state } };
      const { messages } = await graph.invoke(new Command({ resume: true }), over);
      save();
      return messages.at(-1)?.text ?? "";
    },
  };
}

function asksIn(messages: readonly BaseMessage[]): boolean {
  const last = messages.at(-1);
  return last instanceof AIMessage && (last.tool_calls ?? []).length > 0;
}

/** No model: it asks for the refund, and says what the tool told. */
function scripted(messages: readonly BaseMessage[]): AIMessage {
  const last = messages.at(-1);
  if (last instanceof ToolMessage) return new AIMessage(`The tool told: ${last.text}`);
  return new AIMessage({ content: "", tool_calls: [{ ...CALL, type: "tool_call" }] });
}

await play(example);
