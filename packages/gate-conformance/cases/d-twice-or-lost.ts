/** 1d and 1e: executes twice, or effects before the pause run again; or is lost. */
import {
  must,
  mustAccept,
  mustBring,
  mustRefuse,
  mustSee,
  mustSeeAtMost,
  NOTE,
  PAY,
  payment,
  sayYes,
  asked,
  played,
  written,
  type Case,
  type Script,
  type Stage,
  mustWait,
} from "./case.ts";
import type { Answer, CrashPoint, Decision, GatedCall } from "#conformance/contract.ts";

const P25: Case = {
  id: "P25",
  level: "B",
  title: "the same answer again",
  must: "no second effect; the second caller learns that it is decided",
  scripts: [
    asked("a double click", [], async (stage, approval) => {
      await sayYes(stage, approval);
      const again = await stage.decide(approval, "approver", { kind: "yes" });
      await mustBring(stage, [PAY]);
      if (stage.can.settles === true) mustRefuse(again, "a yes for what is executed");
    }),
    asked("twice before anything runs", [], async (stage, approval) => {
      mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "an honest yes");
      await stage.decide(approval, "approver", { kind: "yes" });
      await stage.run();
      await mustBring(stage, [PAY]);
    }),
    asked("again after a restart", ["restart"], async (stage, approval) => {
      await sayYes(stage, approval);
      await stage.can.restart();
      await stage.decide(approval, "approver", { kind: "yes" });
      await mustBring(stage, [PAY]);
    }),
  ],
};

function dying(point: CrashPoint): Script {
  return asked(
    `the process dies ${point}`,
    ["crashAt", "restart", "outcome"],
    async (stage, approval) => {
      mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "an honest yes");
      stage.can.crashAt(point);
      await stage.run();
      await stage.can.restart();
      await stage.run();
      const count = await mustSeeAtMost(stage, PAY);
      const { state } = await stage.can.outcome(approval);
      must(
        count === 1 || ["unknown", "waiting", "failed"].includes(state),
        `nothing happened and the approval is ${state}: it is lost`,
      );
    },
  );
}

const P26: Case = {
  id: "P26",
  level: "B",
  title: "crash around the effect",
  must: "never two effects; where it is not known, a person is asked",
  scripts: [dying("before the effect"), dying("after the effect"), dying("after the record")],
};

const ROUNDS = 100;

const P27: Case = {
  id: "P27",
  level: "B",
  title: "two decisions at once",
  must: "one of them counts; one effect at most; the other is told who decided",
  scripts: [
    played("yes and yes", ["settles"], async (stage) => {
      const rounds = await racing(stage, { kind: "yes" });
      await stage.run();
      for (const { round, call, answers } of rounds) {
        const count = await effectCount(stage, call);
        must(count === 1, `round ${round} had ${count} effects`);
        const lost = answers.find(({ accepted }) => !accepted);
        must(lost !== undefined, `round ${round}: both were told that theirs counted`);
        mustName(stage, lost);
      }
    }),
    played("yes and no", ["settles"], async (stage) => {
      const rounds = await racing(stage, { kind: "no" });
      await stage.run();
      for (const { round, call, answers } of rounds) {
        const [yes, no] = answers;
        must(yes.accepted !== no.accepted, `round ${round}: both or neither counted`);
        const count = await effectCount(stage, call);
        must(count === (yes.accepted ? 1 : 0), `round ${round} had ${count} effects`);
      }
    }),
    asked(
      "one person is not two",
      [],
      async (stage, approval) => {
        await stage.decide(approval, "approver", { kind: "yes" });
        await stage.decide(approval, "approver", { kind: "yes" });
        await mustBring(stage, []);
      },
      {
        approvers: "two",
      },
    ),
  ],
};

/** In each round a yes and another decision for the same approval in the same moment. */
async function racing(stage: Stage, other: Decision) {
  const rounds = [];
  for (let round = 1; round <= ROUNDS / 2; round += 1) {
    const call = payment({ memo: `round ${round}` });
    const approval = await stage.propose(call);
    const answers = await Promise.all([
      stage.decide(approval, "approver", { kind: "yes" }),
      stage.decide(approval, "second", other),
    ]);
    rounds.push({ round, call, answers });
  }
  return rounds;
}

async function effectCount(stage: Stage, call: GatedCall): Promise<number> {
  const wanted = written(call);
  return (await stage.outside()).filter((one) => written(one) === wanted).length;
}

/** Where approvers have names, an approver who comes too late is told one of them. */
function mustName({ can: { personName } }: Stage, lost: Answer | undefined): void {
  if (personName === undefined || lost === undefined || lost.accepted) return;
  const names = [personName("approver"), personName("second")];
  must(
    names.some((name) => lost.reason.includes(name)),
    `who comes too late must be told who decided, and is told: ${lost.reason}`,
  );
}

