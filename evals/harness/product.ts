/** Builds the real product for cases: its own wiring, with in-memory channels. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { codeSender } from "#jobs/identity/send-code.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { openKnowledge } from "#knowledge/index.ts";
import { readConfig } from "#config/environment.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { compose } from "#app/compose.ts";
import { openStore, rowsOf, type Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { createLog } from "#telemetry/log.ts";
import { createBell, type Bell } from "./fake-queue.ts";
import { caseClock, type CaseClock } from "./clock.ts";
import type { EvalCase } from "#evals/case.ts";
import { memoryChannel, type Sent } from "./memory-channel.ts";
import { openShopStand, type ShopStand } from "./shop.ts";

/** Variables that choose a model; all other environment variables are ignored. */
const MODEL_VARIABLES = /^(?:OPENAI_|EMBEDDINGS_|DESKHAND_MODEL$)/;

/** What the product's own wiring creates. */
export type Wired = Awaited<ReturnType<typeof compose>>;

/** How a stage differs from the product as shipped. */
export interface StageOptions {
  /** Variables in addition to those that choose a model, such as another policy file. */
  readonly settings: NodeJS.ProcessEnv;
  /** Replaces wired parts with others. */
  readonly exchange: (wired: Wired) => JobContext;
  /** An empty PostgreSQL to use; the embedded database when absent. */
  readonly databaseUrl?: string;
}

const AS_SHIPPED: StageOptions = { settings: {}, exchange: (wired) => wired };

/** What is kept from case to case. */
export interface Stage {
  readonly parts: JobContext;
  readonly store: Store;
  readonly clock: CaseClock;
  readonly shop: ShopStand;
  readonly bell: Bell;
  /** Everything sent by a channel since the last reset. */
  readonly sent: Sent[];
  /** The agent's results since the last reset, one per turn. */
  readonly results: TurnResult[];
  /** Deletes everything a case may have written and keeps what is read once at start, such as the help pages. */
  reset(world: EvalCase["world"]): Promise<void>;
}

/**
 * Builds the product by its own wiring: agent, tools, guards, the sandbox's policy, help pages, database, and the
 * sample shop behind its HTTP interface. Only the channels are replaced, so that a case can define how well its writer
 * is known.
 */
export async function buildStage(
  folder: string,
  environment: NodeJS.ProcessEnv,
  onClose: (closer: () => Promise<void>) => void,
  { settings, exchange, databaseUrl }: StageOptions = AS_SHIPPED,
): Promise<Stage> {
  const log = errorsOnly(createLog("error"));
  const chosen = Object.entries(environment).filter(([name]) => MODEL_VARIABLES.test(name));
  const config = readConfig({
    ...Object.fromEntries(chosen),
    ...settings,
    DESKHAND_DATA: folder,
  });
  mkdirSync(config.dataFolder, { recursive: true });
  const store = await openStore({ databaseUrl: databaseUrl ?? null, folder, log });
  onClose(() => store.close());
  await migrate(store);
  if (config.environment.EMBEDDINGS === "builtin") await embedPages(store, log);
  const clock = caseClock();
  const shop = await openShopStand(join(folder, "shop"), clock);
  onClose(() => shop.close());
  const bell = createBell();
  const wired = await compose({
    config,
    store,
    queue: bell.queue,
    embedded: {
      redisUrl: null,
      slack: null,
      slackUnavailable: null,
      zendesk: null,
      mail: null,
      shop,
      close: async () => undefined,
    },
    clock,
    log,
    appUrl: () => "http://127.0.0.1",
    worker: "evals",
    secrets: await installationSecrets(store),
  });
  onClose(() => wired.close());
  const sent: Sent[] = [];
  const results: TurnResult[] = [];
  const tables = sql.join(
    (await emptyTables(store)).map((name) => sql.identifier(name)),
    sql`, `,
  );
  return {
    parts: onStage(exchange(wired), sent, results),
    store,
    clock,
    shop,
    bell,
    sent,
    results,
    async reset(world) {
      clock.restart();
      sent.splice(0);
      results.splice(0);
      bell.take();
      await store.run((transaction) =>
        transaction.execute(sql`truncate ${tables} restart identity cascade`),
      );
      shop.restart(world);
    },
  };
}

/** Alerts for the team and retries are expected here, so only errors are logged. */
function errorsOnly(log: Log): Log {
  return { ...log, info: () => undefined, warn: () => undefined };
}

/** In production a search works without embeddings until they are ready; here each run has to see the same pages. */
async function embedPages(store: Store, log: Log): Promise<void> {
  const pages = await openKnowledge({ store, log, embeddings: true });
  try {
    await pages.embedded();
  } finally {
    await pages.close();
  }
}

/** The job context with in-memory channels. The agent is the real one; its results are recorded. */
function onStage(wired: JobContext, sent: Sent[], results: TurnResult[]): JobContext {
  const channels = new Map(ChannelName.options.map((name) => [name, memoryChannel(name, sent)]));
  const { store, shop, codes, clock, log } = wired;
  const mail = channels.get("email") ?? null;
  const identity = codeSender({ store, shop, codes, clock, log, mail });
  return {
    ...wired,
    channels,
    targets: new Map([...wired.targets, ...channels, [identity.name, identity]]),
    agent: {
      ...wired.agent,
      run: async (input) => {
        const result = await wired.agent.run(input);
        results.push(result);
        return result;
      },
    },
  };
}

const TableRow = z.object({ name: z.string() });

/** The tables that are empty before the first case: whatever they contain later was written by a case. */
function emptyTables(store: Store): Promise<readonly string[]> {
  return store.run(async (transaction) => {
    const tables = await rowsOf(
      transaction,
      TableRow,
      sql`select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    );
    const empty: string[] = [];
    for (const { name } of tables) {
      const query = sql`select 1 from ${sql.identifier(name)} limit 1`;
      const rows = await rowsOf(transaction, z.object({}), query);
      if (rows.length === 0) empty.push(name);
    }
    return empty;
  });
}
