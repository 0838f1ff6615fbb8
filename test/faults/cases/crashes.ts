/** Crashes: kill -9 at a named point between message and answer, and a restart afterwards. */
import type { CaseContext } from "#test/faults/arena.ts";
import type { FaultCase } from "#test/faults/case.ts";
import { judgeEmbedded } from "#test/faults/embedded.ts";
import type { Installation } from "#test/faults/installation.ts";
import {
  approvalCounts,
  approve,
  askRefund,
  REFUND_CARD,
  smallRefund,
} from "#test/faults/traffic.ts";

const approveRefund = (installation: Installation): Promise<void> =>
  approve(installation, REFUND_CARD);

/** One run of the process: where it crashes, and what people do meanwhile. */
interface Life {
  readonly point: string;
  readonly act?: (installation: Installation) => Promise<void>;
}

/**
 * Runs that each end at their crash point, and a last one that goes on. Unless a run has requests, it meets
 * only what the ones before left behind.
 */
function crashing(given: {
  readonly id: number;
  readonly name: string;
  readonly lives: readonly Life[];
  readonly act?: Life["act"];
}): FaultCase {
  const { id, name, lives, act } = given;
  return {
    id,
    name,
    async run(context) {
      const installation = await context.install({ started: false });
      await live(context, installation, lives);
      await act?.(installation);
      await installation.judge();
    },
  };
}

async function live(
  { note }: Pick<CaseContext, "note">,
  installation: Installation,
  lives: readonly Life[],
): Promise<void> {
  for (const { point, act } of lives) {
    // A process that never comes there names the case's time and nothing else.
    note(`runs until ${point}`);
    const environment = { DESKHAND_CRASH_AT: point };
    if (act === undefined) await startToDie(installation, environment);
    else {
      await installation.start(environment);
      await act(installation);
      await installation.ended();
    }
  }
  await installation.start();
}

/** Open work starts at once, so its crash point may come before the process is ready. */
async function startToDie(
  installation: Installation,
  environment: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    await installation.start(environment);
  } catch (error) {
    if (error instanceof Error && error.message.includes("ended (SIGKILL) while")) return;
    throw error;
  }
  await installation.ended();
}

async function askAndApprove(installation: Installation): Promise<void> {
  await askRefund(installation);
  await approveRefund(installation);
}

const approvedThenKilled: FaultCase = {
  id: 34,
  name: "approved, and the worker dies before it executes",
  async run(context) {
    // Killed twice: in the undo time, when nothing has begun, and right before the effect begins.
    const installation = await context.install({ started: false, undoSeconds: 3 });
    await installation.start();
    await askAndApprove(installation);
    await approvalCounts(installation);
    await installation.kill();
    await live(context, installation, [{ point: "effect:intended:refund" }]);
    await installation.judge();
  },
};

/** Every crash point, in the order in which one message passes them. */
const EVERY_POINT: readonly Life[] = [
  { point: "turn:before-commit", act: askRefund },
  { point: "turn:after-commit" },
  { point: "effect:intended:refund", act: approveRefund },
  { point: "effect:executing:refund" },
  { point: "effect:committed:refund" },
  { point: "effect:done:refund" },
  { point: "effect:executing:reply" },
  { point: "effect:committed:reply" },
  // Of a mail that nobody recorded no server can be asked, so the reply of that life is a person's by now.
  { point: "effect:done:reply", act: smallRefund },
];

/** Those at which the ledger and the world outside differ. */
const WORST_POINTS: readonly Life[] = [
  { point: "turn:after-commit", act: askRefund },
  { point: "effect:executing:refund", act: approveRefund },
  { point: "effect:committed:refund" },
  { point: "effect:committed:reply" },
];

const embedded: FaultCase = {
  id: 46,
  name: "kill -9 at each point in turn, on the embedded database",
  async run(context) {
    const installation = await context.install({
      databaseUrl: "",
      started: false,
      // What was under way is looked up when its lease is over.
      environment: { DESKHAND_LEASE_SECONDS: "2" },
    });
    await live(context, installation, context.quick ? WORST_POINTS : EVERY_POINT);
    await judgeEmbedded(context, installation);
  },
};

export const cases: readonly FaultCase[] = [
  crashing({
    id: 1,
    name: "kill -9 before the intent is written",
    lives: [{ point: "turn:before-commit", act: askRefund }],
    act: approveRefund,
  }),
  crashing({
    id: 2,
    name: "kill -9 after the intent, before the call",
    lives: [{ point: "effect:executing:refund", act: askAndApprove }],
  }),
  crashing({
    id: 3,
    name: "kill -9 after the shop accepted, before it is noted",
    // And once more when it has just been recorded: only the reply is left.
    lives: [
      { point: "effect:committed:refund", act: askAndApprove },
      { point: "effect:done:refund" },
    ],
  }),
  crashing({
    id: 4,
    name: "kill -9 after the turn's commit, before the reply",
    // After the restart no customer writes again.
    lives: [
      { point: "turn:after-commit", act: smallRefund },
      { point: "effect:done:refund" },
      { point: "effect:executing:reply" },
    ],
  }),
  crashing({
    id: 5,
    name: "kill -9 after the reply is sent, before it is noted",
    // And when it has just been recorded, after which nothing may follow.
    lives: [
      { point: "effect:done:reply", act: smallRefund },
      { point: "effect:committed:reply", act: askAndApprove },
    ],
  }),
  approvedThenKilled,
  embedded,
];
