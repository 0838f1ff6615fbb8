/**
 * Counts what one conversation needs: statements, commits and Redis commands, and how many of the commits the customer waits
 * for in sequence. Counts do not depend on how fast the machine is; what an idle installation does anyway is taken off.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Role } from "#test/support/role-process.ts";
import { askInChat, type Asked } from "./chat-load.ts";
import type { Fleet } from "./fleet.ts";
import { total } from "./meter.ts";
import { signatureOf, watch, type RoleTransaction, type Seen } from "./watch.ts";
import { longestChain } from "./wire-tap.ts";

const Calls = z.array(z.object({ calls: z.number(), text: z.string() }));

/** One conversation while no other goes on. */
export const AloneCounts = z.object({
  statements: z.number(),
  commits: z.number(),
  redisCommands: z.number(),
  /** See `serialCommitsOf`. */
  serialCommits: z.number(),
  /** The transactions in the order they committed. */
  inOrder: z.array(z.object({ role: z.string(), statements: z.array(z.string()) })),
  byRedisCommand: Calls,
});
export type AloneCounts = z.infer<typeof AloneCounts>;

const WARM_UP = { count: 6, atOnce: 2 };

/** After its answer a conversation is still put away. */
const AFTERWARDS_MS = 300;

/** Lets the installation begin its work, and sees what it does when it has none. */
export async function watchIdle(fleet: Fleet, idleMs: number): Promise<Seen> {
  await askInChat(fleet.web.url, WARM_UP);
  await delay(1_000);
  return watch(fleet, () => delay(idleMs));
}

/**
 * Counts conversations one by one. Each count is the lowest of them: a customer who waits for an answer looks again now and
 * then, and reads it later, so a machine busy with other things adds to a count, and nothing takes away.
 */
export async function countAlone(
  fleet: Fleet,
  { idle, conversations }: { readonly idle: Seen; readonly conversations: number },
): Promise<AloneCounts> {
  const whenIdle = new Set(idle.transactions.map(signatureOf));
  const alone: AloneCounts[] = [];
  for (let count = 0; count < conversations; count += 1) {
    const { seen, asked } = await askAlone(fleet);
    const { redisCommands } = seen;
    const own = withoutLooks(
      seen.transactions.filter((one) => !whenIdle.has(signatureOf(one))),
      asked,
    ).toSorted((one, other) => one.to - other.to);
    alone.push({
      statements: total(own.map(({ statements }) => statements.length)),
      commits: own.length,
      redisCommands: total(redisCommands),
      serialCommits: serialCommitsOf(own, asked),
      inOrder: own.map(({ role, statements }) => ({ role, statements: statements.map(oneLine) })),
      byRedisCommand: mostFirst(new Map(Object.entries(redisCommands))),
    });
  }
  const lowest = (
    by: "statements" | "commits" | "serialCommits" | "redisCommands",
  ): AloneCounts => {
    const [first] = alone.toSorted((one, other) => one[by] - other[by]);
    if (first === undefined) throw new Error("no conversation was counted");
    return first;
  };
  return {
    statements: lowest("statements").statements,
    commits: lowest("commits").commits,
    redisCommands: lowest("redisCommands").redisCommands,
    serialCommits: lowest("serialCommits").serialCommits,
    inOrder: lowest("statements").inOrder,
    byRedisCommand: lowest("redisCommands").byRedisCommand,
  };
}

/** A page that waits for its answer looks again after so long, even when nothing was announced. */
const LOOK_AGAIN_MS = 2_000;

/** Leaves out the looks that are there only because this machine took so long: repeated transactions of the web process. */
function withoutLooks(
  transactions: readonly RoleTransaction[],
  asked: Asked,
): readonly RoleTransaction[] {
  let late = Math.floor((asked.to - asked.from) / LOOK_AGAIN_MS);
  const seen = new Set<string>();
  return transactions.filter((one) => {
    const isRepeated = one.role === "web" && seen.has(signatureOf(one));
    seen.add(signatureOf(one));
    if (!isRepeated || late === 0) return true;
    late -= 1;
    return false;
  });
}

/** One question, with everything the processes did from it until the conversation was put away. */
async function askAlone(fleet: Fleet): Promise<{ readonly seen: Seen; readonly asked: Asked }> {
  const answers: Asked[] = [];
  const seen = await watch(fleet, async () => {
    answers.push(...(await askInChat(fleet.web.url, { count: 1, atOnce: 1 })));
    await delay(AFTERWARDS_MS);
  });
  const [asked] = answers;
  if (asked === undefined) throw new Error("the question was not asked");
  return { seen, asked };
}

/**
 * The longest chain of the workers' transactions of which each began after the one before had ended, from the question
 * until the web process began the last transaction before it answered, in which it read the reply. What an idle
 * installation does as well is left out beforehand.
 */
function serialCommitsOf(transactions: readonly RoleTransaction[], asked: Asked): number {
  const during = (wanted: Role): readonly RoleTransaction[] =>
    transactions.filter(
      ({ role, from, to }) => role === wanted && from >= asked.from && to <= asked.to,
    );
  const read = Math.max(...during("web").map(({ from }) => from));
  return longestChain(during("worker").filter(({ to }) => to <= read));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function mostFirst(counts: ReadonlyMap<string, number>): z.infer<typeof Calls> {
  return [...counts]
    .map(([text, calls]) => ({ text, calls }))
    .toSorted((one, other) => other.calls - one.calls);
}
