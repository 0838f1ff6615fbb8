/** Decides which duties a process takes and gives away, so that each living process has about its share. */

/** The holders as one look found them. */
export interface DutyHolders {
  /** Each duty this process is ready for, with its living holder; null where nothing holds it. */
  readonly holders: ReadonlyMap<string, string | null>;
  /** The living processes that take duties, this one among them. */
  readonly members: readonly string[];
  readonly self: string;
}

/** What to do now. */
export interface DutyMoves {
  /** Free duties to ask for; of several processes that ask, the database lets one have it. */
  readonly take: readonly string[];
  /** One to leave to a process that has too few, or null. */
  readonly give: string | null;
}

/**
 * Pure. A process takes free duties up to the fair share, and the odd ones only when nothing is left over for those that
 * have less. The fullest process gives one away at a time, so that a new process gets its share within a few looks and
 * nothing moves back and forth.
 */
export function dutyMoves({ holders, members, self }: DutyHolders): DutyMoves {
  const least = Math.floor(holders.size / members.length);
  const most = Math.ceil(holders.size / members.length);
  const counts = new Map(members.map((member) => [member, 0]));
  for (const holder of holders.values())
    if (holder !== null && counts.has(holder)) counts.set(holder, (counts.get(holder) ?? 0) + 1);
  const own = counts.get(self) ?? 0;
  const free = [...holders].flatMap(([name, holder]) => (holder === null ? [name] : []));
  const missing = [...counts].reduce(
    (sum, [member, count]) => sum + (member === self ? 0 : Math.max(0, least - count)),
    0,
  );
  const odd = Math.min(most - Math.max(own, least), Math.max(0, free.length - missing));
  const wanted = Math.max(0, least - own) + Math.max(0, odd);
  return { take: free.slice(0, wanted), give: spareDuty({ holders, self }, counts, least) };
}

/** Nothing is given away while something is free: that comes first. */
function spareDuty(
  { holders, self }: Pick<DutyHolders, "holders" | "self">,
  counts: ReadonlyMap<string, number>,
  least: number,
): string | null {
  const own = counts.get(self) ?? 0;
  if (own <= least || [...holders.values()].includes(null)) return null;
  if (![...counts.values()].some((count) => count < least || count + 1 < own)) return null;
  const fullest = [...counts]
    .filter(([, count]) => count >= own)
    .map(([member]) => member)
    .toSorted();
  if (fullest[0] !== self || [...counts.values()].some((count) => count > own)) return null;
  return [...holders].findLast(([, holder]) => holder === self)?.[0] ?? null;
}
