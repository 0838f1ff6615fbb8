/** Reads a source that a lead added, when it is asked for and when its time has come, and decides whether what was read takes the place of what was there. */
import type { HelpCenter, SourceReading } from "#core/contracts/knowledge.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Store } from "#store/db/database.ts";
import { documentReader } from "#knowledge/documents/reading-thread.ts";
import type { OpenKnowledge } from "#knowledge/index.ts";
import { readFolder, type Progress } from "./folder-source.ts";
import { readHelpCenter, type LastReading } from "./guide-source.ts";
import { readSite, type SiteResult } from "./site-source.ts";
import {
  type AddedSource,
  copiesById,
  keepCopies,
  leftOutPages,
  recordProblem,
  recordReading,
  takeDueSources,
} from "./source-rows.ts";

/** Fewer pages than this may all go at once: that is a correction and no accident. */
const FEW_PAGES = 5;

/** What reading a source needs. */
export interface SourceReader {
  readonly store: Store;
  readonly clock: Clock;
  readonly knowledge: Pick<OpenKnowledge, "take" | "review" | "reload">;
  /** The connected helpdesk's help centre; null or left out where none is connected. */
  readonly helpCenter?: HelpCenter | null;
}

/** How a source is read. */
export interface ReadingOptions {
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** True where a person agreed that pages go. */
  readonly agreed: boolean;
  /** True asks a help centre for everything, as once a day; otherwise for what changed. */
  readonly whole: boolean;
}

/** What came of it, in words for a person where it was not taken over. */
export type ReadingOutcome =
  | { readonly state: "taken"; readonly reading: SourceReading }
  | { readonly state: "kept"; readonly problem: string };

/**
 * Reads one source and replaces its pages. Pages stay as they were when the source cannot be read, and when more than a
 * third of them would go and nobody has agreed to that. Rejects only on the signal.
 */
export async function readSource(
  parts: SourceReader,
  source: AddedSource,
  options: ReadingOptions,
): Promise<ReadingOutcome> {
  const { store, clock, knowledge } = parts;
  const { signal } = options;
  const keep = async (problem: string): Promise<ReadingOutcome> => {
    await store.run((transaction) => recordProblem(transaction, source.name, problem));
    await knowledge.review();
    await knowledge.reload();
    return { state: "kept", problem };
  };
  const reading = await sourceReading(parts, source, options).catch((error: unknown) => {
    signal.throwIfAborted();
    return `${source.location} cannot be read: ${reasonOf(error)}`;
  });
  if (typeof reading === "string") return keep(reading);
  const { pages, leftOut, copies } = reading;
  if (!options.agreed && isMuchLess(source.pages, pages.length))
    return keep(
      `it has ${pages.length} pages now and had ${source.pages}; what is gone is kept until a lead agrees, on the page of this source in the console`,
    );
  await knowledge.take(source.name, pages);
  const { name } = source;
  await store.run(async (transaction) => {
    await recordReading(transaction, { name, at: clock.now(), pages: pages.length, leftOut });
    await keepCopies(transaction, name, copies);
  });
  await knowledge.review();
  await knowledge.reload();
  return { state: "taken", reading };
}

function isMuchLess(before: number, now: number): boolean {
  return before > FEW_PAGES && now < (before * 2) / 3;
}

async function sourceReading(
  { store, clock, helpCenter = null }: SourceReader,
  source: AddedSource,
  { signal, progress, whole }: ReadingOptions,
): Promise<SiteResult> {
  const { name, kind, location, is_local: isLocal } = source;
  const reader = documentReader();
  try {
    if (kind === "folder")
      return { ...(await readFolder(location, reader, { signal, progress })), copies: [] };
    if (kind === "zendesk-guide") {
      // Changes alone do not tell what is gone, so everything is read once a day.
      const isDue =
        whole ||
        source.read_at === null ||
        calendarDay(source.read_at) !== calendarDay(clock.now());
      const last = isDue ? null : await lastReading(store, name);
      return await readHelpCenter(helpCenter, { reader, signal, progress, last });
    }
    const copies = await store.run((transaction) => copiesById(transaction, name));
    return await readSite(location, { reader, signal, progress, isLocal, copies });
  } finally {
    await reader.close();
  }
}

function calendarDay(time: Date): string {
  return time.toISOString().slice(0, "2026-11-22".length);
}

function lastReading(store: Store, name: string): Promise<LastReading> {
  return store.run(async (transaction) => {
    const leftOut = await leftOutPages(transaction, name);
    return {
      copies: await copiesById(transaction, name),
      leftOut: leftOut.map(({ id, reason }) => ({ id, title: id, reason })),
    };
  });
}

/** One process reads each source; a problem is told once, and kept beside the source. */
export function dueReader(
  parts: SourceReader & { readonly log: Log },
): (signal: AbortSignal) => Promise<void> {
  const told = new Map<string, string>();
  return async (signal) => {
    for (const source of await takeDueSources(parts.store, parts.clock.now())) {
      const options = { signal, progress: () => undefined, agreed: false, whole: false };
      const outcome = await readSource(parts, source, options);
      const problem = outcome.state === "kept" ? outcome.problem : "";
      if (problem !== "" && told.get(source.name) !== problem)
        parts.log.warn("help pages stay as they were", { source: source.name, reason: problem });
      told.set(source.name, problem);
    }
  };
}
