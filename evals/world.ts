import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { DeskTeammate } from "#core/desk.ts";
import { ChannelName } from "#core/names.ts";
import type { Log } from "#core/ports.ts";
import type { TurnResult } from "#core/turn.ts";
import { deskHandler } from "#jobs/approve.ts";
import { intake } from "#jobs/intake.ts";
import { channelOf, type Parts } from "#jobs/parts.ts";
import type { WakeQueue } from "#jobs/queue.ts";
import { wakeConversation } from "#jobs/wake.ts";
import { startSampleShop, type SampleShop } from "#sandbox/shop/index.ts";
import { TEAM } from "#sandbox/world.ts";
import { readConfig } from "#src/config.ts";
import { wire } from "#src/wiring.ts";
import { pendingApproval } from "#store/approvals.ts";
import { openStore, rowsOf, type Store } from "#store/driver.ts";
import { migrate } from "#store/migrate.ts";
import { createLog } from "#telemetry/log.ts";
import type { EvalCase, InputMessage } from "./case.ts";
import { messageOf } from "./letters.ts";
import { letterOf, memoryChannel, type Sent } from "./memory-channel.ts";
import { observe, type Before } from "./observe.ts";
import type { Observed } from "./observed.ts";
import { playShop, shopJournal } from "./shop-play.ts";

/** The moment every case begins at, so that the days in its expectations stay true. */
const START = Date.parse("2026-11-20T10:00:00.000Z");

/** Longer than any burst is waited for. */
const ARRIVED_BEFORE_MS = 60_000;
const WAKES_MAX = 10;

/** Variables that choose a model; everything else of the environment stays outside. */
const MODEL_VARIABLES = /^(?:OPENAI_|EMBEDDINGS_|DESKHAND_MODEL$)/;

/** The sample world with the real Deskhand in it, fresh for every case. */
export interface World {
  readonly modelName: string;
  run(evalCase: EvalCase): Promise<Observed>;
  close(): Promise<void>;
}

/**
 * Brings up what the product is made of, by the product's own wiring: agent, tools, guards, the sandbox's policy, help
 * pages, database and the sample shop behind its HTTP interface. Only the channels are of this process, so that a case
 * can say how well its writer is known.
 */
