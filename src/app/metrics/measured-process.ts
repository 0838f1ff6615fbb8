/** Counts what a process does, and reads the rest when the metrics are asked for. */

import { type ModelEnd, secondsLeft } from "#core/contracts/model.ts";
import { ChannelName, Outcome } from "#core/values/vocabulary.ts";
import { agesIn } from "#jobs/operating/watch-process.ts";
import type { SeenFigures } from "#jobs/operating/follow-figures.ts";
import { poolFigures } from "#store/db/postgres-pool.ts";
import {
  createMeter,
  type GaugeValues,
  type Meter,
  turnMetrics,
} from "#telemetry/metrics/meter.ts";
import type { DeskHandler } from "#core/contracts/approval-desk.ts";
import type { ConnectionBoard } from "#core/connection/connection-board.ts";
import type { TraceExporter } from "#core/contracts/ports.ts";
import type { WakeQueue } from "#jobs/queue/queue.ts";
import type { NotifiedBy } from "#jobs/queue/change-notices.ts";
import type { WakeKind } from "#jobs/worker/process-conversation.ts";
import type { Readiness } from "#server/http/health.ts";
import type { Rejections } from "#server/http/webhook-routes.ts";
import type { ComposedApp } from "#app/composed-app.ts";

/** What the process that leads has read about the whole installation. */
function figureValues(seen: SeenFigures, queued: number | null) {
  const { figures, paused, resolutions, unheld } = seen;
  const ages = agesIn(seen);
  const { unread, intended, executing, deadLetters, backupAt } = figures;
  const { oldest: _oldest, ...cards } = figures.cards;
  return {
    unread: only(unread.count),
    oldestUnread: only(ages.unread),
    effects: byLabel("state", {
      intended: intended.count,
      executing: executing.count,
      unknown: figures.unknown,
    }),
    oldestEffect: byLabel("state", {
      intended: ages.intended,
      executing: ages.executing,
    }),
    oldestDue: only(ages.due),
    deadLetters: only(deadLetters.count),
    cards: byLabel("age", cards),
    oldestCard: only(ages.card),
    oldestUnsealed: only(ages.unsealed),
    spend: only(figures.spentUsd),
    backup: backupAt === null ? [] : only(backupAt.getTime() / 1_000),
    paused: only(paused ? 1 : 0),
    queue: queued === null ? [] : only(queued),
    oldestFreeDuty: unheld === null ? [] : only(ages.unheld),
    resolutions: resolutions.map(({ kind, count }) => ({ labels: { kind }, value: count })),
  };
}

function only(value: number): GaugeValues {
  return [{ labels: {}, value }];
}

