/**
 * Room: approvals that hold, for any agent: what is proposed is sealed, people vote on it, and it happens once.
 * In: the actions an agent may ask for, who may decide, a database, and a clock.
 * Out: a gate: `propose`, `waiting`, `show`, `decide`, `takeBack`, `run`, `outcome`, `verify`.
 * May touch: tables in a schema of its own, and the targets of the actions; never a model.
 * This file: the contract.
 *
 *   propose ──► pending ──► approved ──► intended ──► executing ──► done
 *                  │  ▲        │             │             ├──► failed    the target said no, or too many tries
 *                  │  └────────┘ taken back  │             └──► unknown   the target cannot say: a person looks
 *                  └──► rejected · expired · void            └──► withdrawn  what it rested on changed
 *
 * An edit is a new version without votes. Every decision is compared and set under the version and the seal that was
 * shown. What began and whose end is unknown is looked up, never called again on a guess.
 */
import { z } from "zod";
import type { checkedChain } from "./kernel/chain.ts";
import { storable } from "./kernel/storable-text.ts";

/** A role that may decide; `lead` counts where leads are needed. */
export const Role = z.enum(["member", "lead"]);
export type Role = z.infer<typeof Role>;

/** Who has to approve, counted in different people. */
export const Approvers = z.strictObject({
  count: z.int().min(1).max(5),
  leads: z.int().min(0).max(5),
  /** The person who asked for it, and whoever edited it, do not count. */
  fourEyes: z.literal(true).optional(),
});
export type Approvers = z.infer<typeof Approvers>;

/** What one layer of rules says about a call; the strictest holds: deny, ask, allow. */
export interface Rule {
  readonly layer: string;
  readonly says: "allow" | "ask" | "deny";
}

/** Thrown by a target: nothing happened, and it may be tried again. */
export class NothingHappened extends Error {
  override readonly name = "NothingHappened";
  /** How long the target asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Thrown by a target: nothing happened, and nothing will. Any other error leaves doubt, and `find` is asked. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** What a target says about a key whose answer was lost. */
export type LookedUp =
  | { readonly state: "done"; readonly ref: string }
  | { readonly state: "absent" }
  | { readonly state: "unknowable"; readonly reason: string };

/** An action, with the only code that carries it out. Without `rules` a person is asked. */
export interface ActionSpec<Schema extends z.ZodType = z.ZodType> {
  /** Parses what an agent gives, and what a person edits; defaults and hooks belong here, since its output is sealed. */
  readonly args: Schema;
  rules?(args: z.output<Schema>): readonly Rule[];
  readonly approvers?: Approvers;
  /** What it rests on outside, read again before a yes counts and before it begins: a change voids the approval. */
  facts?(args: z.output<Schema>): Promise<unknown>;
  /**
   * Carries it out under a key that is the same at every try. While `isFirst` is true no process can have sent it before.
   * Gives the target's own id of what was made.
   */
  commit(
    args: z.output<Schema>,
    call: { readonly key: string; readonly isFirst: () => boolean; readonly signal: AbortSignal },
  ): Promise<string>;
  /** Asks the target what became of a key. Without it, an effect whose answer was lost ends as `unknown`. */
  find?(args: z.output<Schema>, key: string): Promise<LookedUp>;
}

/** The actions of a gate, by name. */
export type Actions = Readonly<Record<string, ActionSpec>>;

/** A call of one of these actions. */
export type Call<Given extends Actions> = {
  readonly [Name in keyof Given & string]: {
    readonly action: Name;
    readonly args: z.input<Given[Name]["args"]>;
    /** What makes the same action the same: asked again under it, it is one approval and one effect. */
    readonly key?: string;
  };
}[keyof Given & string];

declare const LOGGED_IN: unique symbol;

/** A person as the caller's login knows them; made by `loggedIn` alone, so that a name in a body is none. */
export interface Login {
  readonly id: string;
  readonly name: string;
  readonly [LOGGED_IN]: true;
}

/** How a person is known everywhere: one spelling. Throws for a name that is empty. */
export function personId(given: string): string {
  const id = storable(given.trim().toLowerCase());
  if (id === "") throw new Error("a person has an id");
  return id;
}

/** Says that this caller is logged in as this person. Call it where sessions are checked, nowhere else. */
export function loggedIn(id: string, name: string): Login {
  const login = Object.freeze({ id: personId(id), name: storable(name) }) as Login;
  LOGINS.add(login);
  return login;
}

const LOGINS = new WeakSet<object>();

/** Whether this is what `loggedIn` made, for callers whose compiler did not look. */
export function isLogin(who: unknown): who is Login {
  return typeof who === "object" && who !== null && LOGINS.has(who);
}

/** One version of an approval, as it was shown. */
export interface Ticket {
  readonly id: string;
  readonly version: number;
}

const REASON_MAX = 2_000;

/** What a person says. Anything else, or anything more, is no decision. */
export const Decision = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("yes"), reason: z.string().max(REASON_MAX).optional() }),
  z.strictObject({ kind: z.literal("no"), reason: z.string().max(REASON_MAX).optional() }),
  /** Other arguments for the same action: a new version without votes. */
  z.strictObject({ kind: z.literal("edit"), args: z.unknown() }),
  /** A yes for now, and for exactly this call from now on. */
  z.strictObject({ kind: z.literal("always") }),
]);
export type Decision = z.infer<typeof Decision>;

