/** Keeps the passages up to date with connected sources, and with the pages that leads wrote in the console. */
import { utcDay } from "#core/values/moment.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { startRepeating, type Running } from "#core/values/deadline.ts";
import type { PassageSource, SourceReading, SourcePage } from "#core/contracts/knowledge.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { OpenKnowledge } from "./index.ts";
import type { Store } from "#store/db/database.ts";
import { WRITTEN, writtenPages, type WrittenVersion } from "#store/knowledge/page-notes.ts";
import { knownAttributes } from "./pages.ts";

/** How long one source may take to return all its pages. */
const READ_MS = 60_000;

/** The connected sources and the results of reading them. */
export type FollowedSources = ReturnType<typeof followSources>;

/**
 * Keeps the passages up to date with their sources. Each searching process does this itself: they read the same pages,
 * and the second one finds nothing to write.
 */
export function followSources(given: {
  readonly knowledge: Pick<OpenKnowledge, "take" | "reload" | "forgetOthers">;
  readonly sources: readonly PassageSource[];
  readonly log: Log;
  /** Reads the sources that a lead added, each when its time has come. */
  readonly readDue?: (signal: AbortSignal) => Promise<void>;
}) {
  const { knowledge, sources, log, readDue = async () => undefined } = given;
  const told = new Set<string>();
  const counts = new Map<string, string>();
  const troubles = new Map<string, string>();

  async function read(source: PassageSource, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
    const reading = await source.read(limit);
    await knowledge.take(source.name, reading.pages);
    for (const { id, title, reason } of reading.leftOut) {
      const line = `${source.name} ${id} ${reason}`;
      if (!told.has(line))
        log.info("a passage is left out", { source: source.name, title, reason });
      told.add(line);
    }
    const count = readingSummary(reading);
    if (counts.get(source.name) !== count)
      log.info("passages were read", { from: source.name, count });
    counts.set(source.name, count);
  }

  async function attempt(what: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      troubles.delete(what);
    } catch (error) {
      const details = { what, reason: reasonOf(error) };
      if (troubles.get(what) === details.reason) return;
      troubles.set(what, details.reason);
      if (error instanceof DeskhandError) log.warn("passages stay as they were last", details);
      else log.error("passages could not be followed", details);
    }
  }

  async function look(signal: AbortSignal): Promise<void> {
    for (const source of sources) {
      if (signal.aborted) return;
      await attempt(source.name, () => read(source, signal).catch(unlessStopped(signal)));
    }
    // Another process may have read a source that this one could not.
    if (!signal.aborted) await attempt("index", () => knowledge.reload());
  }

  const lookAtAdded = (signal: AbortSignal): Promise<void> =>
    attempt("added sources", () => readDue(signal).catch(unlessStopped(signal)));

  return {
    /** Reads every source once. Never rejects: a source that cannot be read keeps its last pages. */
    async look(): Promise<void> {
      const { signal } = new AbortController();
      await lookAtAdded(signal);
      await look(signal);
    },
    /** Reads now and then at this interval, until stopped. */
    start(everyMs: number): Running {
      const forgotten = attempt("sources that are gone", () => knowledge.forgetOthers());
      // A site may take hours, in which the connected sources are followed all the same.
      const repeated = [look, lookAtAdded].map((work) =>
        startRepeating(async (signal) => {
          await forgotten;
          if (!signal.aborted) await work(signal);
          return everyMs;
        }),
      );
      return {
        stop: async () => void (await Promise.all(repeated.map((running) => running.stop()))),
      };
    },
  };
}

/** An abort on stop is no failure of the source. */
function unlessStopped(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}

/** "4 pages, 3 left out (2 × of one person alone, 1 × an internal note)". */
function readingSummary({ pages, leftOut }: SourceReading): string {
  const reasons = new Map<string, number>();
  for (const { reason } of leftOut) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const why = [...reasons].map(([reason, count]) => `${count} × ${reason}`).join(", ");
  return `${pages.length} pages, ${leftOut.length} left out${why === "" ? "" : ` (${why})`}`;
}

/**
 * Makes written pages findable as they are now, and hides what is switched off; the next search knows both. A page that
 * is saved while this runs is taken too, since an older list must not replace a newer one.
 */
export async function renewWritten(
  store: Store,
  knowledge: Pick<OpenKnowledge, "take" | "reload">,
): Promise<void> {
  let taken = "";
  for (;;) {
    const versions = await store.run(writtenPages);
    const state = versions.map(({ name, version }) => `${name} ${version}`).join("\n");
    if (state === taken) break;
    await knowledge.take(WRITTEN, versions.map(pageFrom));
    taken = state;
  }
  await knowledge.reload();
}

function pageFrom({ name, title, url, body, at, ...about }: WrittenVersion): SourcePage {
  const { language, brands, audience, validFrom, validUntil, owner, labels } = about;
  return {
    id: name,
    title,
    text: body,
    updated: utcDay(at),
    ...(url === "" ? {} : { url }),
    ...knownAttributes({ language, brands, audience, validFrom, validUntil, owner, labels }),
  };
}
