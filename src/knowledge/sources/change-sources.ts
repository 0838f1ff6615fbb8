/** Adds a source of help pages, reads one again, and removes one, as leads ask for it. */
import { stat } from "node:fs/promises";
import type { SourceReading } from "#core/contracts/knowledge.ts";
import { type DeskhandError, invalidInput } from "#core/values/errors.ts";
import { WRITTEN } from "#store/knowledge/written-pages.ts";
import type { Progress } from "./folder-source.ts";
import { type ReadingOutcome, readSource, type SourceReader } from "./read-source.ts";
import { siteScope } from "./site-links.ts";
import { type AddedSource, addedSources, deleteSource, insertSource } from "./source-rows.ts";

/** A name is part of the ids of passages and typed by people. */
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/** What is to be added. */
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
  if (!(await store.run((transaction) => insertSource(transaction, source))))
    throw new Error(`there is a source ${name} already; give this one another name with --name`);
  const outcome = await read(reader, await sourceNamed(reader, name), false, progress);
  if (outcome.state === "taken" && outcome.reading.pages.length > 0) return outcome.reading;
  const why =
    outcome.state === "kept"
      ? [outcome.problem]
      : outcome.reading.leftOut.map(({ id, reason }) => `${id}: ${reason}`);
  await store.run((transaction) => deleteSource(transaction, name));
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
  const outcome = await read(reader, await sourceNamed(reader, name), agreed, () => undefined);
  if (outcome.state === "kept") throw invalidInput(outcome.problem);
}

/** Forgets a source with all its pages; the files themselves stay. Throws `input.invalid` when there is none. */
export async function removeSource(reader: SourceReader, name: string): Promise<void> {
  if (!(await reader.store.run((transaction) => deleteSource(transaction, name))))
    throw unknownSource(name);
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

function read(
  reader: SourceReader,
  source: AddedSource,
  agreed: boolean,
  progress: Progress,
): Promise<ReadingOutcome> {
  const { signal } = new AbortController();
  return readSource(reader, source, { agreed, progress, whole: true, signal });
}