/** What a person is told. */
export type Answer =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: string };

/** What came of a proposal. */
export type Proposed = { readonly rule: Rule } & (
  | { readonly state: "waiting"; readonly ticket: Ticket }
  /** No person is asked: rules or a standing yes allow it, and the next `run` carries it out. */
  | { readonly state: "allowed"; readonly id: string }
  | { readonly state: "denied" }
  /** It was decided before: refused in this run, or done or under way under this key. */
  | { readonly state: "decided"; readonly outcome: Outcome }
);

/** What became of an approval, as its run and its people are told. */
export interface Outcome {
  readonly state: "waiting" | "executed" | "refused" | "expired" | "void" | "failed" | "unknown";
  /** The words the run goes on with. */
  readonly told: string;
  /** Who decided last; null where no person did. */
  readonly by: string | null;
}

/** What a check of the whole audit found. */
export type Verdict = Awaited<ReturnType<typeof checkedChain>>;

/** A gate. */
export interface Gate<Given extends Actions> {
  /** An agent asks, in one step of a run. `by` is the person it asks for, who does not count under four eyes. */
  propose(asked: {
    readonly run: string;
    readonly calls: readonly Call<Given>[];
    readonly by?: string;
  }): Promise<readonly Proposed[]>;
  /** What waits for people, oldest first. */
  waiting(): Promise<readonly Ticket[]>;
  /** The whole of it as text, with what cannot be seen made visible; null for a version that is not there. */
  show(ticket: Ticket): Promise<string | null>;
  /** What comes from outside is parsed here: whatever is no `Decision` is refused. */
  decide(ticket: Ticket, who: Login, decision: unknown): Promise<Answer>;
  /** Takes a yes back that was not tried yet: it waits again, as a new version. A standing yes for it ends. */
  takeBack(ticket: Ticket, who: Login): Promise<Answer>;
  /** Ends the standing yes for exactly this call, if there is one; any person with a role may. */
  endStanding(call: Call<Given>, who: Login): Promise<Answer>;
  /** Carries out what is due; several processes may. Returns how many effects happened. */
  run(): Promise<number>;
  outcome(id: string): Promise<Outcome>;
  /** After a restore of the database: what was proposed before is looked up before it is called. */
  restored(): Promise<void>;
  /** Checks the audit's chain. */
  verify(): Promise<Verdict>;
}
