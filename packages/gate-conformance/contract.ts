/**
 * Room: a conformance suite for approval gates: an agent proposes, a person decides, and only then something happens.
 * In: an adapter of a system under test.
 * Out: for each of thirty-five cases whether it held, failed, is not offered or could not be judged.
 * May touch: nothing itself; an adapter opens what its system needs.
 * This file: what an adapter gives. `open` makes a fresh world with an agent, its gate and an outside system that counts.
 *
 *   propose ──► waiting ──► decide ──► run ──► outside
 *
 * Six calls are asked of every system. Everything beside them is an offer: an adapter gives it, or says why it does not,
 * and a case that needs what is not offered has no verdict. What has to be named is checked by the compiler.
 */

/** The actions of the suite's agent. `pay` and `close` need a person, `note` needs none. */
interface Actions {
  readonly pay: { readonly to: string; readonly cents: number; readonly memo: string };
  readonly close: { readonly account: string };
  readonly note: { readonly text: string };
}

/** An action that a person has to allow, with its arguments. */
export type GatedCall =
  | { readonly action: "pay"; readonly args: Actions["pay"] }
  | { readonly action: "close"; readonly args: Actions["close"] };

/** An action that needs no person. */
export interface FreeCall {
  readonly action: "note";
  readonly args: Actions["note"];
}

/** Something the agent may do. */
export type Call = GatedCall | FreeCall;

/** What the outside system saw. Whatever a gate lets through is told as it arrived. */
export interface Effect {
  readonly action: string;
  readonly args: Readonly<Record<string, unknown>>;
}

declare const ISSUED: unique symbol;

/** An approval that a system under test issued; made by `issued` alone, so that a bare string is none. */
export interface Approval {
  readonly id: string;
  readonly [ISSUED]: true;
}

/** Names an approval; the same id is the same approval, also after a restart. */
export function issued(id: string): Approval {
  return { id } as Approval;
}

/**
 * Who decides. `approver` and `second` may; `stranger` may not; `requester` asked for it and has the rights of an
 * approver. A system that knows no people ignores it and does not offer `personName`.
 */
export type Person = "approver" | "second" | "stranger" | "requester";

/** What a person says to an approval. */
export type Decision =
  | { readonly kind: "yes"; readonly reason?: string }
  | { readonly kind: "no"; readonly reason?: string }
  | { readonly kind: "edit"; readonly call: GatedCall };

/** What the person is told. A refusal says why. */
export type Answer =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: string };

export const ACCEPTED: Answer = { accepted: true };

/** An answer that changes nothing, and why. */
export function refusedAnswer(reason: string): Answer {
  return { accepted: false, reason };
}

/** Who has to say yes in a world. */
export type Approvers = "one" | "two" | "another person" | "none";

/** Where a process dies, seen from the effect of an approval. */
export type CrashPoint = "before the effect" | "after the effect" | "after the record";

/** How an action reaches the gate besides a plain run. */
export type Mode = "streamed" | "direct" | "nested";

/** Who else than a person may seem to say yes. */
export type Voice = "model" | "peer agent" | "chat text" | "tool result";

/** What became of an approval, as its run and its people are told. */
export interface Outcome {
  readonly state: "waiting" | "executed" | "refused" | "expired" | "void" | "failed" | "unknown";
  /** The words the run goes on with. */
  readonly told: string;
  /** Who decided, by the name of `personName`; null where no person did. */
  readonly by: string | null;
}

/** Stored state that was copied earlier; only the adapter reads it. */
type Copy = { readonly copied: unknown };

