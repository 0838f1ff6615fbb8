/** What a process knows of the team: the help pages with the places they come from and their vectors, and the procedures in use. */

import { z } from "zod";
import { goodForMs } from "#store/db/notices.ts";
import type { Adapters } from "#adapters/index.ts";
import type { Log } from "#core/contracts/ports.ts";
import { DeskhandError, invalidInput, reasonOf } from "#core/values/errors.ts";
import { PRICES, tokenCost, type PriceTable } from "#agent/prices.ts";
import { openKnowledge, type OpenKnowledge } from "#knowledge/index.ts";
import { Unreadable } from "#knowledge/documents/document.ts";
import { documentReader } from "#knowledge/documents/reading-thread.ts";
import { uploadedPage } from "#knowledge/sources/folder-source.ts";
import { checkPages } from "#knowledge/lint/check-pages.ts";
import { readAgain, removeSource, dueReader } from "#knowledge/sources/read-source.ts";
import { renewWritten, followSources, type FollowedSources } from "#knowledge/sync-sources.ts";
import { databaseNotices, type Store } from "#store/db/database.ts";
import { pageInspector, type PageShelf } from "#jobs/knowledge/pages.ts";
import { WRITTEN } from "#store/knowledge/page-notes.ts";
import { ROLE_TASKS } from "#config/process-roles.ts";
import type { ComposedApp, Foundation } from "./composed-app.ts";
import type { openaiEmbeddings } from "#agent/model.ts";
import { type Config, isOnlySamples } from "#config/environment.ts";
import { embeddingConnection } from "#config/language-model.ts";
import type { Embedder } from "#knowledge/embedder.ts";
import type { Procedures } from "#core/contracts/knowledge.ts";
import { readProcedureFiles } from "#config/policy-file.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { adoptOwn, type Publishing } from "#jobs/procedures/publish.ts";
import { holdsIn, readProcedure, type Procedure } from "#procedures/format.ts";
import { publishedVersions } from "#store/procedures/versions.ts";

/** The help pages, and the follower that keeps the team's own texts up to date. */
export async function knowledgeFor(
  { config, store, clock, log, pages }: Foundation,
  { passages: sources, helpCenter }: Pick<Adapters, "passages" | "helpCenter">,
): Promise<{ readonly knowledge: OpenKnowledge; readonly followed: FollowedSources }> {
  const { EMBEDDINGS, DESKHAND_ROLE } = config.environment;
  // Only processes that run turns search the help pages; the others need neither the thread nor its memory.
  const isNeeded = EMBEDDINGS !== "off" && ROLE_TASKS[DESKHAND_ROLE].works;
  const embeddings =
    isNeeded && (providerEmbedder(config.environment, { log, prices: PRICES }) ?? true);
  const names = [...sources.map(({ name }) => name), WRITTEN];
  const opened = await openKnowledge({
    store,
    log,
    embeddings,
    sources: names,
    clock,
    inspect: pageInspector(),
    // Beside anything of yours the sample pages would be about another shop.
    ...(isOnlySamples(config) ? {} : { folder: null }),
    ...(pages === undefined ? {} : { folder: pages }),
  });
  const readDue = dueReader({ store, clock, log, knowledge: opened, helpCenter });
  const knowledge = hearingOfChanges(store, log, opened);
  return {
    knowledge,
    followed: followSources({
      knowledge,
      sources,
      log,
      async readDue(signal) {
        try {
          await renewWritten(store, knowledge);
        } finally {
          await readDue(signal);
        }
      },
    }),
  };
}

/** The same search, which also loads at once what changes in another process: pages saved, switched, read or removed. */
export function hearingOfChanges(store: Store, log: Log, knowledge: OpenKnowledge): OpenKnowledge {
  const ignore = databaseNotices(store).follow("help-pages", () => {
    void knowledge.reload().catch((error: unknown) => {
      log.warn("help pages are those known before", { reason: reasonOf(error) });
    });
  });
  return {
    ...knowledge,
    async close() {
      ignore();
      await knowledge.close();
    },
  };
}

/** A page that no question found for so long is named. */
const UNFOUND_DAYS = 90;

/** Gives the console's pages about help pages what they work on. */
export function pageShelf(
  reader: Pick<ComposedApp, "store" | "clock" | "knowledge" | "helpCenter">,
): PageShelf {
  const { store, clock, knowledge } = reader;
  return {
    store,
    clock,
    knowledge,
    problems: (linkHosts) => checkPages(store, { now: clock.now(), days: UNFOUND_DAYS, linkHosts }),
    readAgain: (source, agreed) => readAgain(reader, source, agreed),
    removeSource: (source) => removeSource(reader, source),
    async readUpload(name, bytes) {
      const reading = documentReader();
      try {
        const signal = new AbortController().signal;
        return await uploadedPage(name, bytes, { reader: reading, at: clock.now(), signal });
      } catch (error) {
        if (error instanceof Unreadable)
          throw invalidInput(`${name} is not used: ${error.message}`);
        throw error;
      } finally {
        await reading.close();
      }
    },
    async renew() {
      await renewWritten(store, knowledge);
      await knowledge.review();
      await knowledge.reload();
    },
  };
}

