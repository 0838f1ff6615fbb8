/** The application around an SDK: it keeps runs, lists what waits, and hands decisions on. The gate is the SDK's own. */
import {
  ACCEPTED,
  issued,
  refusedAnswer,
  type Answer,
  type Approval,
  type Call,
  type Decision,
  type Effect,
  type FreeCall,
  type GatedCall,
  type Mode,
  type Offered,
  type Outcome,
  type World,
  lacking,
} from "@deskhand/gate-conformance/contract.ts";

/** What the SDK's agent acts on. */
export interface Outside {
  readonly seen: Effect[];
  isBroken: boolean;
}

/** A call that waits in a run, as the SDK lists it. */
interface Waiting {
  readonly id: string;
  readonly action: string;
  /** As the SDK shows it. */
  readonly args: string;
}

/** Where a run stands: its state as the SDK stores it, what waits, and what it was told so far. */
export interface Standing {
  readonly state: string;
  readonly waiting: readonly Waiting[];
  /** What the run was told about each call that is over, by id. */
  readonly told: ReadonlyMap<string, string>;
}

/** A decision as it is handed to the SDK, which may know a yes for later as well. */
export type Handed = Decision | { readonly kind: "always" };

/** An SDK, driven through its public calls alone. */
export interface Sdk {
  /** The scripted model takes these steps, and then ends. */
  start(steps: readonly (readonly Call[])[], mode: Mode | null): Promise<Standing>;
  /** The state with an answer in it; null when the SDK knows no such call. */
  answer(state: string, id: string, decision: Handed): Promise<string | null>;
  resume(state: string, mode: Mode | null): Promise<Standing>;
}

interface Run extends Standing {
  readonly mode: Mode | null;
  readonly answered: ReadonlySet<string>;
  readonly refused: ReadonlySet<string>;
}

/** Runs by name, each with its state. */
export interface Application {
  readonly outside: Outside;
  readonly runs: Map<string, Run>;
  readonly sdk: Sdk;
  /** False where the SDK goes on only when every call of a step is answered. */
  readonly goesOnApart: boolean;
}

/** Does what the agent's tool does, or refuses as an outside system that is down. */
export function act(outside: Outside, action: string, args: Effect["args"]): string {
  if (outside.isBroken) throw new Error("the outside system refuses");
  outside.seen.push({ action, args: { ...args } });
  return `${action} is done`;
}

/** An application with nothing in it. */
export function application(goesOnApart: boolean, sdk: (outside: Outside) => Sdk): Application {
  const outside: Outside = { seen: [], isBroken: false };
  return { outside, runs: new Map(), sdk: sdk(outside), goesOnApart };
}

/** Starts a run; gives the approvals it waits for. */
async function begin(
  app: Application,
  steps: readonly (readonly Call[])[],
  mode: Mode | null = null,
): Promise<readonly Approval[]> {
  const name = `run${app.runs.size + 1}`;
  const standing = await app.sdk.start(steps, mode);
  app.runs.set(name, { ...standing, mode, answered: new Set(), refused: new Set() });
  return standing.waiting.map(({ id }) => issued(`${name}/${id}`));
}

/** The run and the call that an approval names. */
export function placeInRun(
  { runs }: Application,
  approval: Approval,
): { readonly name: string; readonly id: string; readonly run: Run | undefined } {
  const [name = "", id = ""] = approval.id.split("/");
  return { name, id, run: runs.get(name) };
}

/** Replaces a run's stored state. */
export function store(app: Application, name: string, state: string): void {
  const run = app.runs.get(name);
  if (run !== undefined) app.runs.set(name, { ...run, state });
}

/** Hands an answer to the SDK, which notes it in the state of the run. */
export async function hand(
  app: Application,
  approval: Approval,
  decision: Handed,
): Promise<Answer> {
  const { name, id, run } = placeInRun(app, approval);
  if (run === undefined) return refusedAnswer("there is no such run");
  try {
    const state = await app.sdk.answer(run.state, id, decision);
    if (state === null) return refusedAnswer("no such call waits in this run");
    const answered = new Set([...run.answered, id]);
    const refused = decision.kind === "no" ? new Set([...run.refused, id]) : run.refused;
    app.runs.set(name, { ...run, state, answered, refused });
    return ACCEPTED;
  } catch (error) {
    return refusedAnswer(String(error));
  }
}

