/** `@langchain/langgraph`: a node calls `interrupt`, the checkpointer keeps the thread, and a command resumes it. */
import {
  Annotation,
  Command,
  END,
  interrupt,
  MemorySaver,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { z } from "zod";
import {
  lacking,
  type Call,
  type FreeCall,
  type Offered,
  type System,
} from "@deskhand/gate-conformance/contract.ts";
import {
  act,
  application,
  applicationOffers,
  applicationWorld,
  type Application,
  type Outside,
  type Sdk,
  type Standing,
} from "./application.ts";

const INTERRUPTS = "https://docs.langchain.com/oss/javascript/langgraph/interrupts.md";
const DURABLE = "https://docs.langchain.com/oss/javascript/langgraph/durable-execution.md";
const TRAVEL = "https://docs.langchain.com/oss/javascript/use-time-travel";

const Answered = z.object({
  kind: z.enum(["yes", "no", "edit"]),
  reason: z.string().default(""),
  call: z.object({ args: z.record(z.string(), z.unknown()) }).optional(),
});

const State = Annotation.Root({
  work: Annotation<FreeCall | null>({ reducer: (_, next) => next, default: () => null }),
  calls: Annotation<readonly Call[]>({ reducer: (_, next) => next, default: () => [] }),
  told: Annotation<Readonly<Record<string, string>>>({
    reducer: (before, next) => ({ ...before, ...next }),
    default: () => ({}),
  }),
});

interface Gated {
  readonly work: FreeCall | null;
  readonly call: Call;
  readonly id: string;
}

/** Where work before the gate stands: in a node before it, as the documents advise, or in the node that asks. */
type WorkIn = "own node" | "same node";

function graphOn(outside: Outside, workIn: WorkIn, saver: MemorySaver) {
  const gate = async ({ work, call, id }: Gated) => {
    if (work !== null && workIn === "same node") act(outside, work.action, work.args);
    if (call.action === "note") return { told: { [id]: act(outside, call.action, call.args) } };
    const { kind, reason, call: edited } = Answered.parse(interrupt({ id, call }));
    if (kind === "no") return { told: { [id]: `refused ${reason}` } };
    return { told: { [id]: `${act(outside, call.action, edited?.args ?? call.args)} ${reason}` } };
  };
  const inner = new StateGraph(State)
    .addNode("before", async ({ work }) => {
      if (work !== null && workIn === "own node") act(outside, work.action, work.args);
      return {};
    })
    .addNode("gate", gate)
    .addEdge(START, "before")
    .addConditionalEdges(
      "before",
      ({ work, calls }) =>
        calls.map((call, index) => new Send("gate", { work, call, id: String(index) })),
      ["gate"],
    )
    .addEdge("gate", END);
  const nested = new StateGraph(State)
    .addNode("inner", inner.compile())
    .addEdge(START, "inner")
    .addEdge("inner", END);
  return {
    nested: nested.compile({ checkpointer: saver }),
    plain: inner.compile({ checkpointer: saver }),
  };
}

const Asked = z.object({
  id: z.string(),
  value: z.object({ id: z.string(), call: z.object({ action: z.string(), args: z.unknown() }) }),
});

/** What comes out of a graph names what waits in it. */
const Stopped = z.looseObject({ __interrupt__: z.array(Asked).default([]) });

const Values = z.looseObject({ told: z.record(z.string(), z.string()) });

/** What an application keeps of a run: the thread, what waits there, and answers that are not handed over yet. */
const Kept = z.object({
  thread: z.string(),
  /** The ids of interrupts, by the ids of calls. */
  waiting: z.record(z.string(), z.string()),
  answers: z.record(z.string(), z.unknown()),
});
type Kept = z.infer<typeof Kept>;

function sdk(workIn: WorkIn, saver: () => MemorySaver): (outside: Outside) => Sdk {
  return (outside) => {
    const go = async (thread: string, input: object, mode: string | null): Promise<Standing> => {
      const { nested, plain } = graphOn(outside, workIn, saver());
      const graph = mode === "nested" ? nested : plain;
      const config = { configurable: { thread_id: thread } };
      const asked: z.infer<typeof Asked>[] = [];
      if (mode === "streamed")
        for await (const chunk of await graph.stream(input, { ...config, streamMode: "updates" }))
          asked.push(...(Stopped.safeParse(chunk).data?.__interrupt__ ?? []));
      else asked.push(...Stopped.parse(await graph.invoke(input, config)).__interrupt__);
      const { told } = Values.parse((await graph.getState(config)).values);
      const ids = asked.map(({ id, value }) => [value.id, id] as const);
      const kept: Kept = { thread, waiting: Object.fromEntries(ids), answers: {} };
      const waiting = asked.map(({ value: { id, call } }) => ({
        id,
        action: call.action,
        args: JSON.stringify(call.args),
      }));
      return { state: JSON.stringify(kept), waiting, told: new Map(Object.entries(told)) };
    };
    let count = 0;
    return {
      async start(steps, mode) {
        const [first = [], second] = steps;
        const [work] = second === undefined ? [] : first;
        const calls = second ?? first;
        const given = { calls, work: work?.action === "note" ? work : null };
        return go(`thread-${(count += 1)}`, given, mode);
      },
      async answer(state, id, decision) {
        const kept = Kept.parse(JSON.parse(state));
        const waits = kept.waiting[id];
        if (waits === undefined) return null;
        return JSON.stringify({ ...kept, answers: { ...kept.answers, [waits]: decision } });
      },
      async resume(state, mode) {
        const { thread, answers } = Kept.parse(JSON.parse(state));
        return go(thread, new Command({ resume: answers }), mode);
      },
    };
  };
}

const OWN_STORAGE = lacking("checkpoints are the application's own storage", INTERRUPTS);
const REPLAY = lacking("answering an older checkpoint again is a documented feature", TRAVEL);

function offers(app: Application): Offered {
  return {
    ...applicationOffers(app),
    nested: true,
    apart: true,
    edit: lacking("an answer is any value; what an edit may be is the node's part", INTERRUPTS),
    reasonWithYes: lacking("an answer is any value; what it says is the node's part", INTERRUPTS),
    forge: lacking("an answer resumes what waits in a thread; there is no request to forge"),
    swap: lacking(
      "the answer's value is handed to the node, which decides what it may say",
      INTERRUPTS,
    ),
    always: lacking("no standing yes is described", INTERRUPTS),
    crashAt: lacking("effects around an interrupt are to be repeatable without harm", DURABLE),
    alter: OWN_STORAGE,
    turnNoIntoYes: OWN_STORAGE,
    copy: REPLAY,
    putBack: REPLAY,
  };
}

/** Twice: as a first graph is written, and with a durable saver and work in a node of its own. */
export function langGraph(version: string): readonly System[] {
  const system = { name: "@langchain/langgraph", version, pages: [INTERRUPTS, DURABLE, TRAVEL] };
  return [
    {
      ...system,
      settings: "defaults: the in-memory saver, work and interrupt in one node",
      open: async () => {
        const saver = new MemorySaver();
        const app = application(
          true,
          sdk("same node", () => saver),
        );
        const restart = lacking("the in-memory saver ends with its process", INTERRUPTS);
        return applicationWorld(app, { ...offers(app), restart });
      },
    },
    {
      ...system,
      settings: "best: a saver that outlives its process, work in a node before the interrupt",
      open: async () => {
        const kept = new MemorySaver();
        // Each call has a saver of its own over the same stored bytes, as a process has over a database.
        const saver = () =>
          Object.assign(new MemorySaver(), { storage: kept.storage, writes: kept.writes });
        const app = application(true, sdk("own node", saver));
        return applicationWorld(app, offers(app));
      },
    },
  ];
}