function byLabel(label: string, values: Readonly<Record<string, number>>): GaugeValues {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

/** Several scrapes within this time ask Redis once. */
const QUEUE_FRESH_MS = 5_000;

/** What only grows elsewhere is added to its counter by how much it grew. */
type Grown = Map<string, number>;

/** The metrics of one process. */
export function measuredProcess(): ProcessMetrics {
  const meter = createMeter();
  const running = { wakes: 0 };
  const grown: Grown = new Map();
  const depth = queueDepth();
  const look = async (sources: MetricSources): Promise<void> => {
    setProcess(meter, sources, running.wakes);
    meter.set("modelEnd", firstEnd(sources, new Date()));
    countRefusals(meter, sources, grown);
    meter.set("needs", await unmetNeeds(sources));
    const seen = sources.figures();
    meter.set("leader", only(seen === null ? 0 : 1));
    countMessages(meter, seen, grown);
    meter.setInstallation(seen === null ? null : figureValues(seen, await depth(sources.queue)));
  };
  return {
    turns: turnMetrics(meter),
    desk: (handler) => ({
      ...handler,
      async decide(decision) {
        const answer = await handler.decide(decision);
        const accepted = answer.accepted ? "yes" : "no";
        meter.count("deskDecisions", { button: decision.button, accepted });
        return answer;
      },
    }),
    async wake(notifiedBy, work) {
      const began = performance.now();
      running.wakes += 1;
      try {
        meter.count("wakes", { notified_by: notifiedBy, found: await work() });
      } finally {
        running.wakes -= 1;
        meter.observe("wakeDuration", {}, (performance.now() - began) / 1_000);
      }
    },
    async text(sources) {
      await look(sources);
      return meter.text();
    },
    contentType: meter.contentType,
  };
}

function setProcess(meter: Meter, { parts, board }: MetricSources, wakes: number): void {
  meter.set("leases", only(wakes));
  meter.set("breakers", byLabel("provider", openBreakers(parts.breakerStates())));
  const broken = Object.values(parts.credentialStates()).filter((state) => state !== "ok");
  meter.set("credentials", only(broken.length));
  meter.set(
    "connections",
    board.states().map(({ channel, connected }) => ({
      labels: { channel, state: connected ? "up" : "down" },
      value: 1,
    })),
  );
  meter.set("database", byLabel("state", poolFigures()));
}

/** Nothing where no model has an end that is known. */
function firstEnd({ modelEnds }: MetricSources, now: Date): GaugeValues {
  const left = modelEnds.seen().map((end) => secondsLeft(end, now));
  return left.length === 0 ? [] : only(Math.min(...left));
}

/** One value for each kind of provider: the names of connected systems are not known beforehand. */
function openBreakers(states: Readonly<Record<string, string>>): Readonly<Record<string, number>> {
  const open: Record<string, number> = {};
  for (const [name, state] of Object.entries(states)) {
    const provider = name.startsWith("system ") ? "system" : name;
    open[provider] = Math.max(open[provider] ?? 0, state === "closed" ? 0 : 1);
  }
  return open;
}

function countRefusals(meter: Meter, { rejections }: MetricSources, grown: Grown): void {
  for (const [channel, reasons] of Object.entries(rejections.counts())) {
    const total = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    meter.count("webhookRefusals", { channel }, growth(grown, `refused ${channel}`, total));
  }
  for (const [channel, total] of Object.entries(rejections.repeats()))
    meter.count("webhookRepeats", { channel }, growth(grown, `repeated ${channel}`, total));
}

async function unmetNeeds({ readiness }: MetricSources): Promise<GaugeValues> {
  const { needs } = await readiness.look();
  return Object.entries(needs).map(([need, { state }]) => ({
    labels: { need },
    value: state === "away" ? 1 : 0,
  }));
}

function countMessages(meter: Meter, seen: SeenFigures | null, grown: Grown): void {
  for (const channel of ChannelName.options) {
    const received = seen?.received.get(channel) ?? 0;
    const more = growth(grown, `received ${channel}`, received);
    meter.count("messagesReceived", { channel }, more);
    for (const outcome of Outcome.options) {
      const ended = seen?.ended.get(`${channel} ${outcome}`) ?? 0;
      const endedMore = growth(grown, `ended ${channel} ${outcome}`, ended);
      meter.count("messagesEnded", { channel, outcome }, endedMore);
    }
  }
}

/** By how much a sum grew since it was last seen; one that became smaller began anew. */
function growth(grown: Grown, name: string, total: number): number {
  const before = grown.get(name) ?? 0;
  grown.set(name, total);
  return total < before ? total : total - before;
}

/** Asks the queue at most once in a while; while Redis is away there is no value. */
function queueDepth(): (queue: MetricSources["queue"]) => Promise<number | null> {
  const last: { at: number; jobs: number | null } = { at: -QUEUE_FRESH_MS, jobs: null };
  return async (queue) => {
    if (performance.now() - last.at < QUEUE_FRESH_MS) return last.jobs;
    last.at = performance.now();
    last.jobs = await queue.depth().catch(() => null);
    return last.jobs;
  };
}

/** What is looked at when the metrics are asked for. */
export interface MetricSources {
  readonly parts: Pick<ComposedApp, "breakerStates" | "credentialStates">;
  readonly board: Pick<ConnectionBoard, "states">;
  readonly queue: Pick<WakeQueue, "depth">;
  /** Which models end when, as far as this process looks. */
  readonly modelEnds: { seen(): readonly ModelEnd[] };
  readonly rejections: Pick<Rejections, "counts" | "repeats">;
  /** What the process needs, as its health sees it. */
  readonly readiness: Pick<Readiness, "look">;
  /** What the process that leads has read; null in every other. */
  readonly figures: () => SeenFigures | null;
}

/** The metrics of a process. What it hands out does the same as what it is given, and counts. */
export interface ProcessMetrics {
  readonly turns: TraceExporter;
  desk(handler: DeskHandler): DeskHandler;
  /** Runs the work of one wake. */
  wake(notifiedBy: NotifiedBy, work: () => Promise<WakeKind>): Promise<void>;
  /** Prometheus' text, with what the sources say at this moment. */
  text(sources: MetricSources): Promise<string>;
  readonly contentType: string;
}
