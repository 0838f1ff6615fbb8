/** What the tests of the help pages share: a database, embeddings that are computed once, a log to look into. */
import type { Log } from "#core/contracts/ports.ts";
import type { Embedder } from "#knowledge/embedder.ts";
import type { Page } from "#knowledge/pages.ts";
import { type Index, indexBuilder, type IndexedPassage } from "#knowledge/rank.ts";
import { insertSource } from "#knowledge/sources/source-rows.ts";
import { vectorTable } from "#knowledge/vectors.ts";
import type { Store } from "#store/db/database.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import type { DatabaseKind } from "#test/support/deskhand.ts";

/** An empty, migrated database of one kind. */
export async function emptyStore(
  kind: DatabaseKind,
): Promise<{ readonly store: Store; readonly destroy: () => Promise<void> }> {
  const { opened } = await sharedDatabase(kind);
  return { store: opened.store, destroy: () => opened.close() };
}

/** Adds a folder named `help` as a source. */
export function addHelpSource(store: Store, at: Date): Promise<unknown> {
  const source = { name: "help", kind: "folder", location: "/help", is_local: false } as const;
  return store.run((transaction) => insertSource(transaction, { ...source, by: "test", at }));
}

/** An index of passages, with a vector for each where there are vectors. */
export function indexed(
  passages: readonly IndexedPassage[],
  vectors: readonly Float32Array[] = [],
): Index {
  const builder = indexBuilder();
  for (const passage of passages) builder.add(passage);
  const table = vectorTable();
  for (const [number, vector] of vectors.entries()) table.set(number, vector);
  return { ...builder.built(), vectors: table };
}

export interface ListeningLog extends Log {
  /** Every line so far: the message and its details. */
  readonly lines: string[];
}

export function listeningLog(): ListeningLog {
  const lines: string[] = [];
  const take = (message: string, details: Readonly<Record<string, unknown>> = {}): void =>
    void lines.push(`${message} ${JSON.stringify(details)}`);
  return { lines, info: () => undefined, warn: take, error: take };
}

export interface CountingEmbedder extends Embedder {
  /** Every text that had to be computed, in order. */
  readonly computed: string[];
}

/** Vectors that depend on the letters alone: good enough where only the coming and going of embeddings matters. */
export function countingEmbedder(): CountingEmbedder {
  const computed: string[] = [];
  return {
    name: "builtin",
    textsAtOnce: 8,
    computed,
    async embed(texts) {
      computed.push(...texts);
      return texts.map(vectorOf);
    },
    close: async () => undefined,
  };
}

function vectorOf(text: string): Float32Array {
  const vector = new Float32Array(512);
  for (const letter of text) {
    const at = (letter.codePointAt(0) ?? 0) % 512;
    vector[at] = (vector[at] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** As on a machine where embeddings cannot be had. */
export const noEmbedder: Embedder = {
  name: "builtin",
  textsAtOnce: 8,
  embed: async () => Promise.reject(new Error("there are none here")),
  close: async () => undefined,
};

/** Computes each text once, for all databases; `close` leaves the inner one open for the next. */
export function remembering(inner: Embedder): Embedder {
  const known = new Map<string, Promise<Float32Array>>();
  const one = async (text: string): Promise<Float32Array> => {
    const [vector] = await inner.embed([text]);
    if (vector === undefined) throw new Error("no vector");
    return vector;
  };
  return {
    ...inner,
    embed: (texts) =>
      Promise.all(
        texts.map((text) => {
          const vector = known.get(text) ?? one(text);
          known.set(text, vector);
          return vector;
        }),
      ),
    close: async () => undefined,
  };
}

export function page(slug: string, text: string): Page {
  return { slug, title: slug, url: `https://help.test/${slug}`, updated: "2026-01-01", text };
}

export const never = new AbortController().signal;