/** What a system may offer beside the six calls. */
export interface Offers {
  /** Drops the process and its memory; storage stays. */
  restart(): Promise<void>;
  /** Approvers are named people; gives the name a person is shown by. */
  personName(person: Person): string;
  /** Worlds that need two people, another person than the requester, or that have no approver at all. */
  two: true;
  another: true;
  none: true;
  /** A decision may be an edit. */
  edit: true;
  /** A run may reach the gate in these ways as well. */
  streamed: true;
  direct: true;
  nested: true;
  /** Proposes calls in one step of one run; approvals for the gated ones, in their order. */
  together(calls: readonly Call[]): Promise<readonly Approval[]>;
  /** One of several approvals of a step can be answered while the others wait. */
  apart: true;
  /** The first decision settles an approval, and a person who comes later is told so. */
  settles: true;
  /** Calls of one step are not claimed to be independent: an ungated one waits for a gated one before it. */
  ordered: true;
  /** The agent proposes a call in the run of an earlier approval; null when no person is asked. */
  next(after: Approval, call: GatedCall): Promise<Approval | null>;
  /** Proposes under a key that makes the same action the same; null when no person is asked. */
  keyed(call: GatedCall, key: string): Promise<Approval | null>;
  /** A run notes something outside, and then reaches the gate with the call. */
  afterWork(call: GatedCall, work: FreeCall): Promise<Approval>;
  /** A hook or default turns the proposed call into another before it runs. */
  rewritten(call: GatedCall, becomes: GatedCall): Promise<Approval>;
  /** Proposes a payment to where a record says; `changeContent` changes that record. */
  refer(): Promise<Approval>;
  changeContent(): Promise<void>;
  /** Proposes an action of the same name that another tool server offers. */
  elsewhere(call: GatedCall): Promise<Approval | null>;
  /** Proposes an action whose tool says of itself that it only reads. */
  harmless(call: GatedCall): Promise<Approval | null>;
  /** Proposes under layered rules; says which layer won, and gives the approval where a person is asked. */
  ruled(call: GatedCall, layers: readonly Rule[]): Promise<Ruling>;
  /** Sets the time forward. */
  pass(ms: number): Promise<void>;
  /** How long an approval waits before it expires. */
  expiresAfterMs: number;
  /** The process dies at this point of its next run. */
  crashAt(point: CrashPoint): void;
  /** From now on the outside system refuses. */
  breakOutside(): void;
  outcome(approval: Approval): Promise<Outcome>;
  /** A caller sends request and yes that no system issued. */
  forge(call: GatedCall): Promise<Answer>;
  /** A yes that carries another call in its payload. */
  swap(approval: Approval, call: GatedCall): Promise<Answer>;
  /** A yes with nothing but the approval's id, and one whose body claims to be from a person. */
  anonymous(approval: Approval): Promise<Answer>;
  claiming(approval: Approval, person: Person): Promise<Answer>;
  /** Something that is no person says yes. */
  say(approval: Approval, voice: Voice): Promise<void>;
  /** Fetches the approval's link. */
  visit(approval: Approval, method: "GET" | "HEAD"): Promise<void>;
  /** A person takes a yes back that is not executed. */
  withdraw(approval: Approval, person: Person): Promise<Answer>;
  /** A yes for now and for later. */
  always(approval: Approval): Promise<Answer>;
  /** Such a yes is claimed to be for exactly this call, not for the tool. */
  alwaysExact: true;
  /** Replaces a text in what the system has stored, past the system. */
  alter(from: string, to: string): Promise<void>;
  /** Turns a stored no into a yes, past the system. */
  turnNoIntoYes(approval: Approval): Promise<void>;
  /** Stored state is copied, and later put back as after a restore. */
  copy(): Promise<Copy>;
  putBack(copy: Copy): Promise<void>;
  /** A reason given with a yes reaches the run. */
  reasonWithYes: true;
}

export type OfferName = keyof Offers;

/** One layer that has a say about an action. */
interface Rule {
  readonly layer: "hook" | "mode" | "setting";
  readonly says: "allow" | "ask" | "deny";
}

/** Which layer's word held. */
interface Ruling {
  readonly verdict: Rule["says"];
  readonly layer: Rule["layer"];
  readonly approval: Approval | null;
}

/** Why a system does not offer something, and where it says so. */
export interface Lacking {
  readonly lacking: string;
  readonly page?: string;
}

/** Says that something is not offered. */
export function lacking(reason: string, page?: string): Lacking {
  return page === undefined ? { lacking: reason } : { lacking: reason, page };
}

/** Every offer, or why there is none: nothing can be forgotten. */
export type Offered = { readonly [Name in OfferName]: Offers[Name] | Lacking };

/** The offers a script named as its needs are there; others may be. */
export type Can<Need extends OfferName> = Pick<Offers, Need> & Partial<Omit<Offers, Need>>;

/** A fresh agent with its gate, and the outside system it acts on. */
export interface World {
  /** The agent asks for a gated action. */
  propose(call: GatedCall, mode?: Mode): Promise<Approval>;
  /** The agent does what needs no person. */
  perform(call: FreeCall): Promise<void>;
  /** The approvals that wait, as its people find them. */
  waiting(): Promise<readonly Approval[]>;
  /** What this person sees, as text. */
  show(approval: Approval, person: Person): Promise<string>;
  decide(approval: Approval, person: Person, decision: Decision): Promise<Answer>;
  /** Lets the system go on until it waits or ends. */
  run(): Promise<void>;
  /** Everything the outside system saw, in its order. */
  outside(): Promise<readonly Effect[]>;
  /** The words by which a person recognizes each argument of a call. */
  spell(call: GatedCall): readonly string[];
  /** The longest memo the action takes. */
  readonly memoMax: number;
  readonly offered: Offered;
  close(): Promise<void>;
}

/** A system under test with one choice of settings. */
export interface System {
  readonly name: string;
  readonly version: string;
  /** Which settings, in a sentence. */
  readonly settings: string;
  /** Its own pages that say what it promises. */
  readonly pages: readonly string[];
  open(approvers: Approvers): Promise<World>;
}
