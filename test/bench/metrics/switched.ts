/** The metrics of a process that can be switched off and on again while it works, with all that Node.js measures for them. */
import perfHooks from "node:perf_hooks";
import type { TraceExporter } from "#core/contracts/ports.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import type { NotifiedBy } from "#jobs/queue/change-notices.ts";
import type { WakeKind } from "#jobs/worker/process-conversation.ts";
import type { MetricSources } from "#app/metrics/measured-process.ts";

/** Metrics as a process has them, or none. */
export interface SwitchedMetrics {
  readonly turns: TraceExporter;
  /** Runs the work of one wake. */
  wake(notifiedBy: NotifiedBy, work: () => Promise<WakeKind>): Promise<void>;
  /** Prometheus' text. */
  text(sources: MetricSources): Promise<string>;
  switch(on: boolean): void;
  /** What counting one of the last conversations takes by itself, by this measure. */
  countingMs(used: (work: () => Promise<void>) => Promise<number>): Promise<number>;
}

/** The conversations that are counted once more, and how often: long enough for the clock of the processor. */
const KEPT = 100;
const TIMES = 100;

/** Starts switched off. */
export async function switchedMetrics(): Promise<SwitchedMetrics> {
  const runtime = heldRuntime();
  const { measuredProcess } = await import("#app/metrics/measured-process.ts");
  const metrics = measuredProcess();
  runtime.release();
  const state = { on: false };
  const last: TurnTrace[] = [];
  runtime.switch(false);
  return {
    turns: {
      export(trace) {
        if (!state.on) return;
        metrics.turns.export(trace);
        if (last.push(trace) > KEPT) last.shift();
      },
    },
    wake: async (by, work) => void (await (state.on ? metrics.wake(by, work) : work())),
    text: (sources) => metrics.text(sources),
    switch(on) {
      state.on = on;
      runtime.switch(on);
    },
    async countingMs(used) {
      const ms = await used(async () => {
        for (let time = 0; time < TIMES; time += 1)
          for (const trace of last) {
            metrics.turns.export(trace);
            await metrics.wake("queue", async () => "worked");
          }
      });
      return ms / (TIMES * last.length);
    },
  };
}

/**
 * The library behind the metrics lets Node.js measure the lag of the event loop and each garbage collection, and has no
 * switch for it. What it makes for that is noted here while it makes it.
 */
function heldRuntime(): { release(): void; switch(on: boolean): void } {
  const { monitorEventLoopDelay, PerformanceObserver } = perfHooks;
  const loops: ReturnType<typeof monitorEventLoopDelay>[] = [];
  const observers: perfHooks.PerformanceObserver[] = [];
  perfHooks.monitorEventLoopDelay = (options) => {
    const made = monitorEventLoopDelay(options);
    loops.push(made);
    return made;
  };
  perfHooks.PerformanceObserver = class extends PerformanceObserver {
    constructor(callback: perfHooks.PerformanceObserverCallback) {
      super(callback);
      observers.push(this);
    }
  };
  return {
    release() {
      Object.assign(perfHooks, { monitorEventLoopDelay, PerformanceObserver });
      if (loops.length !== 1 || observers.length !== 1)
        throw new Error(
          "the library of the metrics measures Node.js in another way than this harness knows",
        );
    },
    switch(on) {
      for (const loop of loops) {
        if (on) loop.enable();
        else loop.disable();
      }
      for (const observer of observers) {
        if (on) observer.observe({ entryTypes: ["gc"] });
        else observer.disconnect();
      }
    },
  };
}