export async function openWorld(environment: NodeJS.ProcessEnv): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-evals-"));
  const closers: (() => Promise<void>)[] = [async () => rmSync(folder, { recursive: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const stage = await build(folder, environment, (closer) => closers.push(closer));
    return { modelName: stage.parts.agent.modelName, run: (evalCase) => play(stage, evalCase), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What stays from case to case. */
interface Stage {
  readonly parts: Parts;
  readonly store: Store;
  readonly clock: CaseClock;
  readonly shop: ShopStand;
  readonly bell: Bell;
  readonly sent: Sent[];
  readonly results: TurnResult[];
  /** Tables that are emptied between cases: those that held nothing before the first one. */
  readonly tables: readonly string[];
}

async function build(
  folder: string,
  environment: NodeJS.ProcessEnv,
  onClose: (closer: () => Promise<void>) => void,
): Promise<Stage> {
  const log = createLog("error");
  const chosen = Object.entries(environment).filter(([name]) => MODEL_VARIABLES.test(name));
  const config = readConfig({ ...Object.fromEntries(chosen), DESKHAND_DATA: folder });
  const store = await openStore({ databaseUrl: null, folder, log });
  onClose(() => store.close());
  await migrate(store);
  const clock = caseClock();
  const shop = await openShopStand(folder, clock);
  onClose(() => shop.close());
  const bell = createBell();
  const wired = await wire({
    config,
    store,
    queue: bell.queue,
    embedded: {
      redisUrl: null,
      slack: null,
      slackUnavailable: null,
      zendesk: null,
      mail: null,
      shop: shop.current(),
      close: async () => undefined,
    },
    clock,
    log: quiet(log),
    appUrl: () => "http://127.0.0.1",
    secrets: { chatIdentity: "evals", mail: "evals", canary: "evals", instance: "evals" },
  });
  const sent: Sent[] = [];
  const results: TurnResult[] = [];
  const channels = new Map(ChannelName.options.map((name) => [name, memoryChannel(name, sent)]));
  const parts: Parts = {
    ...wired,
    channels,
    targets: new Map([...wired.targets, ...channels]),
    // The agent is the real one; its results are noted on the way, since a trace keeps excerpts only.
    agent: {
      ...wired.agent,
      run: async (input) => {
        const result = await wired.agent.run(input);
        results.push(result);
        return result;
      },
    },
  };
  return { parts, store, clock, shop, bell, sent, results, tables: await emptyTables(store) };
}

/** Alerts for the team are expected here, so only errors are worth a line. */
function quiet(log: Log): Log {
  return { ...log, info: () => undefined, warn: () => undefined };
}

async function play(stage: Stage, evalCase: EvalCase): Promise<Observed> {
  await reset(stage);
  await playShop(stage.shop.current(), evalCase.world);
  const thread = evalCase.id;
  let count = 0;
  const take = async (written: readonly InputMessage[]): Promise<string> => {
    let conversationId = "";
    for (const item of written) {
      count += 1;
      const at = new Date(stage.clock.now().getTime() - ARRIVED_BEFORE_MS + count);
      const message = messageOf(evalCase, item, { key: `eval:${evalCase.id}:${count}`, at });
      const channel = channelOf(stage.parts, evalCase.channel);
      const taken = await intake(stage.parts, channel, letterOf(thread, message, at));
      conversationId = taken.conversationIds[0] ?? conversationId;
    }
    await ring(stage, conversationId);
    return conversationId;
  };
  for (const text of evalCase.earlier) await approve(stage, await take([{ text }]));
  const before: Before = {
    sent: stage.sent.length,
    results: stage.results.length,
    shopEffects: (await shopJournal(stage.shop.current())).length,
    at: stage.clock.now(),
  };
  const startedAt = performance.now();
  const conversationId = await take(evalCase.input);
  return observe({
    ...stage,
    conversationId,
    before,
    journal: await shopJournal(stage.shop.current()),
    durationMs: performance.now() - startedAt,
  });
}

/** Everything a case may have written goes; what was read once at the start stays. */
async function reset(stage: Stage): Promise<void> {
  stage.clock.restart();
  stage.sent.splice(0);
  stage.results.splice(0);
  stage.bell.take();
  await stage.store.script(`truncate ${stage.tables.join(", ")} restart identity cascade`);
  await stage.shop.restart();
}

const TableRow = z.object({ name: z.string() });

async function emptyTables(store: Store): Promise<readonly string[]> {
  return store.run(async (transaction) => {
    const tables = await rowsOf(
      transaction,
      TableRow,
      sql`select tablename as name from pg_tables where schemaname = 'public' order by 1`,
    );
    const empty: string[] = [];
    for (const { name } of tables) {
      const rows = await rowsOf(
        transaction,
        z.object({}),
        sql`select 1 from ${sql.identifier(name)} limit 1`,
      );
      if (rows.length === 0) empty.push(name);
    }
    return empty;
  });
}

/** Works on the conversation and on those it rings for, such as the other side of a hand-over. */
async function ring(stage: Stage, conversationId: string): Promise<void> {
  await wakeConversation(stage.parts, conversationId);
  for (let wakes = 0; wakes < WAKES_MAX; wakes += 1) {
    const next = stage.bell.take();
    if (next.length === 0) return;
    for (const id of next) await wakeConversation(stage.parts, id);
  }
}

/** What waits is approved by as many people as it needs, and done, as far as its time has come. */
async function approve(stage: Stage, conversationId: string): Promise<void> {
  const handler = deskHandler(stage.parts);
  const team: readonly DeskTeammate[] = [TEAM.sam, TEAM.lea].map(({ name, email }) => ({
    id: email,
    name,
    email,
    eligible: true,
  }));
  for (const teammate of team) {
    const card = await stage.store.run((transaction) =>
      pendingApproval(transaction, conversationId),
    );
    if (card === null || card.kind !== "proposal") break;
    await handler.decide({
      decisionId: `${card.id}:${teammate.id}`,
      approvalId: card.id,
      version: card.version,
      button: "approve",
      teammate,
      reason: "",
      edit: null,
    });
  }
  stage.clock.skip(stage.parts.policy.undoMs);
  await ring(stage, conversationId);
}

/** Business time: begins at the same moment in every case, then goes on as time does. */
interface CaseClock {
  now(): Date;
  restart(): void;
  skip(ms: number): void;
}

function caseClock(): CaseClock {
  const state = { zero: performance.now(), skipped: 0 };
  return {
    now: () => new Date(START + state.skipped + Math.floor(performance.now() - state.zero)),
    restart() {
      state.zero = performance.now();
      state.skipped = 0;
    },
    skip(ms) {
      state.skipped += ms;
    },
  };
}

/** The queue of a process with one worker: rings are noted, and worked off by whoever plays the case. */
interface Bell {
  readonly queue: WakeQueue;
  /** The conversations that were rung for without delay; forgets them. */
  take(): readonly string[];
}

function createBell(): Bell {
  const rung = new Set<string>();
  const wake = async (conversationId: string, delayMs = 0): Promise<void> => {
    if (delayMs <= 0) rung.add(conversationId);
  };
  return {
    queue: {
      wake,
      wakeAnyway: (conversationId) => wake(conversationId),
      work: () => undefined,
      depth: async () => rung.size,
      ping: async () => undefined,
      close: async () => undefined,
    },
    take() {
      const taken = [...rung];
      rung.clear();
      return taken;
    },
  };
}

/** The sample shop at one address, with the sample world made anew at every restart. */
interface ShopStand {
  current(): SampleShop;
  restart(): Promise<void>;
  close(): Promise<void>;
}

async function openShopStand(folder: string, clock: CaseClock): Promise<ShopStand> {
  const common = { now: () => clock.now(), sendMail: async () => undefined };
  const start = (count: number, more: { readonly port?: number; readonly key?: string }) =>
    startSampleShop({ directory: join(folder, "shop", String(count)), ...common, ...more });
  const state = { shop: await start(0, {}), count: 0 };
  return {
    current: () => state.shop,
    async restart() {
      const { url, key } = state.shop;
      await state.shop.close();
      state.count += 1;
      state.shop = await start(state.count, { port: Number(new URL(url).port), key });
    },
    close: () => state.shop.close(),
  };
}
