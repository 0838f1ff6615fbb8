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

  /** From now on it takes no more. */
  leave(): void {
    this.#takes = false;
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

  async #lookOnce(): Promise<void> {
    const askedAt = performance.now();
    const places = [...this.#places.values()];
    const seen = await lookAtDuties(this.#store, {
      holder: this.#holder,
      forMs: this.#times.leaseMs,
      running: places.flatMap(({ running }) => (running === null ? [] : [running.lease.name])),
      names: places.map(({ name }) => name),
    });
    this.#renewed(seen, askedAt);
    const takable: string[] = [];
    for (const place of this.#places.values()) {
      const { name, running } = place;
      const holder = seen.find((duty) => duty.name === name)?.holder ?? null;
      // One of our own folder, but not of this process, is what a process before us left.
      if (holder === null || (holder === this.#holder && running === null)) takable.push(name);
    }
    if (this.#takes && !this.#isClosed && askedAt >= this.#restsUntil) await this.#take(takable);
  }

  /** Ends what another process has taken, and counts the time of the others from the moment this look was sent. */
  #renewed(duties: DutyLook, askedAt: number): void {
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
