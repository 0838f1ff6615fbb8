/**
 * The pause: everything, single channels or single topics. Stored in the database, so that every process sees it at
 * once.
 */

import { and, desc, eq, inArray, or, sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import {
  ChannelName,
  topicOfOperation,
  knownTopics,
  topicCalled,
} from "#core/values/vocabulary.ts";
import { ask, type Reader, type Transaction } from "#store/db/database.ts";
import { conversation, effect, setting, turn } from "#store/db/schema.ts";
import { storedSetting } from "#store/db/settings.ts";
import type { Policy } from "#core/contracts/policy.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { takeLock } from "#store/db/advisory-locks.ts";
import { type Effect, releaseHeld } from "./ledger.ts";
import { endDowntime } from "./recovery.ts";

/** Everything, one channel by its name, or one topic. */
export const Scope = z.union([
  z.literal("all"),
  ChannelName,
  z.templateLiteral(["topic:", z.string().min(1)]),
]);
export type Scope = z.infer<typeof Scope>;

/** One thing that is paused, and by whom, as shown: a name, a colon and the reason. */
const Hold = z.strictObject({ scope: Scope, by: z.string() });
export type Hold = z.infer<typeof Hold>;

/** All that is paused, in the order of the pauses; empty while everything runs. */
export type Pause = Readonly<ReturnType<typeof combinedPause>>;

/** The pause made up of these holds. */
export function combinedPause(holds: readonly Hold[]) {
  const scopes = holds.map(({ scope }) => scope);
  return {
    holds,
    all: scopes.includes("all"),
    channels: scopes.flatMap((scope) => ChannelName.safeParse(scope).data ?? []),
    topics: scopes.flatMap((scope) => topicIn(scope) ?? []),
  };
}

const TOPIC_PREFIX = "topic:";

/** The topic a scope names; null for everything and for channels. */
function topicIn(scope: Scope): string | null {
  return scope.startsWith(TOPIC_PREFIX) ? scope.slice(TOPIC_PREFIX.length) : null;
}

const OlderPause = z.strictObject({
  all: z.boolean(),
  channels: z.array(ChannelName),
  by: z.string(),
});
type OlderPause = z.infer<typeof OlderPause>;

const StoredHolds = z.strictObject({
  holds: z.array(Hold),
  /** For 0.4.0, which reads the holds where this says the same as the setting of 0.3.0: both say nothing. */
  beside: OlderPause,
});

/** The setting of 0.3.0, until the first pause or resume after the upgrade. */
const OLDER = storedSetting("pause", OlderPause);
const HOLDS = storedSetting("holds", StoredHolds);

const PAUSE = {
  name: "pause",
  text: `select name, value from setting where name in ('${OLDER.name}', '${HOLDS.name}')`,
  row: z.object({ name: z.string(), value: z.unknown() }),
} as const;

export async function currentPause(reader: Reader): Promise<Pause> {
  return pauseIn(
    new Map((await ask(reader, PAUSE, [])).map(({ name, value }) => [name, value] as const)),
  );
}

/** The names of the settings that hold the pause, for statements that read them beside other rows. */
export const PAUSE_SETTINGS: readonly string[] = [OLDER.name, HOLDS.name];

/** The pause from its stored settings, by name. */
export function pauseIn(stored: ReadonlyMap<string, unknown>): Pause {
  const kept = HOLDS.from(stored.get(HOLDS.name));
  if (kept !== null) return combinedPause(kept.holds);
  const { all, channels, by } = OLDER.from(stored.get(OLDER.name)) ?? NOTHING;
  const scopes: readonly Scope[] = [...(all ? (["all"] as const) : []), ...channels];
  return combinedPause(scopes.map((scope) => ({ scope, by })));
}

const NOTHING: OlderPause = { all: false, channels: [], by: "" };

/** What an effect or card is about, as far as a pause may hold it. */
export interface Subject {
  readonly channel: string;
  readonly topics: ReadonlySet<string>;
}

/** The hold that applies to this; null when it may go on. Pure. */
export function holdOver({ holds }: Pause, { channel, topics }: Subject): Hold | null {
  return (
    holds.find(
      ({ scope }) => scope === "all" || scope === channel || topics.has(topicIn(scope) ?? ""),
    ) ?? null
  );
}

/** The parts of an effect that determine its topics. */
type HeldEffect = Pick<Effect, "conversationId" | "turnId" | "bundle">;

/** The hold of this pause that applies to an effect of this conversation; null when it may begin. */
export async function holdOnEffect(
  transaction: Transaction,
  pause: Pause,
  channel: ChannelName,
  held: HeldEffect,
): Promise<Hold | null> {
  // Usually nothing is paused, and hardly ever a topic.
  const topics = pause.topics.length > 0 ? await effectTopics(transaction, held) : NO_TOPICS;
  return holdOver(pause, { channel, topics });
}

const NO_TOPICS: ReadonlySet<string> = new Set();

/**
 * The topics of an effect: that of its turn, and those of all actions decided together with it. Without a topic of its
 * turn, the conversation's latest topic is used.
 */
async function effectTopics(
  transaction: Transaction,
  { conversationId, turnId, bundle }: HeldEffect,
): Promise<ReadonlySet<string>> {
  const beside = await transaction
    .select({ operation: effect.operation })
    .from(effect)
    .where(eq(effect.bundle, bundle));
  const isOwn = eq(turn.id, turnId ?? "");
  const [told] = await transaction
    .select({ topic: TOPIC })
    .from(turn)
    .where(and(or(isOwn, eq(turn.conversationId, conversationId)), sql`${TOPIC} <> ''`))
    .orderBy(desc(isOwn), desc(turn.startedAt))
    .limit(1);
  const operations = beside.map(({ operation }) => topicOfOperation(operation));
  return new Set([told?.topic ?? "", ...operations]);
}

const TOPIC = sql<string>`coalesce(${turn.trace} ->> 'topic', '')`;

/** What cards are about, by their turns, for display. */
export async function subjectsOfTurns(
  transaction: Transaction,
  turnIds: readonly string[],
): Promise<ReadonlyMap<string, Subject>> {
  if (turnIds.length === 0) return new Map();
  const rows = await transaction
    .select({ id: turn.id, channel: conversation.channel, topic: TOPIC })
    .from(turn)
    .innerJoin(conversation, eq(conversation.id, turn.conversationId))
    .where(inArray(turn.id, [...turnIds]));
  return new Map(
    rows.map(({ id, channel, topic }) => [id, { channel, topics: new Set([topic]) }] as const),
  );
}

// Pausing and resuming: what is paused, by whom, and how it is named.

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
  await takeLock(transaction, "pause");
  const before = await currentPause(transaction);
  const after = combinedPause(holdsAfter(before.holds, change));
  await HOLDS.write(transaction, { holds: [...after.holds], beside: NOTHING });
  await transaction.delete(setting).where(eq(setting.name, OLDER.name));
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

/** "everything", "chat" or "refund": as people type it. */
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
