/** The bench of the job tests: the real jobs over a real store, with a team, customers and a shop in memory. */
import { localNotices } from "#jobs/queue/change-notices.ts";
import assert from "node:assert/strict";
import { after, before, beforeEach, describe } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { createFakeQueue } from "#evals/harness/fake-queue.ts";
import { ReplyArguments } from "#core/values/action.ts";
import { digest } from "#core/values/canonical-json.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { Channel } from "#core/contracts/channel.ts";
import type { ChannelName, TargetName } from "#core/values/vocabulary.ts";
import type { Policy } from "#core/contracts/policy.ts";
import type { Target } from "#core/contracts/tool.ts";
import type { SecondOpinion, TurnInput, TurnResult } from "#core/contracts/agent.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { intake } from "#jobs/intake.ts";
import { oneTimeCodes } from "#jobs/identity/one-time-codes.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import { inboxRows } from "#store/console/inbox.ts";
import { setPause } from "#store/effects/pause.ts";
import { openEffects } from "#test/support/stored-rows.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { factCheck, openGuard } from "#test/support/fixtures/open-guard.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { rowsOf } from "#store/db/database.ts";
import { MAIN_DATABASE, type DatabaseKind } from "#test/support/deskhand.ts";
import { sharedDatabase, silentLog, type OpenedStore } from "#test/store/bench.ts";
import { noSpans } from "#telemetry/spans.ts";
import { LEA, teammate } from "./customers.ts";
import { Told, type JobBench } from "./bench-contract.ts";
import {
  letterFrom,
  memoryBlobs,
  memoryChannel,
  memoryDesk,
  memoryTarget,
  type Faults,
  type Left,
} from "./memory-ports.ts";
import { replying, unread, untranslated } from "./turn-results.ts";

const START = Date.parse("2026-11-20T10:00:00.000Z");
const MINUTE = 60_000;
const SANDBOX = loadPolicy(sandboxText, "sandbox.yaml");

/** Who writes unless a test says otherwise. */
export const ANN: BoundRequester = {
  level: 2,
  customerId: "u123",
  emailOnFile: "ann@customer.test",
  name: "Ann Fields",
  reason: "signed by customer.test",
};

/** Runs tests on the main database, or on each of these, every one with a desk where nothing has happened yet. */
export function onDesk(
  name: string,
  body: (bench: JobBench) => void,
  kinds: readonly DatabaseKind[] = [MAIN_DATABASE],
): void {
  for (const kind of kinds)
    describe(`${name} on ${kind}`, () => {
      const opened: { store?: OpenedStore; forget?: () => Promise<void> } = {};
      const store = (): OpenedStore => {
        if (opened.store === undefined) throw new Error("the database is not open yet");
        return opened.store;
      };
      const { bench, reset } = benchOn(store, kind);
      before(async () => {
        const shared = await sharedDatabase(kind);
        opened.store = shared.opened;
        opened.forget = shared.forget;
      });
      beforeEach(async () => {
        await opened.forget?.();
        reset();
      });
      after(() => opened.store?.close());
      body(bench);
    });
}

const NO_OPINION: SecondOpinion | null = null;

function freshState() {
  const policy: Policy = { ...SANDBOX };
  return {
    at: START,
    count: 0,
    policy,
    /** Work that nothing waits for, and what stops it. */
    beside: new Set<Promise<void>>(),
    stopping: new AbortController(),
    answer: (_input: TurnInput): TurnResult | Promise<TurnResult> => replying("Thank you."),
    shop: memoryShop(new Date(START)),
    guard: openGuard(),
    requester: ANN,
    secondOpinion: NO_OPINION,
  };
}

