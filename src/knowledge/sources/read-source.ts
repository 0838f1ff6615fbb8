/** Reads a source that a lead added, when it is asked for and when its time has come, and decides whether what was read takes the place of what was there; adds sources and removes them, as leads ask for it. */
import { leftOutBy } from "#store/console/help-pages.ts";
import { utcDay } from "#core/values/moment.ts";
import type { HelpCenter, SourceReading } from "#core/contracts/knowledge.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { reasonOf, type DeskhandError, invalidInput } from "#core/values/errors.ts";
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
  recordProblem,
  recordReading,
  takeDueSource,
  giveBackSource,
  addedSources,
  deleteSource,
  insertSource,
} from "./source-rows.ts";
import { stat } from "node:fs/promises";
import { WRITTEN } from "#store/knowledge/page-notes.ts";
import { siteScope } from "./site-rules.ts";

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

interface ReadingOptions {
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
  /** True where a person agreed that pages go. */
  readonly agreed?: boolean;
  /** True asks a help centre for everything, as once a day; otherwise for what changed. */
  readonly whole?: boolean;
}

/** What came of it, in words for a person where it was not taken over. */
type ReadingOutcome =
  | { readonly state: "taken"; readonly reading: SourceReading }
  | { readonly state: "kept"; readonly problem: string };

/**
 * Reads one source and replaces its pages. Pages stay as they were when the source cannot be read, and when more than a
 * third of them would go and nobody has agreed to that. Rejects only on the signal.
 */
async function readSource(
  parts: SourceReader,
  source: AddedSource,
  given: ReadingOptions,
): Promise<ReadingOutcome> {
  const { store, clock, knowledge } = parts;
  const options = { signal: new AbortController().signal, progress: () => undefined, ...given };
  const keep = async (problem: string): Promise<ReadingOutcome> => {
    await store.run(recordProblem, source.name, problem);
    await knowledge.review();
    await knowledge.reload();
    return { state: "kept", problem };
  };
  const reading = await sourceReading(parts, source, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    return `${source.location} cannot be read: ${reasonOf(error)}`;
  });
  if (typeof reading === "string") return keep(reading);
  const { pages, leftOut, copies } = reading;
  const isChecked = source.pages > FEW_PAGES || pages.length === 0;
  if (options.agreed !== true && isChecked && pages.length < (source.pages * 2) / 3)
    return keep(
      `it has ${pages.length} pages now and had ${source.pages}; what is gone is kept until a lead agrees, on the page of this source in the console`,
    );
  const { name } = source;
  const refusal = await knowledge.take(name, pages).then(
    () => null,
    (error: unknown) => `the pages of ${source.location} cannot be stored: ${reasonOf(error)}`,
  );
  options.signal.throwIfAborted();
  if (refusal !== null) return keep(refusal);
  await store.run(async (transaction) => {
    await recordReading(transaction, { name, at: clock.now(), pages: pages.length, leftOut });
    await keepCopies(transaction, name, copies);
  });
  await knowledge.review();
  await knowledge.reload();
  return { state: "taken", reading };
}

async function sourceReading(
  { store, clock, helpCenter = null }: SourceReader,
  source: AddedSource,
  {
    signal,
    progress,
    whole = false,
  }: ReadingOptions & Required<Pick<ReadingOptions, "signal" | "progress">>,
): Promise<SiteResult> {
  const { name, kind, location, is_local: isLocal } = source;
  const reader = documentReader();
  try {
    if (kind === "folder")
      return { ...(await readFolder(location, reader, { signal, progress })), copies: [] };
    if (kind === "zendesk-guide") {
      // Changes alone do not tell what is gone, so everything is read once a day.
      const isDue =
        whole || source.read_at === null || utcDay(source.read_at) !== utcDay(clock.now());
      const last = isDue ? null : await lastReading(store, name);
      return await readHelpCenter(helpCenter, { reader, signal, progress, last });
    }
    const copies = await store.run(copiesById, name);
    const now = clock.now();
    return await readSite(location, { reader, signal, progress, isLocal, copies, now });
  } finally {
    await reader.close();
  }
}

