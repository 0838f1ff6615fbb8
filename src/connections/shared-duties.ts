/** The duties of an installation: which there are, and how several processes share them (take, renew and leave). */

import type { Connections } from "#adapters/index.ts";
import type { Duties, Duty, DutyLease, DutyPlace, DutyWork, Log } from "#core/contracts/ports.ts";
import { reasonOf } from "#core/values/errors.ts";
import { databaseNotices, type Store } from "#store/db/database.ts";
import {
  type DutyLook,
  dutyName,
  freeDuties,
  lookAtDuties,
  releaseDuty,
  takeDuties,
} from "#store/db/duty-leases.ts";

type Sources = Pick<Connections, "email" | "zendesk" | "slack">;

/**
 * What processes share: every inbox, the helpdesk's export, and Slack's socket where Slack sends no requests. Null with
 * the embedded database, which has one process that reads everything.
 */
export function dutiesToShare(
  { kind }: Pick<Store, "kind">,
  { email, zendesk, slack }: Sources,
): readonly Duty[] | null {
  if (kind === "pglite") return null;
  return [
    ...(email?.inboxes ?? []).map(({ address }): Duty => ({
      kind: "inbox",
      name: address.toLowerCase(),
    })),
    ...(zendesk === null ? [] : [{ kind: "export", name: new URL(zendesk.url).host } as const]),
    ...(slack !== null && "appToken" in slack ? [{ kind: "socket", name: "slack" } as const] : []),
  ];
}

/** Those that no process reads at this moment. */
export async function unreadDuties(store: Store, sources: Sources): Promise<readonly string[]> {
  return freeDuties(store, dutiesToShare(store, sources) ?? []);
}

/** Milliseconds. */
interface DutyTimes {
  /** How long a duty is taken without a renewal, by the database's clock. */
  readonly leaseMs: number;
  /** How often it is renewed, and free ones are looked for. */
  readonly lookMs: number;
  /** How long a process that could not begin leaves the duty to others. */
  readonly restMs: number;
}

/** After a kill: at most six seconds until the lease is over, and two until the next look of another process. */
const TIMES: DutyTimes = { leaseMs: 6_000, lookMs: 2_000, restMs: 15_000 };

/** One duty this process is ready for. */
interface Place {
  readonly duty: Duty;
  readonly name: string;
  readonly begin: (lease: DutyLease | null) => DutyWork;
  /** Whether the last work taken up here could begin; null before the first. */
  attempt: Promise<void> | null;
  /** Whether no process held it at the last look. */
  isFree: boolean;
  running: { readonly lease: DutyLease; readonly work: DutyWork } | null;
  /** Set while the work of an earlier lease ends: only after it may the next one begin here. */
  ending: Promise<void> | null;
}

/** The duties of one process, shared with every process that has the same database. */
export class SharedDuties implements Duties {
  readonly #store: Store;
  readonly #log: Log;
  readonly #holder: string;
  readonly #times: DutyTimes;
  readonly #places = new Map<string, Place>();
  #takes = true;
  #isClosed = false;
  /** Until then it takes nothing, because its last attempt to begin failed. */
  #restsUntil = 0;
  #looking: Promise<void> | null = null;
  #queued: Promise<void> | null = null;
  #next: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #unfollow: () => void = () => undefined;

  /** `holder` belongs to the data folder. */
  constructor(given: {
    readonly store: Store;
    readonly log: Log;
    readonly holder: string;
    readonly times?: DutyTimes;
  }) {
    this.#store = given.store;
    this.#log = given.log;
    this.#holder = given.holder;
    this.#times = given.times ?? TIMES;
  }

