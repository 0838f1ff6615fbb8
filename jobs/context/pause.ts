/** Pausing and resuming: what is paused, by whom, and how it is named. */
import { ChannelName, knownTopics, topicCalled } from "#core/values/vocabulary.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import type { Transaction } from "#store/db/database.ts";
import { lockPause } from "#store/db/advisory-locks.ts";
import {
  currentPause,
  combinedPause,
  topicIn,
  writePause,
  type Hold,
  type Pause,
  type Scope,
} from "#store/effects/pause.ts";
import { releaseHeld } from "#store/effects/ledger.ts";
import { endDowntime } from "#store/effects/recovery.ts";

/** Any teammate may pause; effects that have not begun wait until the pause is lifted. */
export async function setPause(
  transaction: Transaction,
  change: {
    readonly scope: Scope;
    readonly paused: boolean;
    /** The name shown while the pause lasts. */
    readonly by: string;
    /** The name the audit keeps: a pseudonym, or the name of something that is no person. */
    readonly auditedAs: string;
  },
  now: Date,
): Promise<Pause> {
  // When two people pause two channels at the same moment, both count.
  await lockPause(transaction);
  const before = await currentPause(transaction);
  const after = combinedPause(holdsAfter(before.holds, change));
  await writePause(transaction, after, change.by);
  if (!change.paused) await releaseHeld(transaction);
  if (change.scope === "all" && !change.paused) await endDowntime(transaction, now);
  await appendAudit(
    transaction,
    {
      kind: change.paused ? "paused" : "resumed",
      data: { scope: change.scope, by: change.auditedAs },
    },
    now,
  );
  return after;
}

/** Resuming everything also ends every partial pause. */
function holdsAfter(
  before: readonly Hold[],
  { scope, paused, by }: { readonly scope: Scope; readonly paused: boolean; readonly by: string },
): readonly Hold[] {
  if (scope === "all" && !paused) return [];
  const others = before.filter((hold) => hold.scope !== scope);
  return paused ? [...others, { scope, by }] : others;
}

/** "everything", "chat" or "refund". */
export function nameOfScope(scope: Scope): string {
  return scope === "all" ? "everything" : (topicIn(scope)?.replaceAll("_", " ") ?? scope);
}

/** What is paused and by whom, in order; empty while everything runs. */
export function pauseInWords({ holds }: Pause): string {
  if (holds.length === 0) return "";
  // Several pauses of one person are listed together.
  const sayings = [...new Set(holds.map(({ by }) => by))].map((by) => {
    const names = holds.filter((hold) => hold.by === by).map(({ scope }) => nameOfScope(scope));
    return `${names.join(", ")}${by === "" ? "" : `, by ${by}`}`;
  });
  return `Paused: ${sayings.join("; ")}`;
}

/** The scope a typed word means; null when it names none. */
export function scopeCalled(
  word: string,
  policy: Pick<Policy, "operations" | "topics">,
): Scope | null {
  const typed = word.toLowerCase();
  if (typed === "all" || typed === "everything") return "all";
  const channel = ChannelName.safeParse(typed);
  if (channel.success) return channel.data;
  const topic = topicCalled(typed, knownTopics(policy));
  return topic === null ? null : `topic:${topic}`;
}

/** Everything that can be paused here: all of it, each channel, each topic. */
export function pauseScopes(policy: Pick<Policy, "operations" | "topics">): readonly Scope[] {
  const topics = knownTopics(policy).map((topic) => `topic:${topic}` as const);
  return ["all", ...ChannelName.options, ...topics];
}

/** The reply to an unknown word: what can be paused here. */
export function scopesInWords(policy: Pick<Policy, "operations" | "topics">): string {
  return `There is everything (all), the channels ${ChannelName.options.join(", ")}, and the topics ${knownTopics(policy).join(", ")}.`;
}