function lastReading(store: Store, name: string): Promise<LastReading> {
  return store.run(async (transaction) => {
    const leftOut = await leftOutBy(transaction, name);
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
  const { store, clock } = parts;
  return async (signal) => {
    for (let source; (source = await takeDueSource(store, clock.now())) !== null;) {
      const { name } = source;
      const outcome = await readSource(parts, source, { signal }).catch(async (error: unknown) => {
        if (signal.aborted) await store.run(giveBackSource, name, clock.now());
        throw error;
      });
      const problem = outcome.state === "kept" ? outcome.problem : "";
      if (problem !== "" && told.get(source.name) !== problem)
        parts.log.warn("help pages stay as they were", { source: source.name, reason: problem });
      told.set(source.name, problem);
    }
  };
}

// Adds a source, reads one again, and removes one.

/** A name is part of the ids of passages and typed by people. */
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

interface GivenSource extends Pick<AddedSource, "name" | "kind" | "location"> {
  /** True where the site may be one of the operator's own network. */
  readonly isLocal: boolean;
}

/**
 * Adds a source and reads it. Throws with the reason, and adds nothing, for a name or place that cannot be used, and when
 * no page of it can be read.
 */
export async function addSource(
  reader: SourceReader,
  { name, kind, location, isLocal }: GivenSource,
  progress: Progress,
): Promise<SourceReading> {
  if (!NAME.test(name))
    throw new Error(
      `the name “${name}” has to be 1 to 40 small letters, digits and dashes: --name NAME`,
    );
  if (name === WRITTEN)
    throw new Error(`pages written in the console are called ${WRITTEN}; give another --name NAME`);
  if (kind === "site") siteScope(location);
  if (kind === "folder")
    await stat(location).catch(() => {
      throw new Error(`there is no folder or file ${location}`);
    });
  const { store, clock } = reader;
  const source = { name, kind, location, is_local: isLocal, by: "command line", at: clock.now() };
  if (!(await store.run(insertSource, source)))
    throw new Error(`there is a source ${name} already; give this one another name with --name`);
  const added = await sourceNamed(reader, name);
  const outcome = await readSource(reader, added, { progress, whole: true });
  if (outcome.state === "taken" && outcome.reading.pages.length > 0) return outcome.reading;
  const why =
    outcome.state === "kept"
      ? [outcome.problem]
      : outcome.reading.leftOut.map(({ id, reason }) => `${id}: ${reason}`);
  await store.run(deleteSource, name);
  throw new Error(
    [...why, `${name} was not added, since it has no page that can be read`].join("\n"),
  );
}

/**
 * Reads a source again, all of it; `agreed` also when more than a third of its pages go. Throws `input.invalid` with the
 * reason when its pages stay as they were.
 */
export async function readAgain(
  reader: SourceReader,
  name: string,
  agreed: boolean,
): Promise<void> {
  const source = await sourceNamed(reader, name);
  const outcome = await readSource(reader, source, { agreed, whole: true });
  if (outcome.state === "kept") throw invalidInput(outcome.problem);
}

/** Forgets a source with all its pages; the files themselves stay. Throws `input.invalid` when there is none. */
export async function removeSource(reader: SourceReader, name: string): Promise<void> {
  if (!(await reader.store.run(deleteSource, name))) throw unknownSource(name);
  // What contradicted its pages contradicts nothing any more.
  await reader.knowledge.review();
  await reader.knowledge.reload();
}

async function sourceNamed({ store }: SourceReader, name: string): Promise<AddedSource> {
  const found = (await store.run(addedSources)).find((source) => source.name === name);
  if (found === undefined) throw unknownSource(name);
  return found;
}

function unknownSource(name: string): DeskhandError {
  return invalidInput(`there is no source ${name} any more`);
}
