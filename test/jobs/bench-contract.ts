/** What a test can do with a whole desk in one process. */
import { z } from "zod";
import type {
  ApprovalDesk,
  Button,
  Card,
  DecisionButton,
  DeskAnswer,
  DeskDecision,
} from "#core/contracts/approval-desk.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Message, Signal } from "#core/values/message.ts";
import type { Channel } from "#core/contracts/channel.ts";
import type { InputGuard } from "#core/contracts/guard.ts";
import type { ChannelName, TargetName } from "#core/values/vocabulary.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { Target } from "#core/contracts/tool.ts";
import type { SecondOpinion, TurnInput, TurnResult } from "#core/contracts/agent.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { type Approval } from "#store/approvals/approvals.ts";
import type { InboxFilter, InboxRow, OpenView } from "#store/console/inbox.ts";
import type { Transaction } from "#store/db/database.ts";
import type { SQL } from "#store/db/drizzle.ts";
import { type Effect } from "#store/effects/ledger.ts";
import type { Scope } from "#store/effects/pause.ts";
import { type MemoryShop } from "#test/support/fixtures/memory-shop.ts";
import { type Faults, type Left } from "./memory-ports.ts";

type More = Partial<DeskDecision>;

/** A whole desk in one process, driven by a test second by second. */
export interface JobBench {
  readonly parts: JobContext;
  /** Null on the embedded database, which no second process may open. */
  readonly databaseUrl: string | null;
  readonly left: Left[];
  /** What the desk shows, by its place there. */
  readonly cards: Map<string, Card>;
  readonly shop: MemoryShop;
  readonly faults: Faults;
  /** What a channel that keeps its history shows now, by conversation; none keeps one unless a test says so. */
  readonly histories: Map<string, readonly Message[]>;
  /** Takes a target away until the next test. */
  disconnect(name: TargetName): void;
  /** Puts another target in the place of the one with its name. */
  replace(target: Target): void;
  /** The channel of this name; it has to be connected. */
  channel(name: ChannelName): Channel;
  /** What the guard says from now on. */
  guard(changes: Partial<InputGuard>): void;
  /** Puts a real channel in the place of the one in memory, until the next test. */
  connect(channel: Channel): void;
  /** Puts a real desk in the place of the one in memory, until the next test. */
  connectDesk(desk: ApprovalDesk): void;
  /** The conversation a source knows by this key; null when there is none. */
  conversationWith(key: string): Promise<string | null>;
  /** Changes what the policy says from now on. */
  rule(changes: Partial<Policy>): void;
  /** What the agent comes to from now on. */
  answer(with_: (input: TurnInput) => TurnResult | Promise<TurnResult>): void;
  /** Who is asked about what the guard allows, from now on; no provider otherwise. */
  askAlso(opinion: SecondOpinion): void;
  /** Whom what is written is bound to from now on; Ann otherwise. */
  bindTo(requester: BoundRequester): void;
  now(): Date;
  skip(ms: number): void;
  /** A customer writes, and it is worked on; gives the conversation's id. */
  write(text: string, more?: Written): Promise<string>;
  wake(conversationId: string): Promise<void>;
  /** Waits for the work that nothing waits for. */
  settled(): Promise<void>;
  /** One second of the reconciler, with every conversation it wakes. */
  tick(): Promise<void>;
  /** So much time passes, and then so many seconds of the reconciler; one unless said otherwise. */
  pass(ms: number, ticks?: number): Promise<void>;
  /** So often this much time passes, each time with a second of the reconciler. */
  passes(times: number, ms: number): Promise<void>;
  press(button: Button, id: string, who?: string, more?: More): Promise<DeskAnswer>;
  /** What Lea decides about this card or case in its first version; `more` says otherwise, `on` by other parts. */
  decide(about: string, button: DecisionButton, more?: More, on?: JobContext): Promise<DeskAnswer>;
  /** What a statement of the store gives, in a transaction of its own. */
  at<Given extends readonly unknown[], Result>(
    statement: (transaction: Transaction, ...given: Given) => Promise<Result>,
    ...given: Given
  ): Promise<Result>;
  rows<Row extends z.ZodType>(row: Row, query: SQL): Promise<readonly z.output<Row>[]>;
  /** The first column of what a query finds, as text. */
  column(query: SQL): Promise<readonly string[]>;
  execute(query: SQL): Promise<unknown>;
  /** Sam pauses this scope, or resumes it. */
  pause(scope: Scope, paused?: boolean, by?: string): Promise<unknown>;
  pending(conversationId: string): Promise<Approval | null>;
  /** The card that waits; there has to be one. */
  card(conversationId: string): Promise<Approval>;
  /** What was done at targets by this operation. */
  made(operation: string): readonly Left[];
  open(conversationId: string): Promise<readonly Effect[]>;
  outcome(conversationId: string): Promise<string>;
  /** What the team was alerted of; those alone whose text fits, where a test says so. */
  alerts(fits?: RegExp): readonly Told[];
  /** Their texts, one after the other. */
  alertText(): string;
  /** The rows of the inbox that this person sees in this view. */
  listed(view: OpenView, more?: Partial<InboxFilter>): Promise<readonly InboxRow[]>;
  replies(): readonly string[];
}

export const Told = z.object({ text: z.string(), people: z.array(z.string()) });
export type Told = z.infer<typeof Told>;

interface Written {
  readonly channel?: ChannelName;
  readonly thread?: string;
  readonly key?: string;
  readonly message?: Partial<Message>;
  /** What its source says with it, such as that a person assigned it. */
  readonly signals?: readonly Signal[];
}