/** Passages in one request: few requests for a large help centre, and far below the provider's own bounds. */
const TEXTS_AT_ONCE = 64;
/** A question waits for its embedding no longer than this anyway. */
const ANSWER_MS = 20_000;
/** After a failure nothing is asked for this long: each search would wait for the next one. */
const REST_MS = 30_000;

/**
 * The provider that `EMBEDDINGS` names; null where it names none. Its client is loaded with the first text. What was
 * computed is told to the log with its tokens and their price.
 */
export function providerEmbedder(
  environment: Config["environment"],
  { log, prices }: { readonly log: Log; readonly prices: PriceTable },
): Embedder | null {
  const connection = embeddingConnection(environment);
  if (connection === null) return null;
  const { model } = connection;
  const loading: { ask: Promise<ReturnType<typeof openaiEmbeddings>> | null } = { ask: null };
  const state = { restUntil: 0, isClosed: false };
  return {
    name: environment.EMBEDDINGS,
    textsAtOnce: TEXTS_AT_ONCE,
    async embed(texts) {
      if (state.isClosed) throw new Error("the embedder is closed");
      if (performance.now() < state.restUntil)
        throw away("the provider of embeddings failed a moment ago");
      loading.ask ??= import("#agent/model.ts").then((client) =>
        client.openaiEmbeddings({ ...connection, timeoutMs: ANSWER_MS }),
      );
      const ask = await loading.ask;
      try {
        const { vectors, inputTokens } = await ask(texts);
        const usd = tokenCost(prices, model, { input: inputTokens, output: 0 });
        log.info("embeddings were computed", { model, texts: texts.length, inputTokens, usd });
        return vectors.map(ofLengthOne);
      } catch (error) {
        if (isAboutTexts(error)) throw error;
        state.restUntil = performance.now() + REST_MS;
        log.warn("the provider of embeddings failed", { reason: reasonOf(error) });
        throw away(reasonOf(error));
      }
    },
    async close() {
      state.isClosed = true;
    },
  };
}

/** For a provider that takes no text at all now. */
const away = (reason: string) => new DeskhandError("model.unavailable", reason);

const TextRefusal = z.object({ status: z.literal([400, 413, 422]) });

/** Whether other texts may have an answer: neither is the provider away, nor key, credit or model refused. */
function isAboutTexts(error: unknown): boolean {
  if (!(error instanceof DeskhandError)) return false;
  if (error.code === "model.refused") return TextRefusal.safeParse(error.cause).success;
  return error.code !== "model.unavailable";
}

/** Not every compatible server gives vectors of length 1. */
function ofLengthOne(numbers: readonly number[]): Float32Array {
  const length = Math.hypot(...numbers) || 1;
  return Float32Array.from(numbers, (number) => number / length);
}

type InUse = Procedure & { readonly version: number };

/**
 * Reads what is published when a turn asks, once for all that ask meanwhile, and keeps it for a moment. While the
 * database cannot be asked, or holds a text that an older version wrote in another form, turns go on with what is known:
 * a procedure helps, and is not needed.
 */
export function proceduresInUse({ store, log }: Pick<JobContext, "store" | "log">): Procedures {
  const notices = databaseNotices(store);
  const kept = { at: -Infinity, toldAt: 0, reading: Promise.resolve<readonly InUse[]>([]) };
  notices.follow("policy", () => void (kept.toldAt = performance.now()));
  async function readOr(known: typeof kept.reading): Promise<readonly InUse[]> {
    try {
      const versions = await store.run(publishedVersions);
      return versions.flatMap(({ name, text, version }) => {
        const read = readProcedure(name, text);
        return read.kind === "read" ? [{ ...read.procedure, version }] : [];
      });
    } catch (error) {
      kept.at = -Infinity;
      log.warn("procedures are those known before", { reason: reasonOf(error) });
      return known;
    }
  }
  return {
    async held(place, signal) {
      signal.throwIfAborted();
      const now = performance.now();
      if (kept.at <= kept.toldAt || now - kept.at >= goodForMs(notices)) {
        // From before the question, so that a notice during it counts.
        kept.at = now;
        kept.reading = readOr(kept.reading);
      }
      return (await kept.reading)
        .filter((procedure) => holdsIn(procedure, place))
        .toSorted((a, b) => a.name.localeCompare(b.name));
    },
  };
}

/** They are part of the program, like the sandbox's policy; with a folder or policy of your own nothing is adopted. */
export async function adoptSampleProcedures(config: Config, parts: Publishing): Promise<void> {
  if (!config.isSandboxPolicy || config.environment.DESKHAND_PROCEDURES !== undefined) return;
  await adoptOwn(parts, readProcedureFiles(config));
}
