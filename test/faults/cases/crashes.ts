/** kill -9 at a named point of the walk from message to answer, and the same process again afterwards. */
import type { FaultCase } from "#test/faults/case.ts";
import { askingPostgres } from "#test/faults/inside.ts";
import type { Installation } from "#test/faults/installation.ts";
import { until } from "#test/support/waiting.ts";

const ANN = "ann@customer.test";
const CARD = "Refund 120.00 USD";

async function askRefund(installation: Installation): Promise<void> {
  installation.wantRefund("789", 120);
  await installation.mail(ANN, "Broken", "My headphones broke, please refund order 789");
}

async function approve(installation: Installation): Promise<void> {
  const card = await installation.deskhand().card((text) => text.includes(CARD));
  await installation.deskhand().press("sam", card, "Approve");
  await askingPostgres(installation.databaseUrl, (ask) =>
    until("the click to count", async () => {
      const approved = await ask("select 1 from approval where state = 'approved'");
      return approved.length > 0;
    }),
  );
}

/** A refund that a person approves, with the process killed at `point` before or after the click. */
function refundCrash(options: {
  readonly id: number;
  readonly name: string;
  readonly point: string;
  readonly approved: boolean;
  readonly inSuite: boolean;
}): FaultCase {
  const { point, approved, ...rest } = options;
  return {
    ...rest,
    async run(arena) {
      const installation = await arena.install({ started: false });
      await installation.start({ DESKHAND_CRASH_AT: point });
      await askRefund(installation);
      if (approved) await approve(installation);
      await installation.ended();
      await installation.start();
      if (!approved) await approve(installation);
      await installation.judge();
    },
  };
}

/** The reply of a chat, which goes out by itself: after the restart nobody writes again. */
const replyLeft: FaultCase = {
  id: 4,
  name: "kill -9 after the turn's commit, before the reply",
  inSuite: true,
  async run(arena) {
    const installation = await arena.install({ started: false });
    await installation.start({ DESKHAND_CRASH_AT: "turn:after-commit" });
    await installation.mail(
      "bob@elsewhere.test",
      "Cable",
      "Please refund order 1002, it is broken",
    );
    installation.wantRefund("1002", 9);
    await installation.ended();
    await installation.start();
    await installation.judge();
  },
};

const approvedThenKilled: FaultCase = {
  id: 34,
  name: "approved, and the worker dies before it executes",
  inSuite: false,
  async run(arena) {
    // Killed twice: in the undo time, when nothing has begun, and right before the effect begins.
    const installation = await arena.install({ started: false, undoSeconds: 3 });
    await installation.start({ DESKHAND_CRASH_AT: "effect:intended:refund" });
    await askRefund(installation);
    await approve(installation);
    await installation.kill();
    await installation.start({ DESKHAND_CRASH_AT: "effect:intended:refund" });
    await installation.ended();
    await installation.start();
    await installation.judge();
  },
};

export const cases: readonly FaultCase[] = [
  refundCrash({
    id: 1,
    name: "kill -9 before the intent is written",
    point: "turn:before-commit",
    approved: false,
    inSuite: false,
  }),
  refundCrash({
    id: 2,
    name: "kill -9 after the intent, before the call",
    point: "effect:executing:refund",
    approved: true,
    inSuite: false,
  }),
  refundCrash({
    id: 3,
    name: "kill -9 after the shop accepted, before it is noted",
    point: "effect:committed:refund",
    approved: true,
    inSuite: true,
  }),
  replyLeft,
  refundCrash({
    id: 5,
    name: "kill -9 after the reply is sent, before it is noted",
    point: "effect:committed:reply",
    approved: true,
    inSuite: true,
  }),
  approvedThenKilled,
];
