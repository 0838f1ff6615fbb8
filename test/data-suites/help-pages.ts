import { join } from "node:path";
import { z } from "zod";
import { documentReader } from "#knowledge/documents/reading-thread.ts";
import { passagePage } from "#core/contracts/knowledge.ts";
import { workerEmbedder } from "#knowledge/embedder.ts";
import { openPages, type OpenKnowledge } from "#knowledge/index.ts";
import { readFolder } from "#knowledge/sources/folder-source.ts";
import { withEmptyStore } from "#evals/knowledge/empty-store.ts";
import { labelledLines } from "#evals/labelled-lines.ts";
import { type Measure, measuresOf, type Setting } from "./measure.ts";

/** Each is a folder of documents, with a file of questions beside them. */
const SETS = ["docx", "html", "md", "pdf"] as const;

/** Questions whose passage is null must not be answered from their document, so no page is right. */
const Question = z.object({
  question: z.string(),
  doc: z.string(),
  passage: z.string().nullable(),
});

/** Passages looked at to name the first pages; several passages may be of one page. */
const PASSAGES = 20;
const FIRST = 3;
const PATIENCE_MS = 60_000;

const measure = measuresOf("help-pages");

/** Folders of documents are imported as by `deskhand knowledge add`, and asked. */
export async function helpPages({ folder, progress }: Setting): Promise<readonly Measure[]> {
  const measures: Measure[] = [];
  let right = 0;
  let all = 0;
  for (const set of SETS) {
    const found = await measuredSet(join(folder, "pages"), set, progress);
    right += found.right;
    all += found.all;
    measures.push(measure(`right page among three, ${set}`, found.right, found.all));
  }
  return [...measures, measure("right page among three", right, all, 0.9)];
}

function measuredSet(
  pages: string,
  set: (typeof SETS)[number],
  progress: Setting["progress"],
): Promise<{ readonly right: number; readonly all: number }> {
  return withEmptyStore(async ({ store, log }) => {
    const embedder = workerEmbedder({ log });
    const knowledge = await openPages({ store, log, pages: [], embedder, sources: [set] });
    try {
      const twins = await imported(join(pages, set), set, knowledge);
      progress(`help pages: ${set} is imported`);
      await knowledge.embedded();
      let right = 0;
      let all = 0;
      for (const { question, doc, passage } of labelledLines(
        join(pages, "questions", `${set}.jsonl`),
        Question,
      )) {
        if (passage === null) continue;
        const signal = AbortSignal.timeout(PATIENCE_MS);
        const found = await knowledge.search(question, PASSAGES, signal);
        const first = [...new Set(found.map(({ id }) => passagePage(id)))].slice(0, FIRST);
        const isRight = first.includes(twins.get(doc) ?? doc);
        all += 1;
        right += Number(isRight);
        if (!isRight) progress(`help pages: “${question}” found ${first.join(", ")}, not ${doc}`);
      }
      return { right, all };
    } finally {
      await knowledge.close();
    }
  });
}

const TWIN = /^it says the same as (?<path>.*)$/;

/** Returns the documents that were left out for another one with the same text, by their names. */
async function imported(
  folder: string,
  set: string,
  knowledge: OpenKnowledge,
): Promise<ReadonlyMap<string, string>> {
  const reader = documentReader();
  try {
    const signal = new AbortController().signal;
    const reading = await readFolder(folder, reader, { signal, progress: () => undefined });
    await knowledge.take(set, reading.pages);
    await knowledge.reload();
    return new Map(
      reading.leftOut.flatMap(({ id, reason }): [string, string][] => {
        const twin = TWIN.exec(reason)?.groups?.["path"];
        return twin === undefined ? [] : [[`${set}/${id}`, `${set}/${twin}`]];
      }),
    );
  } finally {
    await reader.close();
  }
}