/** The bench on a database that something else opens; of it nothing is forgotten between tests. */
export function benchOn(
  opened: () => Pick<OpenedStore, "store" | "databaseUrl">,
  kind: DatabaseKind,
): { readonly bench: JobBench; readonly reset: () => void } {
  const left: Left[] = [];
  const faults: Faults = { commit: () => undefined, find: () => undefined };
  const world = { left, faults };
  const fakeQueue = createFakeQueue();
  const { desk, cards } = memoryDesk(world);
  const state = { ...freshState(), desk };
  const histories = new Map<string, readonly Message[]>();
  const sources = (["email", "zendesk", "chat", "slack"] as const).map((name) =>
    memoryChannel(name, world, histories),
  );
  const usual = [...sources, memoryTarget("shop", world), desk].map(
    (target) => [target.name, target] as const,
  );
  const targets = new Map<TargetName, Target>(usual);
  const channels = new Map<ChannelName, Channel>();
  const connect = (channel: Channel): void => {
    channels.set(channel.name, channel);
    targets.set(channel.name, channel);
  };
  for (const source of sources) connect(source);
  const parts: JobContext = {
    store: {
      kind,
      run: (work, ...given) => opened().store.run(work, ...given),
      close: async () => undefined,
    },
    blobs: memoryBlobs(),
    clock: { now: () => new Date(state.at) },
    ids: { next: (prefix) => `${prefix}_${(state.count += 1)}` },
    log: silentLog,
    channels,
    get desk() {
      return state.desk;
    },
    get shop() {
      return state.shop;
    },
    targets,
    agent: {
      modelName: "scripted",
      isRehearsal: false,
      run: async (input) => state.answer(input),
      verifies: false,
      translate: untranslated,
      verify: unread,
    },
    get secondOpinion() {
      return state.secondOpinion;
    },
    get guard() {
      return state.guard;
    },
    output: factCheck,
    vectors: async (texts) => texts.map(() => null),
    get policy() {
      return state.policy;
    },
    codes: oneTimeCodes("a secret of the bench"),
    bind: async ({ actingLevel }) =>
      actingLevel === undefined ? state.requester : { ...state.requester, actingLevel },
    wake: (conversationId, delayMs = 0) => fakeQueue.queue.wake(conversationId, delayMs),
    urgentMail: null,
    cardLink: (id) => `http://desk.test/console#${id}`,
    ticketLink: (ticket) => `http://zendesk.test/agent/tickets/${ticket}`,
    worker: "bench",
    leaseMs: 60_000,
    // A busy machine takes its time; what is shown later is tested by a desk that is away.
    deskWaitMs: 60_000,
    spans: noSpans,
    pseudonym: async (_transaction, person) => `p:${digest(person)}`,
    changes: localNotices(),
    beside: (work) => {
      const running = work(state.stopping.signal).finally(() => state.beside.delete(running));
      state.beside.add(running);
    },
    crashPoint: () => undefined,
  };
  const reset = (): void => {
    Object.assign(state, freshState(), { desk });
    Object.assign(faults, { commit: () => undefined, find: () => undefined });
    for (const [name, target] of usual) targets.set(name, target);
    for (const source of sources) connect(source);
    histories.clear();
    left.splice(0);
    cards.clear();
    fakeQueue.take();
  };
  const processWoken = async (first: readonly string[]): Promise<void> => {
    for (
      let round = 0, next = first;
      next.length > 0 && round < 20;
      round += 1, next = fakeQueue.take()
    )
      for (const id of next) await processConversation(parts, id);
  };
  const at = <T>(work: Parameters<typeof parts.store.run<T, []>>[0]): Promise<T> =>
    parts.store.run(work);
  const bench: JobBench = {
    parts,
    get databaseUrl() {
      return opened().databaseUrl;
    },
    left,
    cards,
    get shop() {
      return state.shop;
    },
    faults,
    histories,
    disconnect: (name) => void targets.delete(name),
    replace: (target) => void targets.set(target.name, target),
    channel: (name) => parts.channels.get(name) ?? assert.fail(`no channel ${name}`),
    guard: (changes) => void (state.guard = { ...state.guard, ...changes }),
    connect,
    connectDesk(real) {
      state.desk = real;
      targets.set(real.name, real);
    },
    conversationWith: (key) =>
      at(async (transaction) => {
        const rows = await rowsOf(
          transaction,
          z.object({ id: z.string() }),
          sql`select conversation_id as id from conversation_key where key = ${key}`,
        );
        return rows[0]?.id ?? null;
      }),
    rule: (changes) => void (state.policy = { ...state.policy, ...changes }),
    answer: (with_) => void (state.answer = with_),
    bindTo: (requester) => void (state.requester = requester),
    askAlso: (opinion) => void (state.secondOpinion = opinion),
    now: () => new Date(state.at),
    skip: (ms) => void (state.at += ms),
    async write(text, { channel = "email", thread = "t1", key, message, signals = [] } = {}) {
      const source = bench.channel(channel);
      const sentAt = new Date(state.at - MINUTE);
      const letter = {
        thread,
        message: letterFrom(key ?? `m${(state.count += 1)}`, text, sentAt, message),
        signals,
      };
      const body = new TextEncoder().encode(JSON.stringify(letter));
      const taken = await intake(parts, source, {
        source: "bench",
        headers: {},
        body,
        receivedAt: sentAt,
      });
      const [id = ""] = taken.conversationIds;
      fakeQueue.take();
      await processWoken([id]);
      return id;
    },
    wake: (conversationId) => processWoken([conversationId]),
    async settled() {
      await Promise.allSettled(state.beside);
    },
    async tick() {
      const woken: string[] = [];
      const reconciler = startReconciler(parts, {
        wakeAnyway: async (id) => void woken.push(id),
        oldestMs: async () => 0,
      });
      await reconciler.stop();
      await processWoken([...new Set([...woken, ...fakeQueue.take()])]);
    },
    async pass(ms, ticks = 1) {
      bench.skip(ms);
      for (let count = 0; count < ticks; count += 1) await bench.tick();
    },
    async passes(times, ms) {
      for (let count = 0; count < times; count += 1) await bench.pass(ms);
    },
    async press(button, conversationId, who = "sam@ourshop.test", more = {}) {
      const { id, version } = await bench.card(conversationId);
      const answer = await bench.decide(id, button, {
        version,
        teammate: teammate(who),
        ...more,
      });
      await processWoken(fakeQueue.take());
      return answer;
    },
    decide: (approvalId, button, more = {}, on = parts) =>
      deskHandler(on).decide({
        decisionId: `click${(state.count += 1)}`,
        approvalId,
        version: 1,
        button,
        teammate: LEA,
        reason: "",
        edit: null,
        ...more,
      }),
    at: (statement, ...given) => at((transaction) => statement(transaction, ...given)),
    rows: (row, query) => at((transaction) => rowsOf(transaction, row, query)),
    column: async (query) => {
      const found = await bench.rows(z.record(z.string(), z.coerce.string()), query);
      return found.flatMap((row) => Object.values(row).slice(0, 1));
    },
    execute: (query) => at((transaction) => transaction.execute(query)),
    pause: (scope, paused = true, by = "Sam") =>
      bench.at(setPause, { scope, paused, by, auditedAs: "p:sam" }, bench.now()),
    pending: (id) => at((transaction) => pendingApproval(transaction, id)),
    card: async (id) => (await bench.pending(id)) ?? assert.fail("there is no card that waits"),
    made: (operation) => left.filter(({ action }) => action.operation === operation),
    open: (id) => at((transaction) => openEffects(transaction, id)),
    async outcome(id) {
      const [turn] = await at((transaction) => findTurns(transaction, id));
      return turn === undefined ? "" : `${turn.outcome}: ${turn.outcome_reason}`;
    },
    alerts: (fits = /(?:)/) =>
      bench
        .made("alert")
        .map(({ action }) => Told.parse(action.arguments))
        .filter(({ text }) => fits.test(text)),
    alertText: () =>
      bench
        .alerts()
        .map(({ text }) => text)
        .join("\n"),
    async listed(view, more = {}) {
      const any = { channel: null, topic: null, money: null, before: null, alike: null, me: "" };
      const page = { after: null, now: bench.now() };
      return (await bench.at(inboxRows, { ...any, view, ...more }, page)).rows;
    },
    replies: () =>
      bench.made("reply").map(({ action }) => ReplyArguments.parse(action.arguments).text),
  };
  return { bench, reset };
}