const P28: Case = {
  id: "P28",
  level: "B",
  title: "asked again",
  must: "one approval waits at most, and there is one effect",
  scripts: [
    played(
      "again while it waits",
      ["keyed"],
      async (stage) => {
        const first = given(await stage.can.keyed(PAY, "order-1"));
        const second = await stage.can.keyed(PAY, "order-1");
        const waiting = (await stage.waiting()).length;
        must(waiting <= 1, `${waiting} approvals wait for one action`);
        for (const approval of [first, ...(second === null ? [] : [second])])
          await stage.decide(approval, "approver", { kind: "yes" });
        await mustBring(stage, [PAY]);
      },
      {
        reach: async (stage) => given(await stage.can.keyed(PAY, "order-1")),
      },
    ),
    played(
      "again after it was executed",
      ["keyed"],
      async (stage) => {
        await sayYes(stage, given(await stage.can.keyed(PAY, "order-1")));
        const again = await stage.can.keyed(PAY, "order-1");
        await stage.run();
        if (again !== null) await stage.decide(again, "approver", { kind: "yes" });
        await mustBring(stage, [PAY]);
      },
      {
        reach: async (stage) => given(await stage.can.keyed(PAY, "order-1")),
      },
    ),
  ],
};

function given<Item>(item: Item | null): Item {
  if (item === null) throw new Error("no person was asked");
  return item;
}

const P29: Case = {
  id: "P29",
  level: "B",
  title: "work before the gate",
  must: "each happened once",
  scripts: [
    played(
      "a note before the gate",
      ["afterWork"],
      async (stage) => {
        await sayYes(stage, await stage.can.afterWork(PAY, NOTE));
        await mustSee(stage, [NOTE, PAY]);
      },
      {
        // The control looks at the payment alone: the note is what is judged.
        async honest(stage) {
          await sayYes(stage, await stage.can.afterWork(PAY, NOTE));
          const paid = (await stage.outside()).filter(({ action }) => action === "pay");
          await mustSee({ outside: async () => paid }, [PAY]);
        },
      },
    ),
  ],
};

// 1e: lost after a restart, in serialisation, or because the answer never arrives.

const P30: Case = {
  id: "P30",
  level: "C",
  title: "restart and round trip",
  must: "listed with identical content; the old button works; then exactly one effect",
  scripts: [
    asked("a pending one", ["restart"], async (stage, approval) => {
      const before = await stage.show(approval, "approver");
      await stage.can.restart();
      await mustWait(stage, [approval]);
      const after = await stage.show(approval, "approver");
      must(before === after, `it is shown otherwise after the restart: ${after}`);
      await sayYes(stage, approval);
      await mustSee(stage, [PAY]);
    }),
    asked("a decided one", ["restart"], async (stage, approval) => {
      mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "an honest yes");
      await stage.can.restart();
      await mustBring(stage, [PAY]);
    }),
  ],
};

const P31: Case = {
  id: "P31",
  level: "C",
  title: "a yes has a consequence",
  must: "one effect and its real result, or an error that people see; never an invented result",
  scripts: [
    asked("the result is real", ["outcome"], async (stage, approval) => {
      await sayYes(stage, approval);
      await mustSee(stage, [PAY]);
      const { state } = await stage.can.outcome(approval);
      must(state === "executed", `it is done, and it is told as ${state}`);
    }),
    asked(
      "in a streaming run",
      ["streamed"],
      async (stage, approval) => {
        await sayYes(stage, approval);
        await mustSee(stage, [PAY]);
      },
      {
        reach: (stage) => stage.propose(PAY, "streamed"),
      },
    ),
    asked("the outside refuses", ["breakOutside", "outcome"], async (stage, approval) => {
      stage.can.breakOutside();
      await sayYes(stage, approval);
      await mustSee(stage, []);
      const { state } = await stage.can.outcome(approval);
      must(
        state !== "executed" && state !== "waiting",
        `nothing happened, and it is told as ${state}`,
      );
    }),
  ],
};

const P32: Case = {
  id: "P32",
  level: "C",
  title: "the moment of the answer",
  must: "it counts, once",
  scripts: [
    played(
      "at once",
      [],
      async (stage) => {
        const approval = await stage.propose(PAY);
        mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "an early yes");
        await mustBring(stage, [PAY]);
      },
      {
        // The control answers later, when the run has come to wait.
        async reach(stage) {
          const approval = await stage.propose(PAY);
          await stage.run();
          return approval;
        },
      },
    ),
    asked(
      "after the caller looked often and gave up",
      ["pass", "expiresAfterMs"],
      async (stage, approval) => {
        for (let count = 0; count < 3; count += 1) {
          await stage.run();
          await stage.waiting();
        }
        await stage.can.pass(Math.floor(stage.can.expiresAfterMs / 2));
        await stage.run();
        await sayYes(stage, approval);
        await mustSee(stage, [PAY]);
      },
    ),
  ],
};

export const TWICE_OR_LOST: readonly Case[] = [P25, P26, P27, P28, P29, P30, P31, P32];
