import type { Channel } from "#core/contracts/channel.ts";
import type { ApprovalDesk } from "#core/contracts/approval-desk.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { InputGuard, OutputCheck } from "#core/contracts/guard.ts";
import type { IdentityEvidence, BoundRequester } from "#core/values/identity.ts";
import type { ChannelName, TargetName } from "#core/values/vocabulary.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { Blobs, Clock, Ids, Log, TraceExporter } from "#core/contracts/ports.ts";
import type { Shop } from "#core/contracts/shop.ts";
import type { Target } from "#core/contracts/target.ts";
import type { Agent } from "#core/contracts/agent.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import type { OneTimeCodes } from "#jobs/identity/one-time-code.ts";

/** Everything the jobs work with, put together by the composition root. */
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
  readonly output: OutputCheck;
  readonly policy: Policy;
  /** The one-time codes of this installation. */
  readonly codes: OneTimeCodes;
  readonly bind: (evidence: IdentityEvidence, signal: AbortSignal) => Promise<BoundRequester>;
  /** Rings the bell for a conversation; losing the ring is allowed, because the reconciler looks by itself. */
  readonly wake: (conversationId: string, delayMs?: number) => Promise<void>;
  /** Address of a card for links, such as from a note in the channel where a teammate reads it. */
  readonly cardLink: (approvalId: string) => string;
  /** Who works here: written into leases. */
  readonly worker: string;
  /** How long a lease is good for without being prolonged, in milliseconds. */
  readonly leaseMs: number;
  readonly spans: TraceExporter;
  /**
   * A person as the audit knows them: the same for the same person, and telling nobody who it is. Made with a key of that
   * person's own, which is looked up (or made) in the transaction that writes the entry.
   */
  readonly pseudonym: (transaction: Transaction, person: string) => Promise<string>;
  /** Where a fault test may stop the process; does nothing in a normal run. */
  readonly crashPoint: (name: string) => void;
}

/** Limits of one wake, times in milliseconds, and how many wakes may come to nothing before work is given up. */
export const LIMITS = {
  effectMs: 30_000,
  resolveMs: 20_000,
  lookupMs: 10_000,
  hintAttemptsMax: 3,
  hintsPerTurnMax: 50,
  turnsPerWakeMax: 3,
  unfinishedWakesMax: 8,
  failedWakesMax: 8,
} as const;

export function channelOf(context: JobContext, name: ChannelName): Channel {
  const channel = context.channels.get(name);
  if (channel === undefined)
    throw new DeskhandError("channel.unsupported", `the channel ${name} is not connected`);
  return channel;
}

/** The way out for an action; refuses by name what the target does not do. */
export function targetOf(
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
