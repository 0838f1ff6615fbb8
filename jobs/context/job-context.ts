/**
 * Room: what every job gets passed: ports, policy, limits, the pause; how a conversation is woken.
 * In: the parts put together by the composition root.
 * Out: `JobContext`, and the lookup of channels and targets by name.
 * May touch: the database, for the pause and its audit; nothing else.
 */

import { isNewerSchema } from "#store/db/versioned-documents.ts";
import { momentText } from "#core/values/moment.ts";
import type { Channel } from "#core/contracts/channel.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { InputGuard, OutputCheck } from "#core/contracts/guard.ts";
import type { IdentityEvidence, BoundRequester } from "#core/values/identity.ts";
import type { ChannelName, TargetName } from "#core/values/vocabulary.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type {
  Blobs,
  ChangeNotices,
  Clock,
  Ids,
  Log,
  OneTimeCodes,
  TraceExporter,
} from "#core/contracts/ports.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { Target } from "#core/contracts/tool.ts";
import type { Agent, SecondOpinion } from "#core/contracts/agent.ts";
import type { Unreadable } from "#store/approvals/approvals.ts";
import type { Store, Transaction } from "#store/db/database.ts";

/** Everything the jobs work with, assembled by the composition root. */
export interface JobContext {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly channels: ReadonlyMap<ChannelName, Channel>;
  readonly desk: ApprovalDesk;
  readonly shop: Shop;
  /** Channels, shop and desk by name: the only ways out. */
  readonly targets: ReadonlyMap<TargetName, Target>;
  readonly agent: Agent;
  readonly guard: InputGuard;
  /** Asked about what the guard allows; null where none is configured. */
  readonly secondOpinion: SecondOpinion | null;
  readonly output: OutputCheck;
  /** Computes a vector of length 1 for each text; null for one where that is not possible now. */
  readonly vectors: (texts: readonly string[]) => Promise<readonly (Float32Array | null)[]>;
  readonly policy: Policy;
  readonly codes: OneTimeCodes;
  readonly bind: (evidence: IdentityEvidence, signal: AbortSignal) => Promise<BoundRequester>;
  /** Sends a wake for a conversation; a lost wake is allowed, because the reconciler finds due work itself. */
  readonly wake: (conversationId: string, delayMs?: number) => Promise<void>;
  /** Tells the waiting requests of every process that a conversation changed. */
  readonly changes: ChangeNotices;
  /** Who is mailed about what is delicate, since the desk may be away; null where no address is set. */
  readonly urgentMail: string | null;
  /** The link to a card, such as for a note that a teammate reads in their channel. */
  readonly cardLink: (approvalId: string) => string;
  /** The page where the team works on a conversation of the helpdesk, by its own id; null without a helpdesk. */
  readonly ticketLink: (externalId: string) => string | null;
  /** Name of this worker, written into leases. */
  readonly worker: string;
  /** How long a lease is valid without renewal, in milliseconds. */
  readonly leaseMs: number;
  /** The longest that a click or an ended turn waits for the desk, in milliseconds. */
  readonly deskWaitMs: number;
  /** Takes finished turns. */
  readonly spans: TraceExporter;
  /** Starts work that nothing waits for and that never throws. The signal aborts when the process stops. */
  readonly beside: (work: (signal: AbortSignal) => Promise<void>) => void;
  /**
   * A person's pseudonym in the audit: the same for the same person, revealing nothing. It is made with a key per
   * person, looked up or created in the transaction that writes the entry.
   */
  readonly pseudonym: (transaction: Transaction, person: string) => Promise<string>;
  /** Where a fault test may stop the process; does nothing in a normal run. */
  readonly crashPoint: (name: string) => void;
}

/** A moment in the team's own zone, as on every card and page: with its date, since it may be another day. */
export function teamMoment(
  { policy, clock }: Pick<JobContext, "policy" | "clock">,
  at: Date,
): string {
  return momentText(at, policy.digest.zone, clock.now());
}

/** Limits of one wake, times in milliseconds; the last two bound how many wakes may fail before work is given up. */
export const LIMITS = {
  effectMs: 30_000,
  resolveMs: 20_000,
  lookupMs: 10_000,
  hintAttemptsMax: 3,
  turnsPerWakeMax: 3,
  unfinishedWakesMax: 8,
  failedWakesMax: 8,
} as const;

/** A limit is used up, or the same effect is under way elsewhere: the turn is stale and must be planned again. */
export class StaleTurnError extends Error {
  override readonly name = "Overtaken";
  /** True when nothing has to be waited for before it is planned again. */
  readonly atOnce: boolean = false;
}

/**
 * Runs work on many conversations. When one row was written by a newer version, the whole round is left to a process of
 * that version, and this process goes on with its other work.
 */
export async function unlessNewerSchema(
  context: JobContext,
  work: (context: JobContext) => Promise<void>,
): Promise<void> {
  try {
    await work(context);
  } catch (error) {
    if (!isNewerSchema(error)) throw error;
    context.log.warn("left to a newer version", { reason: reasonOf(error) });
  }
}

/** Names a card in the log that cannot be read: it is left out, and stops no other. */
export function unreadableIn({ log }: Pick<JobContext, "log">): Unreadable {
  return (card, error) => {
    const details = { card, reason: reasonOf(error) };
    if (isNewerSchema(error)) log.warn("left to a newer version", details);
    else log.error("a card cannot be read", details);
  };
}

/** Notifies a worker of a conversation, at once or later. A wake that is lost is no lost work: the reconciler finds it. */
export async function notifyWorker(
  { wake, log }: Pick<JobContext, "wake" | "log">,
  conversationId: string,
  delayMs = 0,
): Promise<void> {
  await wake(conversationId, delayMs).catch((error: unknown) =>
    log.warn("wake not queued, the reconciler will find it", { reason: reasonOf(error) }),
  );
}

export function connectedChannel(
  context: Pick<JobContext, "channels">,
  name: ChannelName,
): Channel {
  const channel = context.channels.get(name);
  if (channel === undefined)
    throw new DeskhandError("channel.unsupported", `the channel ${name} is not connected`);
  return channel;
}

/** The target of an action; refuses an operation the target does not support. */
export function supportingTarget(
  context: Pick<JobContext, "targets">,
  action: { readonly target: TargetName; readonly operation: string },
): Target {
  const target = context.targets.get(action.target);
  if (target === undefined || !target.supports.includes(action.operation))
    throw new DeskhandError(
      "channel.unsupported",
      `${action.target} cannot do ${action.operation} here`,
    );
  return target;
}
