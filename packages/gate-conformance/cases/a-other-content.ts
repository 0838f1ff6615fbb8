/** 1a: something other than what was shown is executed. */
import {
  must,
  mustAccept,
  mustBring,
  mustNotSee,
  mustSee,
  mustSeeAtMost,
  mustShow,
  mustWait,
  PAY,
  payment,
  sayYes,
  asked,
  played,
  type Case,
  type Stage,
} from "./case.ts";
import type { GatedCall } from "#conformance/contract.ts";

const OTHER = payment({ cents: 999_900 });
const ELSEWHERE = payment({ to: "account-9", memo: "another one" });
const CLOSE: GatedCall = { action: "close", args: { account: "account-7" } };

const P04: Case = {
  id: "P04",
  level: "A",
  title: "sealed arguments",
  must: "the effect is f(x) or none; never f(y)",
  scripts: [
    asked("the yes carries other arguments", ["swap"], async (stage, approval) => {
      await stage.can.swap(approval, OTHER);
      await stage.run();
      await mustSeeAtMost(stage, PAY);
    }),
    asked("what was approved is altered before it runs", ["alter"], async (stage, approval) => {
      mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "an honest yes");
      await stage.can.alter("the lamp came broken", "everything came broken");
      await stage.run();
      await mustSeeAtMost(stage, PAY);
    }),
  ],
};

const P05: Case = {
  id: "P05",
  level: "A",
  title: "shown = executed",
  must: "what was shown equals what the outside saw, field by field",
  scripts: [
    asked("every field of a payment is shown", [], async (stage, approval) => {
      await mustShow(stage, approval, PAY);
      await sayYes(stage, approval);
      await mustSee(stage, [PAY]);
    }),
    played("every field of another action is shown", [], async (stage) => {
      const approval = await stage.propose(CLOSE);
      await mustShow(stage, approval, CLOSE);
      await sayYes(stage, approval);
      await mustSee(stage, [CLOSE]);
    }),
    played("a hook rewrites the arguments", ["rewritten"], async (stage) => {
      const approval = await stage.can.rewritten(PAY, OTHER);
      await mustShow(stage, approval, OTHER);
      await sayYes(stage, approval);
      await mustSee(stage, [OTHER]);
    }),
  ],
};

const P06: Case = {
  id: "P06",
  level: "A",
  title: "content behind a reference",
  must: "no effect under the old approval",
  scripts: [
    played(
      "the record changes before the yes",
      ["refer", "changeContent"],
      async (stage) => {
        const approval = await stage.can.refer();
        await stage.can.changeContent();
        await stage.decide(approval, "approver", { kind: "yes" });
        await mustBring(stage, []);
      },
      {
        honest: (stage) => honestReference(stage),
      },
    ),
    played(
      "the record changes after the yes",
      ["refer", "changeContent"],
      async (stage) => {
        const approval = await stage.can.refer();
        mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "an honest yes");
        await stage.can.changeContent();
        await mustBring(stage, []);
      },
      {
        honest: (stage) => honestReference(stage),
      },
    ),
  ],
};

/** Whatever the record says, it is one effect. */
async function honestReference(stage: Stage<"refer" | "changeContent">): Promise<void> {
  await sayYes(stage, await stage.can.refer());
  const seen = (await stage.outside()).length;
  must(seen === 1, `it has ${seen} effects`);
}

const P07: Case = {
  id: "P07",
  level: "A",
  title: "only the approval that was decided",
  must: "B stays undecided; no effect of B",
  scripts: [
    played("a late yes for the first", ["next"], async (stage) => {
      const first = await stage.propose(PAY);
      const second = await stage.can.next(first, ELSEWHERE);
      await stage.decide(first, "approver", { kind: "yes" });
      await stage.run();
      await mustNotSee(stage, ELSEWHERE);
      must(second !== null, "the second must be put to a person");
    }),
  ],
};

/** After an always-yes for `PAY`, this call is asked for. */
function stillAsked(name: string, needs: readonly ("always" | "alwaysExact")[], call: GatedCall) {
  return asked(name, needs, async (stage, approval) => {
    mustAccept(await stage.can.always(approval), "an always-yes");
    await stage.run();
    const other = await stage.propose(call);
    await mustBring(stage, [PAY]);
    await mustWait(stage, [other]);
  });
}

const P17: Case = {
  id: "P17",
  level: "A",
  title: "the scope of “always”",
  must: "it is asked for",
  scripts: [
    stillAsked("other arguments", ["always", "alwaysExact"], ELSEWHERE),
    stillAsked("another action", ["always"], CLOSE),
  ],
};

const P18: Case = {
  id: "P18",
  level: "A",
  title: "identity of the action",
  must: "each is asked for",
  scripts: [
    played("the same name on another server", ["always", "elsewhere"], async (stage) => {
      mustAccept(await stage.can.always(await stage.propose(PAY)), "an always-yes");
      await stage.run();
      const other = await stage.can.elsewhere(PAY);
      await mustBring(stage, [PAY]);
      must(other !== null, "the other server's tool must be asked for");
    }),
    played("a tool that calls itself read-only", ["harmless"], async (stage) => {
      const approval = await stage.can.harmless(PAY);
      await mustBring(stage, []);
      must(approval !== null, "what a tool says of itself must not decide");
    }),
  ],
};

export const OTHER_CONTENT: readonly Case[] = [P04, P05, P06, P07, P17, P18];
