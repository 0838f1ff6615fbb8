/** A ready-made shop against its stand-in: real tools, target and client, and the loop by which the ledger carries out. */
import type { TestContext } from "node:test";
import type { PlannedAction } from "#core/values/action.ts";
import { inProcessAllowances } from "#core/connection/rate-limit.ts";
import type { EffectLookup, Target, ProposeResult } from "#core/contracts/tool.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { systemSettings } from "#config/secret.ts";
import { createBreakers } from "#connections/circuit-breakers.ts";
import { type StartedShop, startShop } from "#sandbox/shops/index.ts";
import type { Connection, ReadDeclaration, SystemTool } from "#systems/contract.ts";
import { type SystemClient, systemClient } from "#systems/http/client.ts";
import type { AskingPorts } from "#systems/ask-once.ts";
import { declaredReadTool, declaredWriteTool } from "#systems/declared-tools.ts";
import { systemTarget } from "#systems/target.ts";
import { verified } from "#test/support/fixtures/turns.ts";
import { contextOf } from "#test/tools/tool-bench.ts";
import { changeOf, type ReadyMade, readOf, refundOf } from "./shops.ts";

const SIGNAL = new AbortController().signal;
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Longer than any answer of a stand-in that is not late on purpose, also on a busy machine. */
const TIMEOUT_MS = 5_000;
/** A client that gives up so soon never sees a late answer. */
export const SHORT_MS = 500;
export const LATE_MS = 750;
const TRIES_MAX = 6;

/** Ann, whose address is proven; the shop of the sample world knows her by another id. */
export const ANN = contextOf(
  { ...verified("u123"), emailOnFile: "ann@customer.test" },
  { ownWords: "Please refund it" },
);

export interface ConnectedShop {
  readonly running: StartedShop;
  readonly target: Target;
  /** What the look-up shows Ann, as text. */
  readonly looked: () => Promise<string>;
  /** What the refund, or the change of this operation, proposes. */
  readonly proposed: (
    input: Readonly<Record<string, unknown>>,
    operation?: string,
  ) => Promise<ProposeResult>;
}

/** Starts the stand-in and connects its tools to it. */
export async function connected(
  context: TestContext,
  shop: ReadyMade,
  timeoutMs = TIMEOUT_MS,
): Promise<ConnectedShop> {
  const running = await startShop(shop.name);
  context.after(() => running.close());
  const ports = portsFor(running.settings, shop.tools, timeoutMs);
  const refund = refundOf(shop);
  return {
    running,
    target: systemTarget(shop.tools, ports),
    async looked() {
      return JSON.stringify(await declaredReadTool(readOf(shop), ports).run({}, ANN));
    },
    async proposed(input, operation = refund.operation) {
      const tool = declaredWriteTool(changeOf(shop, operation), ports);
      return tool.propose(tool.input.parse(input), ANN);
    },
  };
}

/** Ports with these settings. */
export function portsFor(
  settings: Readonly<Record<string, string>>,
  tools: readonly SystemTool[],
  timeoutMs = TIMEOUT_MS,
): AskingPorts {
  const clients = new Map<string, SystemClient>();
  const clock = { now: () => new Date() };
  const breakers = createBreakers({ clock, log: QUIET });
  return {
    readTool: (name) =>
      tools.find((one): one is ReadDeclaration => one.kind === "read" && one.name === name),
    sqlOf() {
      throw new Error("these shops have no database");
    },
    serverTools() {
      throw new Error("these shops have no MCP server");
    },
    clientOf(connection: Connection) {
      const known = clients.get(connection.name);
      if (known !== undefined) return known;
      const limits = { ...connection.limits, timeoutMs, perMinute: null };
      const made = systemClient({
        connection: { ...connection, limits },
        settings: systemSettings(settings),
        breaker: breakers.system(connection.name),
        allowances: inProcessAllowances(),
        clock,
        log: QUIET,
      });
      clients.set(connection.name, made);
      return made;
    },
  };
}

/** What a proposal plans. Throws for one that is impossible. */
export function plannedIn(result: ProposeResult): PlannedAction {
  if (result.kind === "proposed") return result.planned;
  throw new Error(result.reason);
}

/**
 * Carries one effect out as the ledger does: what is unclear is looked for, what is away is tried again, what was not
 * looked at is sent again, and a refusal is final.
 */
export async function carriedOut(
  target: Target,
  { action, key }: PlannedAction,
  beforeFirstLook: () => void = () => undefined,
): Promise<EffectLookup> {
  let isBegun = false;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    let isCalled = false;
    try {
      if (isBegun) {
        if (tries === 1) beforeFirstLook();
        const found = await target.find(action, key, SIGNAL);
        if (found.state !== "absent") return found;
      }
      isCalled = true;
      return { state: "done", committed: await target.commit(action, key, SIGNAL) };
    } catch (error) {
      if (!(error instanceof DeskhandError)) throw error;
      isBegun = isCalled ? error.code === "system.uncertain" : isBegun;
      if (error.code !== "system.uncertain" && error.code !== "system.unavailable") throw error;
    }
  }
  return { state: "unknowable", reason: "given up" };
}
