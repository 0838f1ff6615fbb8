/** The commands about help pages and where they come from. */
import { basename } from "node:path";
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import type { ExplainingSearch, Knowledge } from "#core/contracts/knowledge.ts";
import type { OpenKnowledge } from "#knowledge/index.ts";
import {
  type ReadingOutcome,
  readSource,
  type SourceReader,
} from "#knowledge/sources/read-source.ts";
import { allowPage, pageDoubts } from "#store/knowledge/page-doubts.ts";
import { addKnowledgeGaps } from "./knowledge/gaps.ts";
import { addKnowledgeLint } from "./knowledge/lint.ts";
import { scopeOf } from "#knowledge/sources/site-links.ts";
import {
  type AddedSource,
  addedSources,
  deleteSource,
  insertSource,
  leftOutOf,
} from "#knowledge/sources/source-rows.ts";
import { WRITTEN } from "#store/knowledge/written-pages.ts";
import { counted, percent } from "#core/values/words.ts";

/** What the commands about help pages work on. */
export interface KnowledgeShelf extends SourceReader {
  readonly knowledge: SourceReader["knowledge"] &
    Knowledge &
    ExplainingSearch &
    Pick<OpenKnowledge, "vectorOf">;
  /** Told while a long reading goes on; left out where no person watches. */
  readonly progress?: (line: string) => void;
}

/** A name is part of the ids of passages and typed by people. */
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
/** Files left out that a command prints; the list has all of them. */
const LEFT_OUT_SHOWN = 20;
const PROGRESS_EVERY_MS = 2_000;
const WORDS_SHOWN = 30;

/** Adds the commands. `open` throws where no data is known. */
export function addKnowledgeCommands(
  program: Command,
  open: () => Promise<KnowledgeShelf>,
  print: (text: string) => void,
): void {
  const knowledge = program
    .command("knowledge")
    .description("help pages that answers cite: where they come from, and what a question finds");
  knowledge
    .command("add <source>")
    .description(
      "reads a site, zendesk (the help centre of the connected account), or a folder or file of help pages (Markdown, MDX, HTML, PDF, DOCX, text), and keeps following it",
    )
    .option(
      "--name <name>",
      "what it is called here; otherwise the name of the folder, file or host",
    )
    .option("--local", "reads a site of your own network, which is refused otherwise", false)
    .action(async (location: string, { name, local }: { name?: string; local: boolean }) => {
      const given = { location, isLocal: local, name: name ?? nameFrom(location) };
      print(await add(await open(), given));
    });
  knowledge
    .command("list [name]")
    .description("lists the sources, or what one of them left out and why")
    .action(async (name: string | undefined) => {
      print(await list(await open(), name ?? null));
    });
  knowledge
    .command("refresh [name]")
    .description("reads all sources again, or this one")
    .option("--accept", "also when more than a third of its pages would go", false)
    .action(async (name: string | undefined, { accept }: { accept: boolean }) => {
      print(await refresh(await open(), name ?? null, accept));
    });
  knowledge
    .command("remove <name>")
    .description("forgets a source with all its pages; the files themselves stay")
    .action(async (name: string) => {
      const { store, knowledge: pages } = await open();
      if (!(await store.run((transaction) => deleteSource(transaction, name)))) throw unknown(name);
      await pages.reload();
      print(`${name} is removed with its pages.`);
    });
  knowledge
    .command("allow <page>")
    .description("lets answers rest on a page that looks as if it instructed the bot")
    .action(async (page: string) => {
      const { store, knowledge: pages } = await open();
      const isKnown = await store.run((transaction) =>
        allowPage(transaction, page, "command line"),
      );
      if (!isKnown) throw new Error(`nothing stands against ${page}; knowledge lint names pages`);
      await pages.reload();
      print(`Answers may rest on ${page} as it is now.`);
    });
  knowledge
    .command("search <question>")
    .description("shows which passages a question finds, best first")
    .action(async (question: string) => {
      print(await search(await open(), question));
    });
  addKnowledgeGaps(knowledge, open, print);
  addKnowledgeLint(knowledge, open, print);
}

const IS_SITE = /^https?:\/\//i;
/** In place of a path or an address; a folder of this name is `./zendesk`. */
const HELP_CENTER = "zendesk";

/** What kind of place a source is, by how it is typed. */
export function sourceKind(location: string): AddedSource["kind"] {
  if (location === HELP_CENTER) return "zendesk-guide";
  return IS_SITE.test(location) ? "site" : "folder";
}

function nameFrom(location: string): string {
  const name = IS_SITE.test(location) ? scopeOf(location).start.hostname : basename(location);
  return name
    .replace(/\.\w+$/, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 40);
}

function unknown(name: string): Error {
  return new Error(`there is no source ${name}; deskhand knowledge list names all`);
}

/** What is to be added. */
interface Given {
  readonly name: string;
  readonly location: string;
  readonly isLocal: boolean;
}

async function add(shelf: KnowledgeShelf, { name, location, isLocal }: Given): Promise<string> {
  if (!NAME.test(name))
    throw new Error(
      `the name “${name}” has to be 1 to 40 small letters, digits and dashes: --name NAME`,
    );
  if (name === WRITTEN)
    throw new Error(`pages written in the console are called ${WRITTEN}; give another --name NAME`);
  const kind = sourceKind(location);
  if (kind === "site") scopeOf(location);
  if (kind === "folder")
    await stat(location).catch(() => {
      throw new Error(`there is no folder or file ${location}`);
    });
  const { store, clock } = shelf;
  const source = { name, kind, location, is_local: isLocal } as const;
  const isNew = await store.run((transaction) =>
    insertSource(transaction, { ...source, by: "command line", at: clock.now() }),
  );
  if (!isNew)
    throw new Error(`there is a source ${name} already; give this one another name with --name`);
  const outcome = await read(shelf, await named(shelf, name), false);
  if (outcome.state === "taken" && outcome.reading.pages.length > 0)
    return outcomeText(shelf, name, outcome);
  const why = await outcomeText(shelf, name, outcome);
  await store.run((transaction) => deleteSource(transaction, name));
  throw new Error(`${why}\n${name} was not added, since it has no page that can be read`);
}

