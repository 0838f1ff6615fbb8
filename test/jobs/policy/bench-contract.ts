/** What a test can do with a policy, its desk and its file. */
import type { Message } from "#core/values/message.ts";
import type { SQL } from "#store/db/drizzle.ts";
import type { z } from "zod";
import type {
  Button,
  Card,
  DeskAnswer,
  DeskDecision,
  DeskTeammate,
} from "#core/contracts/approval-desk.ts";
import type { CaseClock } from "#evals/harness/clock.ts";
import type { Sent } from "#evals/harness/memory-channel.ts";
import type { ResettableShop } from "#evals/harness/shop.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { PolicyCheck } from "#jobs/policy/change.ts";
import type { PolicyPlace } from "#jobs/policy/own-change.ts";
import type { PolicyWatch } from "#jobs/policy/watch-file.ts";
import type { CurrentPolicy } from "#policy/load-policy.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Store } from "#store/db/database.ts";
import type { CUSTOMERS } from "#sandbox/world.ts";
import type { KeptDesk } from "./desk.ts";

/** A customer as the person who writes. */
export type Writer = Pick<(typeof CUSTOMERS)[number], "name" | "email"> &
  Partial<Pick<Message, "identity">>;

export interface PolicyBench {
  readonly parts: JobContext & {
    readonly policy: CurrentPolicy;
    readonly agentParts: AgentParts;
  };
  readonly store: Store;
  readonly clock: CaseClock;
  readonly shop: ResettableShop;
  readonly desk: KeptDesk;
  /** Everything customers were sent. */
  readonly sent: readonly Sent[];
  /** Lines the operator reads. */
  readonly said: readonly string[];
  readonly watch: PolicyWatch;
  /** The text of the file before the first start. */
  original(): string;
  /** The file as the console sees it. */
  readonly file: PolicyPlace;
  /**
   * Forgets everything and starts for the first time, with what `prepare` makes of the sandbox's policy; `isWritten`
   * where the process may write the file.
   */
  begin(prepare?: (text: string) => string, isWritten?: boolean): Promise<void>;
  /** Writes the policy file anew: what `change` makes of the original. */
  edit(change: (text: string) => string): void;
  /** Brings what `change` makes of the original into force, with both leads agreeing where it needs them. */
  enforce(change: (text: string) => string): Promise<void>;
  /** The policy file is gone. */
  remove(): void;
  /** Rows of a hand-written statement. */
  rows<Row extends z.ZodType>(row: Row, query: SQL): Promise<readonly z.output<Row>[]>;
  /** As often as a change of the file needs to be seen. */
  look(): Promise<void>;
  /** As a process that ends and is started again: nothing but the rows and the file is known afterwards. */
  restart(): Promise<PolicyCheck>;
  /** A message of a customer (Ann, unless said otherwise), worked on as far as it goes; gives its conversation. */
  tell(text: string, writer?: Writer): Promise<string>;
  /** The same by Ann; gives what waits then. */
  ask(text: string): Promise<Approval>;
  /** What waits in the conversation of the last question. */
  waiting(): Promise<Approval | null>;
  /** Works on every conversation that was woken. */
  processWoken(): Promise<void>;
  press(
    who: DeskTeammate,
    card: Pick<Card, "approvalId" | "version">,
    button: Button,
  ): Promise<DeskAnswer>;
  edited(
    who: DeskTeammate,
    card: Pick<Card, "approvalId" | "version">,
    edit: NonNullable<DeskDecision["edit"]>,
  ): Promise<DeskAnswer>;
  /** The one card about the policy that waits. */
  proposal(): Card;
  close(): Promise<void>;
}
