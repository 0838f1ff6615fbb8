import type { InputGuard, OutputCheck } from "#core/contracts/guard.ts";
import type { Passage } from "#core/contracts/knowledge.ts";
import type { Model, ModelMessage } from "#core/contracts/model.ts";
import type { PlannedAction } from "#core/values/action.ts";
import type { Origin } from "#core/values/provenance.ts";
import type { Decision, Policy } from "#core/contracts/policy.ts";
import type { Clock, Ids } from "#core/contracts/ports.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import type { Span } from "#core/values/trace.ts";
import type { DecidedAction, TurnInput } from "#core/contracts/agent.ts";
import type { AgentTool } from "#tools/ending-tool.ts";
import type { PriceTable } from "./prices.ts";

/** What the policy is asked about one planned action of a turn. */
export interface ActionQuestion {
  readonly planned: PlannedAction;
  readonly origin: Origin;
  readonly input: TurnInput;
  readonly topic: string;
  /** Decisions of the same turn on other actions, whose limits stand in no database yet. */
  readonly earlier: readonly Decision[];
}

/** What an agent is made of; given by the composition root. */
export interface AgentParts {
  readonly model: Model;
  readonly tools: readonly AgentTool[];
  readonly guard: InputGuard;
  readonly output: OutputCheck;
  /** Asks the policy about a planned action, with the limits counted, those of this turn's `earlier` decisions too. */
  readonly decide: (question: ActionQuestion) => Promise<Decision>;
  /** Read once at the start of each turn, so that a changed policy holds from the next one on. */
  readonly caps: () => Policy["caps"];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly prices: PriceTable;
  /** The mark of one turn's system prompt, by turn id. It stands nowhere else, and the output check knows it. */
  readonly canary: (turnId: string) => string;
}

/** What one turn has gathered so far. Made at its start, thrown away at its end, shared by nobody else. */
export interface TurnState {
  /** True once the model was silent for as long as one try may take and the turn's time ran out over it. */
  modelIsSilent: boolean;
  readonly input: TurnInput;
  readonly nonce: string;
  readonly startedAt: Date;
  readonly deadline: AbortSignal;
  readonly caps: Policy["caps"];
  readonly context: ToolContext;
  readonly messages: ModelMessage[];
  readonly spans: Span[];
  /** By effect key, in the order they were proposed; proposing again under a key replaces the earlier one. */
  readonly actions: Map<string, DecidedAction>;
  readonly denied: Map<string, DecidedAction>;
  readonly passages: Map<string, Passage>;
  readonly toolsCalled: string[];
  /** Results the model saw, against which the reply is checked. */
  readonly toolResults: { readonly tool: string; readonly result: unknown }[];
  /** One line a call, for whoever takes the conversation over. */
  readonly tried: string[];
  /** What was told for each call and how often, so that the same call again costs nothing. */
  readonly told: Map<string, { readonly content: string; readonly times: number }>;
  /** The topic of the last write tool that was called, whatever the model says later. */
  writeTopic: string | null;
  /** True once something suspicious was read: from then on only tools that read. */
  readOnly: boolean;
  accountData: boolean;
  steps: number;
  inputTokens: number;
  outputTokens: number;
  repairs: number;
  invalidCalls: number;
  invalidRounds: number;
}
