/** What the steps of one turn share. */
import type { GuardVerdict } from "#core/contracts/guard.ts";
import type { Message } from "#core/values/message.ts";
import type { ConversationChanges } from "./changes.ts";
import type { SaidHarmless } from "#store/reports/harmless-texts.ts";
import type { CoveredConversation } from "#jobs/plan/planned-case.ts";
import type { ConversationSnapshot } from "./snapshot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** What a turn knows before a model is asked. */
export interface TurnContext {
  readonly context: JobContext;
  readonly snapshot: ConversationSnapshot;
  readonly changes: ConversationChanges;
  /** The messages it answers, oldest first: those of other conversations of the case, then its own. */
  readonly unread: readonly Message[];
  /** Where those of other conversations are from. */
  readonly covers: readonly CoveredConversation[];
  /** What was said before in other conversations of the case. */
  readonly earlier: readonly Message[];
  readonly startedAt: Date;
  readonly turnId: string;
  readonly guard: GuardVerdict;
  /** What teammates said to be harmless in its case, as far as it was looked up. */
  readonly saidHarmless: readonly SaidHarmless[];
}

/** What is written in this conversation: people who take it over do not take over what waits elsewhere in the case. */
export function messagesHere({ unread, covers }: Pick<TurnContext, "unread" | "covers">) {
  const elsewhere = new Set(covers.flatMap(({ keys }) => keys));
  return unread.filter(({ key }) => !elsewhere.has(key));
}
