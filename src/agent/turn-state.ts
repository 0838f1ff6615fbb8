/** The agent's dependencies, the state of one turn, the tools it is offered, and its topic. */
import type { FollowedProcedure, Procedures, Passage } from "#core/contracts/knowledge.ts";
import type { InputGuard, OutputCheck } from "#core/contracts/guard.ts";
import {
  type Model,
  type ModelMessage,
  strictSchema,
  type OfferedTool,
} from "#core/contracts/model.ts";
import type { Origin, PlannedAction, Provenance } from "#core/values/action.ts";
import type { Decision, Policy } from "#core/contracts/policy.ts";
import type { Clock, Ids } from "#core/contracts/ports.ts";
import type { ProposeResult, ToolContext } from "#core/contracts/tool.ts";
import type { DecidedAction, TurnInput, Used } from "#core/contracts/agent.ts";
import type { AgentTool } from "#tools/ending-tools.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { PriceTable } from "./prices.ts";
import { procedureTool } from "./follow-procedures.ts";
import type { Deadline } from "#core/values/deadline.ts";
import { JsonObject } from "#core/values/canonical-json.ts";

/** What the policy is asked about one planned action of a turn. */
export interface ActionQuestion {
  readonly planned: PlannedAction;
  readonly origin: Origin;
  readonly input: TurnInput;
  readonly topic: string;
  /** Decisions on other actions of this turn, whose limits are not in the database yet. */
  readonly earlier: readonly Decision[];
}

/** What a second reading says of a wish; `unread` where the words could not be read. */
export type WishRead = "asked" | "not" | "unread";

/** What calls of tools go through: a recording notes what they give, a replay gives what was noted. */
interface AroundCalls {
  read(tool: string, input: unknown, call: () => Promise<unknown>): Promise<unknown>;
  propose(tool: string, input: unknown, call: () => Promise<ProposeResult>): Promise<ProposeResult>;
}

/** The agent's dependencies, given by the composition root. */
export interface AgentParts {
  readonly model: Model;
  readonly tools: readonly AgentTool[];
  /** Left out where tools are called directly. */
  readonly around?: AroundCalls;
  /** True where each turn keeps what it was given, so that it can be run again; left out where none does. */
  readonly recorded?: true;
  readonly guard: InputGuard;
  /** The team's procedures in use; left out where there are none. */
  readonly procedures?: Procedures;
  /** Rules in place of the product's own, for a benchmark that brings its policy as a prompt; left out otherwise. */
  readonly rules?: string;
  readonly output: OutputCheck;
  /** Asks the policy about a planned action, counting the limits and this turn's `earlier` decisions. */
  readonly decide: (question: ActionQuestion) => Promise<Decision>;
  /** Read at the start of each turn, so that a changed policy applies from the next one on. */
  readonly caps: () => Policy["caps"];
  readonly clock: Clock;
  /** The day that a moment is to the team, as midnight UTC. */
  readonly dayOf: (at: Date) => Date;
  readonly ids: Ids;
  readonly prices: PriceTable;
  /** The model that reads drafts against their sources, and how long it may take; null where none is configured. */
  readonly verifier: { readonly model: Model; readonly ms: number } | null;
  /** Whether a draft may go out without a person, and when it is read. */
  readonly freedom: Pick<Policy, "replyAutonomy" | "verifyOn">;
  /** The canary of the prompts. It appears nowhere else, and the output check knows it. */
  readonly canary: string;
}

/** What one turn has gathered so far. Created at its start, dropped at its end, never shared. */
export interface TurnState extends Used {
  /** True once the model was silent for a whole try and the turn's time ran out because of it. */
  modelIsSilent: boolean;
  readonly input: TurnInput;
  readonly nonce: string;
  readonly startedAt: Date;
  readonly deadline: Deadline;
  readonly caps: Policy["caps"];
  readonly context: ToolContext;
  readonly messages: ModelMessage[];
  /** What they began with. */
  readonly opening: Opening;
  /** True once they were shortened, because the model had no room for them. */
  isShortened: boolean;
  /** The procedures it has opened. */
  readonly procedures: FollowedProcedure[];
  /** The procedure and the step the model says it followed, in its words; empty when it says none. */
  followed: string;
  /** What of the teammate's instruction it says it left out, and why; empty when it says nothing. */
  leftOut: string;
  /** By effect key, in proposal order; proposing under the same key again replaces the earlier action. */
  readonly actions: Map<string, DecidedAction>;
  readonly denied: Map<string, DecidedAction>;
  readonly passages: Map<string, Passage>;
  readonly toolsCalled: string[];
  /** Who wrote what the model has read so far. */
  readonly provenance: Set<Provenance>;
  /** Results the model saw, against which the reply is checked. */
  readonly toolResults: { readonly tool: string; readonly result: unknown }[];
  /** One line per call, for the teammate who takes over. */
  readonly tried: string[];
  /** The answer to each call and how often it was given, so that repeating a call costs nothing. */
  readonly told: Map<string, { readonly content: string; readonly times: number }>;
  /** What the second reading said of a wish, by effect key: it is not asked again until it says yes. */
  readonly wishesRead: Map<string, { readonly label: string; readonly wish: WishRead }>;
  /** True once the second reading failed: the turn does not wait for it again. */
  readerIsAway: boolean;
  /** The topic of the last write tool called, whatever the model says later. */
  writeTopic: string | null;
  /** True once suspicious text was read: from then on no write tool is offered. */
  readOnly: boolean;
  /** Whether the messages themselves are doubted: a person decides on every action. */
  readonly isDoubted: boolean;
  /** Why the guard doubted something that the turn read. */
  readonly doubts: string[];
  accountData: boolean;
  repairs: number;
  invalidCalls: number;
  invalidRounds: number;
  /** What was wrong with the last of them. */
  invalid: "call" | "empty" | "unusable";
}

