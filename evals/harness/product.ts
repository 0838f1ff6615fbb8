/**
 * Room: the product on an evaluation stage, with channels in memory, a sample shop and a clock that can skip time.
 * In: cases or messages, and environment variables that choose the model.
 * Out: one observation for each case, as plain data for graders.
 * May touch: a temporary folder, a test database, the sample shop on 127.0.0.1, the model that is chosen.
 * This file: builds the stage from the product's own wiring and resets it between cases.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { adoptOwn } from "#jobs/procedures/publish.ts";
import { codeSender } from "#jobs/identity/one-time-codes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { Knowledge } from "#core/contracts/knowledge.ts";
import type { Model } from "#core/contracts/model.ts";
import { openKnowledge } from "#knowledge/index.ts";
import { type Config, readConfig } from "#config/environment.ts";
import { MODEL_VARIABLES } from "#config/language-model.ts";
import { readPolicyFile, readProcedureFiles } from "#config/policy-file.ts";
import { installationSecrets } from "#store/db/installation-secrets.ts";
import { chosenModel } from "#app/current-checks.ts";
import { compose } from "#app/compose.ts";
import type { Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { createLog } from "#telemetry/log.ts";
import { createFakeQueue, type FakeQueue } from "./fake-queue.ts";
import { emptyTables, forgetting } from "./forgetting.ts";
import { caseClock, type CaseClock } from "./clock.ts";
import type { WorldChanges } from "#evals/case.ts";
import { memoryChannel, type Sent } from "./memory-channel.ts";
import { policiesOver } from "./policies.ts";
import { openStageDatabase } from "./stage-database.ts";
import { openResettableShop, type ResettableShop } from "./shop.ts";
import { NOTHING_EMBEDDED } from "#connections/connect-all.ts";

/** Whether a variable says which models are asked, and how; the stage ignores the rest of the environment. */
function choosesModel(name: string): boolean {
  return Object.hasOwn(MODEL_VARIABLES, name) || /^EMBEDDINGS(?:_|$)/.test(name);
}

/** The parts that the product's own wiring creates. */
export type Wired = Awaited<ReturnType<typeof compose>>;

/** How a stage differs from the shipped product. */
export interface StageOptions {
  /** Variables in addition to those that choose a model, such as another policy file. */
  readonly settings: NodeJS.ProcessEnv;
  /** Replaces some of the wired parts. */
  readonly exchange: (wired: Wired) => JobContext;
  /** An empty PostgreSQL database; an embedded database in memory when absent. */
  readonly databaseUrl?: string;
}

/** What stays the same from case to case. */
export interface Stage {
  readonly parts: JobContext;
  readonly store: Store;
  /** The help pages as the agent searches them. */
  readonly knowledge: Knowledge;
  readonly clock: CaseClock;
  readonly shop: ResettableShop;
  readonly fakeQueue: FakeQueue;
  /** Everything sent by a channel since the last reset. */
  readonly sent: Sent[];
  /** The agent's results since the last reset, one for each turn. */
  readonly results: TurnResult[];
  /** Deletes everything a case may have written; what was read once at the start, such as the help pages, stays. */
  reset(world: WorldChanges): Promise<void>;
  /** From here on this policy answers: a file of `evals/policies/`, or null for the stage's own. */
  usePolicy(name: string | null): void;
  /** Who plays customers with a goal; null where only the rehearsal rules are there, which play no customer. */
  readonly customerModel: Model | null;
}

/**
 * Opens something on a stage in a folder of its own. The folder goes with `close`, and at once where it cannot be opened.
 */
