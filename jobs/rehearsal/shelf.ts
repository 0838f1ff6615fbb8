/** What the command asks of a rehearsal, and what it gets. */
import type { Autonomy } from "#core/contracts/policy.ts";
import type { RehearsedTicket } from "#core/values/rehearsal.ts";
import type { RehearsalEnd } from "./run.ts";

/** Where tickets come from. Paths are whole, since another process may read them. */
export type RehearsalSource =
  | { readonly kind: "zendesk" }
  /** `ours` are the team's addresses; none takes those of the connected inboxes. */
  | { readonly kind: "mailbox"; readonly path: string; readonly ours: readonly string[] }
  | { readonly kind: "file"; readonly path: string };

/** One wish for a rehearsal. */
export interface RehearsalRequest {
  readonly source: RehearsalSource;
  /** The newest so many tickets. */
  readonly last: number;
  readonly concurrency: number;
  /** Dollars; null for no ceiling. */
  readonly budgetUsd: number | null;
  /** True plays as if every customer with an address had proved it. */
  readonly proven: boolean;
  /** True begins a new rehearsal although one is unfinished. */
  readonly anew: boolean;
  /** How answers would go out on every channel; null as the policy says. */
  readonly as: Autonomy | null;
}

/** How a rehearsal ended, with all its tickets. */
export interface RehearsalResult {
  readonly end: RehearsalEnd;
  readonly model: string;
  /** True for rehearsal rules, which are no AI. */
  readonly isRehearsalModel: boolean;
  readonly tickets: readonly RehearsedTicket[];
  /** What of the source could not be read, with the reason. */
  readonly leftOut: readonly string[];
}

/** Rehearses where the data is: in the running process, or in one made for it. */
export type Rehearse = (request: RehearsalRequest) => Promise<RehearsalResult>;