/** The share of a turn's time one model call may take: a call that hangs leaves time for another and for the rest. */
const TRY_SHARE = 1 / 3;

/** How many milliseconds of a turn one model call may take. */
export function tryMsMax({ caps }: Pick<TurnState, "caps">): number {
  return Math.max(1, Math.floor(caps.turn.ms * TRY_SHARE));
}

// What of the tools a turn offers its model.

const OFFERS = new WeakMap<AgentTool, OfferedTool>();

/** Tools as offered to a model. Each is written once, so that what is made of it can be kept as well. */
export function toolOffers(tools: readonly AgentTool[]): readonly OfferedTool[] {
  return tools.map((tool) => {
    const offer = OFFERS.get(tool) ?? makeOffer(tool);
    OFFERS.set(tool, offer);
    return offer;
  });
}

/** What a turn offers now: to a turn that only reads nothing that changes something; procedures can be opened where some hold. */
export function offeredTools(
  { readOnly, input, opening }: Pick<TurnState, "readOnly" | "input" | "opening">,
  { tools }: Pick<AgentParts, "tools">,
): readonly OfferedTool[] {
  const offered = tools.filter(
    (tool) => isFor(tool, input.requester.level) && !(readOnly && tool.kind === "write"),
  );
  const held = opening.procedures ?? [];
  return [...(held.length === 0 ? [] : [procedureTool(held)]), ...toolOffers(offered)];
}

/** Whether a tool is offered to a writer of this level; one that only reads always is and finds nothing for strangers. */
export function isFor({ kind, minimumLevel }: AgentTool, level: IdentityLevel): boolean {
  return kind !== "write" || minimumLevel <= level;
}

/** The field, added to what a tool takes that proposes, with the customer's sentence that asks for it. */
export const QUOTE = "asked_with";

function makeOffer(tool: AgentTool): OfferedTool {
  const { name, description, input } = tool;
  const parameters = strictSchema(input);
  if (tool.kind !== "write" || tool.personDecides === true)
    return { name, description, parameters };
  const fields = JsonObject.parse(parameters["properties"]);
  const properties = { ...fields, [QUOTE]: { type: ["string", "null"] } };
  const required = Object.keys(properties);
  return { name, description, parameters: { ...parameters, properties, required } };
}

// The topic of a turn.

/** Topics of replies that use no account data. */
const WITHOUT_ACCOUNT: ReadonlySet<string> = new Set(["faq", "greeting", "other"]);

/**
 * The topic of the turn. It decides how freely a reply goes out, so a model can only choose within what the code has
 * seen: a proposed change decides it, and account data is never filed under a harmless topic.
 */
export function turnTopic(state: TurnState, chosen: string | null): string {
  if (state.writeTopic !== null) return state.writeTopic;
  if (state.accountData && (chosen === null || WITHOUT_ACCOUNT.has(chosen))) return "order_status";
  return chosen ?? (state.passages.size > 0 ? "faq" : "other");
}

/** What a transcript begins with. */
export interface Opening {
  readonly input: TurnInput;
  readonly guard: InputGuard;
  readonly nonce: string;
  readonly canary: string;
  /** Names of the tools of this installation whose actions the policy or a person decides on. */
  readonly decided: readonly string[];
  /** True when none of them is offered in this turn. */
  readonly readOnly: boolean;
  /** Rules in place of the product's own. */
  readonly rules?: string | undefined;
  /** The team's procedures that hold here; none when left out. */
  readonly procedures?: readonly FollowedProcedure[];
  /** True once it was shortened, because the model had no room for all of it. */
  readonly isShort?: boolean | undefined;
  readonly today: Date;
}
