/** The context of a case: what it may start, and the one place that ends everything it started. */
import { freshDatabase } from "#test/support/postgres.ts";
import { startRedis, type OwnRedis } from "#test/support/redis.ts";
import type { Verdict } from "./evidence.ts";
import { install, type Installation } from "./installation.ts";
import type { OnEnd } from "./vendors/index.ts";

export interface CaseContext {
  /** True in `npm test`: waits are short where that does not change what is tested. */
  readonly quick: boolean;
  /** Prints one line of progress. */
  note(text: string): void;
  /** A new installation; on a fresh PostgreSQL database unless one is named. Started unless `started` is false. */
  install(options?: {
    readonly databaseUrl?: string;
    /** The database address for the judge, where the process's own one is limited on purpose. */
    readonly judgeUrl?: string;
    readonly redisUrl?: string;
    /** Its data folder, for a case that breaks the disk below it; made and removed with the installation. */
    readonly folder?: string;
    readonly undoSeconds?: number;
    readonly environment?: Readonly<Record<string, string>>;
    readonly started?: boolean;
  }): Promise<Installation>;
  /** A Redis for this case alone, which it may break. */
  redis(settings?: Readonly<Record<string, string>>): Promise<OwnRedis>;
  /** Registers what ends with the case, last first. */
  readonly after: OnEnd;
  /** Counts a verdict that did not come from an installation's own `judge`. */
  judged(verdict: Verdict): void;
  /** Registers what tells a case that failed of processes that are no installation. */
  tells(state: () => string): void;
}

/** The context of one case, its verdicts and how to close it. */
export interface OpenCaseContext {
  readonly context: CaseContext;
  readonly verdicts: readonly Verdict[];
  /** What the case's processes printed last. */
  printed(): string;
  close(): Promise<void>;
}

const UNDO_SECONDS = 1;

export function openCaseContext(options: {
  readonly quick: boolean;
  readonly note: (text: string) => void;
}): OpenCaseContext {
  const verdicts: Verdict[] = [];
  const installations: Installation[] = [];
  const closers: (() => unknown)[] = [];
  const states: (() => string)[] = [];
  const after: OnEnd = (close) => void closers.push(close);
  const judged = (verdict: Verdict): void => void verdicts.push(verdict);
  const context: CaseContext = {
    ...options,
    after,
    judged,
    tells: (state) => void states.push(state),
    async install({ redisUrl, undoSeconds, environment = {}, started = true, ...where } = {}) {
      const url = where.databaseUrl ?? (await ownDatabase(after));
      const installation = install(
        {
          databaseUrl: url,
          judgeUrl: where.judgeUrl ?? url,
          ...(where.folder === undefined ? {} : { folder: where.folder }),
          undoSeconds: undoSeconds ?? UNDO_SECONDS,
          environment: {
            ...environment,
            ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
          },
        },
        judged,
      );
      installations.push(installation);
      after(() => installation.close());
      if (started) await installation.start();
      return installation;
    },
    async redis(settings = {}) {
      const own = await startRedis({ settings });
      after(() => own.stop());
      return own;
    },
  };
  return {
    context,
    verdicts,
    printed: () =>
      [...installations.map((one) => one.printed()), ...states.map((state) => state())].join("\n"),
    async close() {
      for (const close of closers.splice(0).toReversed()) await close();
    },
  };
}

async function ownDatabase(after: OnEnd): Promise<string> {
  const own = await freshDatabase();
  after(() => own.drop());
  return own.url;
}
