/** Plays the steps of a story in an environment, crashes and concurrent processes included. */
import { sql } from "#store/db/drizzle.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { setPause } from "#store/effects/pause.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { changeWorld } from "./around.ts";
import { runChannelStep } from "./at-channel.ts";
import { runDeskStep } from "./at-desk.ts";
import { interleave, killAfter, NO_CHECKPOINT, type Checkpoint } from "./checkpoints.ts";
import { emptyHistory } from "./past.ts";
import { startProcess, type Process } from "./process.ts";
import type { TestEnvironment } from "./environment.ts";
import {
  isChannelStep,
  isDeskStep,
  isProcessStep,
  type OwnStep,
  type ProcessStep,
  type Step,
} from "./step.ts";
import type { Watcher } from "./watcher.ts";

const WAKES_MAX = 12;

/** Longer than the wait for any burst. */
const BURST_MS = 1_800;

/** The process that runs most steps, and a second one for concurrent steps. */
type Worker = "w1" | "w2";

/** Plays steps in an environment; the observer judges the result. */
export class StoryPlayer {
  readonly environment: TestEnvironment;
  private readonly watch: Watcher;
  private readonly past = emptyHistory();
  private readonly processes = new Map<Worker, Process>();
  private racing = false;

  constructor(environment: TestEnvironment, watch: Watcher) {
    this.environment = environment;
    this.watch = watch;
  }

  /** Plays one step to its end; after a crash a new process takes over. */
  async play(step: Step): Promise<void> {
    try {
      await this.act(step);
    } catch (error) {
      this.watch.failed(error);
    }
    await this.watch.afterStep();
  }

  /** Removes all call faults and pauses, and delivers what was held back. */
  async clear(): Promise<void> {
    const { shop, desk, channels } = this.environment;
    shop.setDown(false);
    for (const { callFaults } of [shop, desk, ...Object.values(channels)]) callFaults.clear();
    await this.play({ do: "resume" });
    while (this.past.unannounced.length > 0) await this.play({ do: "announce" });
  }

  private async act(step: Step): Promise<void> {
    if (isProcessStep(step)) await this.inProcess(step, "w1", NO_CHECKPOINT);
    else if (step.do === "crash") await this.crash(step.after, step.doing);
    else if (step.do === "at once") await this.atOnce(step);
    else changeWorld(this.environment, this.past, step);
  }

  private async atOnce({ first, second, turns }: Extract<Step, { readonly do: "at once" }>) {
    const works = [
      (checkpoint: Checkpoint) => this.inProcess(first, "w1", checkpoint),
      (checkpoint: Checkpoint) => this.inProcess(second, "w2", checkpoint),
    ];
    if (turns.length > 0) return interleave(works, turns);
    this.racing = true;
    try {
      const ends = await Promise.allSettled(works.map((work) => work(NO_CHECKPOINT)));
      for (const end of ends) if (end.status === "rejected") this.watch.failed(end.reason);
    } finally {
      this.racing = false;
    }
  }

  /** The process dies at a checkpoint; all it had in memory, pending wakes included, is lost. */
  private async crash(after: number, doing: ProcessStep): Promise<void> {
    const checkpoint = killAfter(after);
    try {
      await this.inProcess(doing, "w1", checkpoint);
    } catch (error) {
      if (!checkpoint.isDead()) throw error;
    }
    this.environment.fakeQueue.take();
    this.processes.delete("w1");
    // Its leadership ends by the database's clock, which no story can move, so its row is deleted.
    await this.environment.store.run((transaction) => transaction.execute(sql`delete from duty`));
  }

  /** A second has passed since the process last ran, so it knows the policy in force. */
  private async inProcess(
    step: ProcessStep,
    worker: Worker,
    checkpoint: Checkpoint,
  ): Promise<void> {
    const running = await this.process(worker);
    running.enter(checkpoint);
    try {
      await running.watch.tick();
      await this.doIn(running, step);
    } finally {
      running.enter(NO_CHECKPOINT);
    }
  }

  private async doIn(running: Process, step: ProcessStep): Promise<void> {
    const { environment, past, watch } = this;
    if (isDeskStep(step)) await runDeskStep({ environment, past, watch }, running, step);
    else if (isChannelStep(step)) {
      const other = async (): Promise<JobContext> => (await this.process("w2")).parts;
      await runChannelStep({ environment, past, watch, parts: running.parts, other }, step);
      if (step.do === "write" && step.worked) await this.work(running);
    } else await this.doOwn(running, step);
  }

  private async doOwn(running: Process, step: OwnStep): Promise<void> {
    switch (step.do) {
      case "tick":
        return this.tick(running.parts);
      case "work":
        return this.work(running);
      case "pause":
      case "resume": {
        const change = {
          scope: "all",
          paused: step.do === "pause",
          by: "sam",
          auditedAs: "sam",
        } as const;
        await running.parts.store.run((transaction) =>
          setPause(transaction, change, this.environment.clock.now()),
        );
        return;
      }
      default:
        throw new Error(`unknown step ${String(step satisfies never)}`);
    }
  }

  private async process(worker: Worker): Promise<Process> {
    const running =
      this.processes.get(worker) ??
      (await startProcess(this.environment, worker, (about) =>
        this.watch.commit({ ...about, racing: this.racing }),
      ));
    this.processes.set(worker, running);
    return running;
  }

  /** One tick of the reconciler, as the running process makes one every second. */
  private async tick(parts: JobContext): Promise<void> {
    const { queue } = this.environment.fakeQueue;
    const reconciler = startReconciler(parts, {
      wakeAnyway: (conversationId) => queue.wakeAnyway(conversationId),
      oldestMs: async () => 0,
    });
    await reconciler.stop();
  }

  /**
   * A moment passes; everything due is worked on, and every conversation that this wakes. The reconciler finds delayed
   * wakes, such as for the end of a burst.
   */
  private async work({ parts, watch }: Process): Promise<void> {
    this.environment.clock.skip(BURST_MS);
    await watch.tick();
    await this.tick(parts);
    for (let wakes = 0; wakes < WAKES_MAX; wakes += 1) {
      const woken = this.environment.fakeQueue.take();
      if (woken.length === 0) return;
      for (const conversationId of woken) await processConversation(parts, conversationId);
    }
  }
}
