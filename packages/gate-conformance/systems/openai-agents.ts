/** `@openai/agents`: the run state is a string; `approve` and `reject` are noted in it, and the run goes on with it. */
import { Agent, run, RunState, setTracingDisabled, tool, Usage, type Model } from "@openai/agents";
import { z } from "zod";
import {
  lacking,
  type Call,
  type Mode,
  type Offered,
  type System,
} from "@deskhand/gate-conformance/contract.ts";
import {
  act,
  application,
  applicationOffers,
  hand,
  placeInRun,
  store,
  applicationWorld,
  type Application,
  type Outside,
  type Sdk,
  type Standing,
} from "./application.ts";

const GUIDE = "https://openai.github.io/openai-agents-js/guides/human-in-the-loop";
const SERVER = "https://github.com/openai/openai-agents-python/pull/5105";

type Turn = readonly (Call & { readonly id: string })[] | "help";

const PAY = z.object({ to: z.string(), cents: z.number(), memo: z.string() });

function sdk(outside: Outside): Sdk {
  setTracingDisabled(true);
  const turns: Turn[] = [];
  const model = scripted(turns);
  const tools = [
    tool({
      name: "pay",
      description: "Pays.",
      parameters: PAY,
      needsApproval: true,
      execute: async (args) => act(outside, "pay", args),
    }),
    tool({
      name: "close",
      description: "Closes an account.",
      parameters: z.object({ account: z.string() }),
      needsApproval: true,
      execute: async (args) => act(outside, "close", args),
    }),
    tool({
      name: "note",
      description: "Notes something.",
      parameters: z.object({ text: z.string() }),
      execute: async (args) => act(outside, "note", args),
    }),
  ];
  const agent = new Agent({ name: "plain", instructions: "-", model, tools });
  const helper = new Agent({ name: "helper", instructions: "-", model, tools });
  const asks = helper.asTool({ toolName: "help", toolDescription: "Asks the helper." });
  const outer = new Agent({ name: "outer", instructions: "-", model, tools: [asks] });
  const agentFor = (mode: Mode | null): typeof agent => (mode === "nested" ? outer : agent);
  const state = (text: string, mode: Mode | null) => RunState.fromString(agentFor(mode), text);
  let count = 0;
  return {
    async start(steps, mode) {
      const named = steps.map((step) => step.map((call) => ({ ...call, id: `c${(count += 1)}` })));
      turns.splice(0, turns.length, ...(mode === "nested" ? (["help"] as const) : []), ...named);
      if (mode !== "streamed") return standing((await run(agentFor(mode), "go")).state);
      const streamed = await run(agent, "go", { stream: true });
      await streamed.completed;
      return standing(streamed.state);
    },
    async answer(text, id, decision) {
      // The approval belongs to whichever agent's state holds it.
      const mode = text.includes('"outer"') ? "nested" : null;
      const found = await state(text, mode);
      const item = found.getInterruptions().find((one) => itemCallId(one.rawItem) === id);
      if (item === undefined) return null;
      if (decision.kind === "no")
        found.reject(item, decision.reason === undefined ? {} : { message: decision.reason });
      else found.approve(item, { alwaysApprove: decision.kind === "always" });
      return found.toString();
    },
    async resume(text, mode) {
      turns.splice(0);
      if (mode !== "streamed")
        return standing((await run(agentFor(mode), await state(text, mode))).state);
      const streamed = await run(agent, await state(text, mode), { stream: true });
      await streamed.completed;
      return standing(streamed.state);
    },
  };
}

const CallItem = z.looseObject({ callId: z.string() });

function itemCallId(item: unknown): string {
  return CallItem.safeParse(item).data?.callId ?? "";
}

const Result = z.looseObject({
  type: z.literal("function_call_result"),
  callId: z.string(),
  output: z.union([z.string(), z.looseObject({ text: z.string() })]),
});

/** The part of a run state that is read here, whatever its context is. */
interface Read {
  readonly history: readonly unknown[];
  getInterruptions(): readonly {
    rawItem: unknown;
    name?: string | undefined;
    arguments?: string | undefined;
  }[];
  toString(): string;
}

function standing(state: Read): Standing {
  const waiting = state.getInterruptions().map((item) => ({
    id: itemCallId(item.rawItem),
    action: item.name ?? "",
    args: item.arguments ?? "",
  }));
  const told = state.history.flatMap((item) => {
    const result = Result.safeParse(item).data;
    if (result === undefined) return [];
    const { callId, output } = result;
    return [[callId, typeof output === "string" ? output : output.text] as const];
  });
  return { state: state.toString(), waiting, told: new Map(told) };
}

/** A model that takes the turns it is given, and then says that it is done. */
function scripted(turns: Turn[]): Model {
  const usage = new Usage({ requests: 1, inputTokens: 1, outputTokens: 1, totalTokens: 2 });
  const output = () => {
    const turn = turns.shift();
    if (turn === undefined) return [said("done")];
    if (turn === "help") return [called("help", "help", { input: "please" })];
    return turn.map(({ id, action, args }) => called(id, action, args));
  };
  return {
    getResponse: async () => ({ usage, output: output() }),
    async *getStreamedResponse() {
      const { requests, inputTokens, outputTokens, totalTokens } = usage;
      yield {
        type: "response_done",
        response: {
          id: "r",
          usage: { requests, inputTokens, outputTokens, totalTokens },
          output: output(),
        },
      };
    },
  };
}

function called(callId: string, name: string, args: object) {
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

function offers(app: Application): Offered {
  return {
    ...applicationOffers(app),
    nested: true,
    apart: true,
    edit: lacking("approve, reject, always approve and always reject are described", GUIDE),
    reasonWithYes: lacking("approve takes no reason", GUIDE),
    forge: lacking("a request is part of a run state, see the altered state"),
    swap: lacking("an answer has no payload: it is a call on an item of the state", GUIDE),
    always: (approval) => hand(app, approval, { kind: "always" }),
    async turnNoIntoYes(approval) {
      const { name, id, run: found } = placeInRun(app, approval);
      const before = `"approved":[],"rejected":["${id}"]`;
      store(app, name, found?.state.replace(before, `"approved":["${id}"],"rejected":[]`) ?? "");
    },
    copy: async () => ({ copied: new Map(app.runs) }),
    async putBack({ copied }) {
      if (copied instanceof Map) for (const [name, found] of copied) app.runs.set(name, found);
    },
  };
}

const ON_SERVER = lacking(
  "the documents tell to keep the state on the server, bound to its owner and used once",
  SERVER,
);

/** Twice: with the state in the caller's hand, and kept on the server as its documents advise. */
export function openaiAgents(version: string): readonly System[] {
  const open = () => application(true, sdk);
  const pages = [GUIDE, SERVER];
  const system = { name: "@openai/agents", version, pages };
  return [
    {
      ...system,
      settings: "defaults: the run state goes out to the caller and comes back",
      open: async () => {
        const app = open();
        return applicationWorld(app, offers(app));
      },
    },
    {
      ...system,
      settings: "best: the run state stays on the server and is used once",
      open: async () => {
        const app = open();
        const kept = { alter: ON_SERVER, turnNoIntoYes: ON_SERVER };
        const once = { copy: ON_SERVER, putBack: ON_SERVER };
        return applicationWorld(app, { ...offers(app), ...kept, ...once });
      },
    },
  ];
}
