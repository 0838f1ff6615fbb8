/** 1e: lost after a restart, in serialisation, or because the answer never arrives. */
import {
  must,
  mustAccept,
  mustBring,
  mustSee,
  mustWait,
  PAY,
  sayYes,
  asked,
  played,
  type Case,
} from "./case.ts";

const P30: Case = {
  id: "P30",
  level: "C",
  title: "restart and round trip",
  given: "a pending approval; one that is decided and not run",
  when: "restart",
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
  given: "a genuine yes",
  when: "the run goes on, also in streaming, also when the outside refuses",
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
  given: "an approval that was just announced, or whose caller stopped waiting before the expiry",
  when: "yes",
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

export const LOST: readonly Case[] = [P30, P31, P32];