/** Every run that was answered goes on; one whose state the SDK refuses stays as it is. */
async function goOn(app: Application): Promise<void> {
  for (const [name, run] of app.runs) {
    const open = run.waiting.filter(({ id }) => !run.answered.has(id));
    if (run.answered.size === 0 || (open.length > 0 && !app.goesOnApart)) continue;
    try {
      const standing = await app.sdk.resume(run.state, run.mode);
      const told = new Map([...run.told, ...standing.told]);
      app.runs.set(name, { ...run, ...standing, told, answered: new Set() });
    } catch (error) {
      const told = new Map([
        ...run.told,
        ...[...run.answered].map((id) => [id, String(error)] as const),
      ]);
      app.runs.set(name, { ...run, told, waiting: open, answered: new Set() });
    }
  }
}

/** What a run was told about a call: the text that the tool gave, or why it was not called. */
function outcomeIn(app: Application, approval: Approval): Outcome {
  const { id, run } = placeInRun(app, approval);
  const told = run?.told.get(id) ?? "";
  if (run === undefined) return { state: "void", told, by: null };
  if (run.waiting.some((one) => one.id === id)) return { state: "waiting", told, by: null };
  if (run.refused.has(id)) return { state: "refused", told, by: null };
  return { state: told.includes("is done") ? "executed" : "failed", told, by: null };
}

/** What every application offers over its SDK; what an SDK's documents say of the rest stands with it. */
export function applicationOffers(app: Application) {
  return {
    ...NOT_CLAIMED,
    // The stored state is all that a process keeps.
    restart: async () => undefined,
    streamed: true,
    together: (calls: readonly Call[]) => begin(app, [calls]),
    afterWork: async (call: GatedCall, work: FreeCall) => {
      const [approval] = await begin(app, [[work], [call]]);
      if (approval === undefined) throw new Error("no person was asked");
      return approval;
    },
    breakOutside: () => void (app.outside.isBroken = true),
    outcome: async (approval: Approval) => outcomeIn(app, approval),
    async alter(from: string, to: string) {
      for (const [name, { state }] of app.runs) store(app, name, state.replaceAll(from, to));
    },
  } as const;
}

/** The six calls, over an application. */
export function applicationWorld(app: Application, offered: Offered): World {
  return {
    async propose(call: GatedCall, mode) {
      const [approval] = await begin(app, [[call]], mode ?? null);
      return approval ?? issued("none");
    },
    perform: async (call) => void (await begin(app, [[call]])),
    waiting: async () =>
      [...app.runs].flatMap(([name, run]) =>
        run.waiting
          .filter(({ id }) => !run.answered.has(id))
          .map(({ id }) => issued(`${name}/${id}`)),
      ),
    async show(approval) {
      const { id, run } = placeInRun(app, approval);
      const found = run?.waiting.find((one) => one.id === id);
      return found === undefined ? "" : `${found.action} ${found.args}`;
    },
    decide: (approval, _person, decision) => hand(app, approval, decision),
    run: () => goOn(app),
    outside: async () => app.outside.seen,
    spell: ({ args }) => Object.values(args).map(String),
    memoMax: 5_000,
    offered,
    close: async () => undefined,
  };
}

// What none of the three SDKs' documents describe: it is the application's part there, so there is no verdict.

const PEOPLE = "who decides is the application's part";
const TIME = "an approval waits without end";
const TOOLS = "what a tool does with its arguments is the application's part";

const NOT_CLAIMED = {
  personName: lacking(PEOPLE),
  two: lacking(PEOPLE),
  another: lacking(PEOPLE),
  none: lacking(PEOPLE),
  anonymous: lacking(PEOPLE),
  claiming: lacking(PEOPLE),
  visit: lacking(PEOPLE),
  settles: lacking("two decisions at once are the application's part"),
  pass: lacking(TIME),
  expiresAfterMs: lacking(TIME),
  rewritten: lacking(TOOLS),
  refer: lacking(TOOLS),
  changeContent: lacking(TOOLS),
  keyed: lacking("nothing is said of the same action proposed twice"),
  next: lacking("a paused run proposes nothing, and nothing is said of the same call after a no"),
  direct: lacking("a direct call of a tool's function is the application's own"),
  ordered: lacking("calls of one step may run side by side"),
  elsewhere: lacking("the suite gives it no tool servers"),
  harmless: lacking("the suite gives it no tool servers"),
  ruled: lacking("one rule decides for a tool; layers are not described"),
  crashAt: lacking("nothing is said of an effect whose record is lost"),
  withdraw: lacking("taking a decision back is not described"),
  say: lacking("a paused run takes nothing but the answers to its approvals"),
  alwaysExact: lacking("no standing yes for one exact call is described"),
} as const;