export async function openOnStage<Opened>(
  name: string,
  environment: NodeJS.ProcessEnv,
  optionsIn: (folder: string) => StageOptions,
  opened: (stage: Stage, close: () => Promise<void>) => Opened | Promise<Opened>,
): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), `deskhand-${name}-${process.pid}-`));
  const closers = [async () => rmSync(folder, { recursive: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const onClose = (closer: () => Promise<void>): void => void closers.push(closer);
    return await opened(await buildStage(folder, environment, onClose, optionsIn(folder)), close);
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Starts the product by its own wiring: agent, tools, guards, the sandbox's policy, help pages, database, and the
 * sample shop behind its HTTP interface. Only the channels are in memory, so that a case can set how well its sender is
 * known.
 */
export async function buildStage(
  folder: string,
  environment: NodeJS.ProcessEnv,
  onClose: (closer: () => Promise<void>) => void,
  { settings, exchange, databaseUrl }: StageOptions,
): Promise<Stage> {
  const log = errorsOnly(createLog("error"));
  const config = configOf(folder, environment, settings);
  const store = await openStageDatabase({ folder, log, databaseUrl: databaseUrl ?? null }, onClose);
  await migrate(store);
  const clock = caseClock();
  if (config.environment.EMBEDDINGS === "builtin") await embedPages(store, log, clock);
  const shop = await openResettableShop(join(folder, "shop"), clock);
  onClose(() => shop.close());
  const fakeQueue = createFakeQueue();
  const secrets = await installationSecrets(store, clock);
  const sent: Sent[] = [];
  const results: TurnResult[] = [];
  const composed = await composedProduct(readPolicyFile(config), async () => {
    const wired = await compose({
      config,
      store,
      queue: fakeQueue.queue,
      embedded: { ...NOTHING_EMBEDDED, shop },
      clock,
      log,
      appUrl: () => "http://127.0.0.1",
      worker: "evals",
      secrets,
    });
    return { wired, parts: onStage(exchange(wired), sent, results) };
  });
  onClose(() => composed.now().wired.close());
  const { ids } = composed.now().wired;
  // Before the tables are listed, so that they stay from case to case as the help pages do.
  await adoptOwn({ store, clock, ids }, readProcedureFiles(config));
  const forget = await forgetting(store, await emptyTables(store));
  const model = chosenModel(config);
  return {
    get parts() {
      return composed.now().parts;
    },
    store,
    get knowledge() {
      return composed.now().wired.knowledge;
    },
    customerModel: model.isRehearsal ? null : model,
    usePolicy: (name) => composed.usePolicy(name),
    clock,
    shop,
    fakeQueue,
    sent,
    results,
    async reset(world) {
      await composed.calm();
      clock.restart();
      sent.splice(0);
      results.splice(0);
      fakeQueue.take();
      await forget();
      shop.restart(world);
    },
  };
}

/** What is wired, and the same with channels in memory. */
interface Composed {
  readonly wired: Wired;
  readonly parts: JobContext;
}

/** Opens the product once, and later only where it has to be calmed: its policy can change from case to case. */
async function composedProduct(base: string, open: () => Promise<Composed>) {
  const policies = policiesOver(base);
  const current: { opened: Composed; policy: string | null } = {
    opened: await open(),
    policy: null,
  };
  const usePolicy = (name: string | null): void => {
    if (name !== current.policy) current.opened.wired.policy.replace(policies(name));
    current.policy = name;
  };
  return {
    now: () => current.opened,
    usePolicy,
    /** Under its own policy, and with no provider that it leaves alone because an earlier case made it fail. */
    async calm() {
      usePolicy(null);
      const { wired } = current.opened;
      if (Object.values(wired.breakerStates()).every((state) => state === "closed")) return;
      await wired.close();
      current.opened = await open();
    },
  };
}

function configOf(
  folder: string,
  environment: NodeJS.ProcessEnv,
  settings: NodeJS.ProcessEnv,
): Config {
  const chosen = Object.entries(environment).filter(([name]) => choosesModel(name));
  const config = readConfig({
    ...Object.fromEntries(chosen),
    ...settings,
    DESKHAND_DATA: folder,
  });
  mkdirSync(config.dataFolder, { recursive: true });
  return config;
}

/** Alerts and retries are expected here, so only errors are logged. */
function errorsOnly(log: Log): Log {
  return { ...log, info: () => undefined, warn: () => undefined };
}

/** A search in production goes on without embeddings that are not ready; here each run must see the same pages. */
async function embedPages(store: Store, log: Log, clock: CaseClock): Promise<void> {
  const pages = await openKnowledge({ store, log, embeddings: true, clock, inspect: () => null });
  try {
    await pages.embedded();
  } finally {
    await pages.close();
  }
}

/**
 * Puts channels in memory in place of the real ones. The agent is the real one; its results are recorded. Drafts are
 * read against their sources where a turn waits for it; what is read once a card is posted changes nothing here, and
 * would still go on while the next case begins.
 */
function onStage(wired: JobContext, sent: Sent[], results: TurnResult[]): JobContext {
  const channels = new Map(ChannelName.options.map((name) => [name, memoryChannel(name, sent)]));
  const { store, shop, codes, clock, log } = wired;
  const mail = channels.get("email") ?? null;
  const languageOf: Parameters<typeof codeSender>[0]["languageOf"] = (messages) =>
    wired.guard.languageOf(messages);
  const identity = codeSender({ store, shop, codes, clock, log, languageOf, mail });
  return {
    ...wired,
    beside: () => undefined,
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
