/** What commands get of the composed parts: of a running Deskhand, or of the same one put together for them. */
import type { JsonObject } from "#core/values/canonical-json.ts";
import type { Decision } from "#core/contracts/policy.ts";
import type { IdentityLevel } from "#core/values/identity.ts";
import type { ToolFinding } from "#doctor/probes.ts";
import type { ProcedureShelf } from "#jobs/procedures/shelf.ts";
import type { RehearsalRequest } from "#jobs/rehearsal/run.ts";
import type { RehearsalResult } from "#jobs/rehearsal/summary-text.ts";
import type { KnowledgeShelf } from "./knowledge-commands.ts";
import type { ReplayRecording } from "./turns/replay-command.ts";

/** A command is given those it needs, and none where no setting or no data is known. */
export interface CommandParts {
  /** The team's procedures. */
  readonly procedures: ProcedureShelf;
  /** What the bot is offered. */
  readonly tools: ToolParts;
  /** Plays past tickets. */
  readonly rehearse: (request: RehearsalRequest) => Promise<RehearsalResult>;
  /** Opens the help pages. */
  readonly knowledge: () => Promise<KnowledgeShelf>;
  /** Runs a recorded turn again. */
  readonly replay: ReplayRecording;
}

/** The part that a command cannot do without. Throws where there is none. */
export function needed<Part>(part: Part | null | undefined): Part {
  if (part === undefined || part === null) throw new Error("this command has no data to work on");
  return part;
}

/** What the commands about tools ask. */
export interface ToolParts {
  list(): Promise<readonly ListedTool[]>;
  /** Looks at every declaration, and asks each system once without changing anything. */
  check(): Promise<readonly ToolFinding[]>;
  /** Throws `input.invalid` for a tool that is not there or ends the turn, and what the shop or the tool throws. */
  try(asked: AskedTry): Promise<TriedTool>;
}

export interface ListedTool {
  readonly name: string;
  /** `ending` ends the turn, such as the reply. */
  readonly kind: "read" | "write" | "ending";
  /** What the policy decides on; null for a tool that changes nothing. */
  readonly operation: string | null;
  /** From this level on it shows and changes something. */
  readonly level: IdentityLevel;
  /** Where it comes from: `built in`, or the name of a connected system. */
  readonly from: string;
  readonly description: string;
  /** The schema of its arguments, as the model gets it. */
  readonly parameters: JsonObject;
}

/** A call to try, as the agent would make it. */
export interface AskedTry {
  readonly name: string;
  /** E-mail address or customer id; taken as proven, since an operator who gives commands here may read the data anyway. */
  readonly customer: string;
  /** The arguments as JSON text. */
  readonly input: string;
  /** What the customer is taken to have written. */
  readonly saying: string;
}

/** What came of a try. Nothing was sent that changes anything. */
export interface TriedTool {
  /** Whose data the turn was bound to, in one sentence. */
  readonly bound: string;
  /** Exactly what the model reads. */
  readonly seen: string;
  /** What a write tool would put to the policy; null for a look-up, and where it proposes nothing. */
  readonly proposed: ProposedTry | null;
}

export interface ProposedTry {
  readonly label: string;
  /** The key under which it happens once. */
  readonly key: string;
  readonly decision: Decision;
  /** The request that would be sent, with marks for secrets; null where another part of Deskhand carries it out. */
  readonly request: string | null;
}