async function named(shelf: KnowledgeShelf, name: string): Promise<AddedSource> {
  const all = await shelf.store.run(addedSources);
  const found = all.find((source) => source.name === name);
  if (found === undefined) throw unknown(name);
  return found;
}

function read(
  shelf: KnowledgeShelf,
  source: AddedSource,
  agreed: boolean,
): Promise<ReadingOutcome> {
  let next = performance.now() + PROGRESS_EVERY_MS;
  const progress = (done: number, all: number): void => {
    if (performance.now() < next) return;
    next = performance.now() + PROGRESS_EVERY_MS;
    shelf.progress?.(`${source.name}: ${done} of ${all} read`);
  };
  return readSource(shelf, source, {
    agreed,
    progress,
    whole: true,
    signal: new AbortController().signal,
  });
}

async function refresh(
  shelf: KnowledgeShelf,
  name: string | null,
  agreed: boolean,
): Promise<string> {
  const sources = name === null ? await shelf.store.run(addedSources) : [await named(shelf, name)];
  if (sources.length === 0) return NONE;
  const texts: string[] = [];
  for (const source of sources)
    texts.push(await outcomeText(shelf, source.name, await read(shelf, source, agreed)));
  return texts.join("\n");
}

const NONE = "No source was added yet. Add a folder of help pages: deskhand knowledge add FOLDER";

async function outcomeText(
  shelf: KnowledgeShelf,
  name: string,
  outcome: ReadingOutcome,
): Promise<string> {
  if (outcome.state === "kept") return `${name}: ${outcome.problem}`;
  const { pages, leftOut } = outcome.reading;
  return [
    `${name}: ${counted(pages.length, "page")} can be cited`,
    ...(await leftOutLines(shelf, name, leftOut.length)),
  ].join("\n");
}

async function leftOutLines(
  { store }: KnowledgeShelf,
  name: string,
  count: number,
): Promise<readonly string[]> {
  if (count === 0) return [];
  const rows = await store.run((transaction) => leftOutOf(transaction, name));
  const shown = rows.slice(0, LEFT_OUT_SHOWN).map(({ id, reason }) => `  ${id}: ${reason}`);
  const more = count - shown.length;
  return [
    `${counted(count, "page")} left out:`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more: deskhand knowledge list ${name}`] : []),
  ];
}

async function list(shelf: KnowledgeShelf, name: string | null): Promise<string> {
  const { store } = shelf;
  if (name !== null) {
    const source = await named(shelf, name);
    const rows = await store.run((transaction) => leftOutOf(transaction, name));
    const out = rows.map(({ id, reason }) => `  ${id}: ${reason}`);
    return [
      sourceLine(source),
      ...(out.length === 0 ? ["nothing was left out"] : out),
      ...(await instructionLines(store, name)),
    ].join("\n");
  }
  const sources = await store.run(addedSources);
  return sources.length === 0 ? NONE : sources.map(sourceLine).join("\n");
}

/** Pages whose writer may have addressed the bot instead of people. */
async function instructionLines(
  store: KnowledgeShelf["store"],
  name: string,
): Promise<readonly string[]> {
  const doubts = await store.run(pageDoubts);
  const found = doubts.filter(
    ({ kind, slug }) => kind === "instructions" && slug.startsWith(`${name}/`),
  );
  if (found.length === 0) return [];
  return [
    `${counted(found.length, "page")} with instructions to the bot, which are not followed:`,
    ...found.map(({ slug, reason, allowedBy }) => {
      const state = allowedBy === "" ? "no answer rests on it" : `allowed by ${allowedBy}`;
      return `  ${slug} (${state}): ${reason}`;
    }),
  ];
}

function sourceLine({ name, location, read_at, pages, left_out, problem }: AddedSource): string {
  const when =
    read_at === null
      ? "not read yet"
      : `read ${read_at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const counts = `${counted(pages, "page")}${left_out === 0 ? "" : `, ${left_out} left out`}`;
  return `${name}: ${counts} · ${when} · ${location}${problem === "" ? "" : `\n  ${problem}`}`;
}

async function search({ knowledge }: KnowledgeShelf, question: string): Promise<string> {
  const found = await knowledge.explain(question, 5, AbortSignal.timeout(30_000));
  if (found.length === 0) return "Nothing was found: the bot would say that it does not know.";
  const lines = found.map(({ passage, words: share, meaning }, at) => {
    const { title, id, text, caution, score } = passage;
    const words = text.replaceAll(/\s+/g, " ").split(" ");
    const shown = words.slice(0, WORDS_SHOWN).join(" ");
    const mark = caution === undefined ? "" : ` — not for customers: ${caution}`;
    const why = `words ${percent(share)}${meaning === null ? "" : `, meaning ${percent(meaning)}`}`;
    return `${at + 1}. ${percent(score)} ${title} (${id})${mark}\n   ${why}\n   ${shown}${words.length > WORDS_SHOWN ? " …" : ""}`;
  });
  return [...lines, CHANCE_MEANS].join("\n");
}

const CHANCE_MEANS =
  "The percentage is how often a page found like this has answered the question. Below caps.confidence of the policy people take over.";