  /** How many of those it is ready for it holds, and how many no process held at its last look, by kind. */
  counts() {
    const places = [...this.#places.values()];
    const kinds = [...new Set(places.map(({ duty }) => duty.kind))];
    return kinds.flatMap((kind) => {
      const own = places.filter(({ duty }) => duty.kind === kind);
      const held = own.filter(({ running }) => running !== null).length;
      const free = own.filter(({ isFree, running }) => isFree && running === null).length;
      return [
        { kind, state: "held", count: held },
        { kind, state: "free", count: free },
      ] as const;
    });
  }

  async hold(duty: Duty, begin: Place["begin"]): Promise<DutyPlace> {
    const name = dutyName(duty);
    if (this.#places.has(name)) throw new Error(`${name} is held here already`);
    if (this.#places.size === 0)
      this.#unfollow = databaseNotices(this.#store).follow("duty", () => void this.#look());
    const place: Place = {
      duty,
      name,
      begin,
      attempt: null,
      isFree: true,
      running: null,
      ending: null,
    };
    this.#places.set(name, place);
    await this.#look();
    try {
      await place.attempt;
    } catch (error) {
      await this.#remove(place);
      throw error;
    }
    return { stop: () => this.#remove(place) };
  }

  /** From now on it takes no more, and the other processes share what it leaves. */
  async leave(): Promise<void> {
    this.#takes = false;
    if (this.#places.size > 0) await this.#look();
  }

  /** Ends after everything it holds was left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#takes = false;
    await Promise.all([...this.#places.values()].map((place) => this.#remove(place)));
  }

  async #remove(place: Place): Promise<void> {
    await this.#end(place, "leave");
    this.#places.delete(place.name);
    if (this.#places.size > 0) return;
    this.#unfollow();
    clearTimeout(this.#next);
    clearTimeout(this.#deadline);
    await lookAtDuties(this.#store, this.#asked({ takes: false })).catch(() => undefined);
  }

  /** One look at a time; callers that come while one is under way share the one after it. */
  #look(): Promise<void> {
    if (this.#looking === null) return this.#lookNow();
    this.#queued ??= this.#looking.then(() => {
      this.#queued = null;
      return this.#lookNow();
    });
    return this.#queued;
  }

  async #lookNow(): Promise<void> {
    clearTimeout(this.#next);
    if (this.#places.size === 0) return;
    const { leaseMs, lookMs } = this.#times;
    const late = Promise.withResolvers<void>();
    // A database that gives no answer must not keep the next look from being tried.
    const timer = setTimeout(late.resolve, leaseMs);
    const look = this.#lookOnce().catch((error: unknown) => {
      this.#log.warn("the leases of inboxes, exports and sockets could not be renewed", {
        reason: reasonOf(error),
      });
    });
    this.#looking = Promise.race([look, late.promise]);
    await this.#looking;
    this.#looking = null;
    clearTimeout(timer);
    if (this.#places.size === 0) return;
    clearTimeout(this.#next);
    this.#next = setTimeout(() => void this.#look(), lookMs);
  }

  #asked({ takes }: { readonly takes: boolean }) {
    const places = [...this.#places.values()];
    return {
      holder: this.#holder,
      forMs: this.#times.leaseMs,
      running: places.flatMap(({ running }) => (running === null ? [] : [running.lease.name])),
      names: places.map(({ name }) => name),
      takes,
    };
  }

  async #lookOnce(): Promise<void> {
    const askedAt = performance.now();
    const takes = this.#takes && askedAt >= this.#restsUntil;
    const seen = await lookAtDuties(this.#store, this.#asked({ takes }));
    this.#renewed(seen, askedAt);
    const holders = new Map<string, string | null>();
    for (const place of this.#places.values()) {
      const { name, running } = place;
      const holder = seen.duties.find((duty) => duty.name === name)?.holder ?? null;
      place.isFree = holder === null;
      // Of our own folder, but not of this process: what a process before us left.
      holders.set(name, holder === this.#holder && running === null ? null : holder);
    }
    if (!takes || !this.#takes || this.#isClosed) return;
    const { take, give } = dutyMoves({ holders, members: seen.members, self: this.#holder });
    await this.#take(take);
    const gift = give === null ? undefined : this.#places.get(give);
    if (gift !== undefined) {
      this.#log.info("left to another process, so that each has its share", { duty: gift.name });
      void this.#end(gift, "leave");
    }
  }

  /** Ends what another process has taken, and counts the time of the others from the moment this look was sent. */
  #renewed({ duties }: DutyLook, askedAt: number): void {
    for (const place of this.#places.values()) {
      const { running, name } = place;
      const row = duties.find((duty) => duty.name === name);
      if (running === null) continue;
      if (row?.holder === this.#holder && row.generation === running.lease.generation) continue;
      this.#log.warn("another process took over, reading it ends here", { duty: name });
      void this.#end(place, "lost");
    }
    clearTimeout(this.#deadline);
    const leftMs = this.#times.leaseMs - (performance.now() - askedAt);
    this.#deadline = setTimeout(() => this.#endAll(), Math.max(0, leftMs));
    this.#deadline.unref();
  }

  /** Without the database, another process may hold them already: nothing is read until it says otherwise. */
  #endAll(): void {
    const held = [...this.#places.values()].filter(({ running }) => running !== null);
    if (held.length === 0) return;
    this.#log.warn("no lease could be renewed in time, reading ends here until one can", {
      duties: held.length,
    });
    for (const place of held) void this.#end(place, "lost");
  }

  async #take(names: readonly string[]): Promise<void> {
    const ready = names.filter((name) => {
      const place = this.#places.get(name);
      return place?.running === null && place.ending === null;
    });
    if (ready.length === 0) return;
    const { leaseMs: forMs } = this.#times;
    const taken = await takeDuties(this.#store, { holder: this.#holder, forMs, names: ready });
    for (const lease of taken) {
      const place = this.#places.get(lease.name);
      if (place === undefined || this.#isClosed) await releaseDuty(this.#store, lease);
      else this.#begin(place, lease);
    }
  }

  #begin(place: Place, lease: DutyLease): void {
    this.#log.info("read by this process from now on", { duty: place.name });
    const work = place.begin(lease);
    place.attempt = work.ready;
    place.running = { lease, work };
    work.ready.catch((error: unknown) => {
      if (place.running?.lease !== lease) return;
      this.#log.warn("could not begin, another process may try", {
        duty: place.name,
        reason: reasonOf(error),
      });
      this.#restsUntil = performance.now() + this.#times.restMs;
      void this.#end(place, "leave");
    });
  }

  /** Waits until the work has ended here; only then is the duty left to others. */
  async #end(place: Place, how: "leave" | "lost"): Promise<void> {
    const { running } = place;
    if (running === null) return place.ending ?? undefined;
    place.running = null;
    place.ending = running.work
      .stop()
      .then(() => (how === "leave" ? releaseDuty(this.#store, running.lease) : undefined))
      .catch((error: unknown) => {
        this.#log.warn("could not be left at once, its lease ends by itself", {
          duty: place.name,
          reason: reasonOf(error),
        });
      })
      .finally(() => {
        place.ending = null;
      });
    await place.ending;
  }
}

// Which duties a process takes and gives away, so that each living process has about its share.

/** The holders as one look found them. */
interface DutyHolders {
  /** Each duty this process is ready for, with its living holder; null where nothing holds it. */
  readonly holders: ReadonlyMap<string, string | null>;
  /** The living processes that take duties, this one among them. */
  readonly members: readonly string[];
  readonly self: string;
}

/** What to do now. */
interface DutyMoves {
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
