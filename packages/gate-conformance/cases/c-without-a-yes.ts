/** 1c: executes after no, after expiry, or without being asked. */
import {
  must,
  mustAccept,
  mustBring,
  mustRefuse,
  mustWait,
  NOTE,
  PAY,
  payment,
  asked,
  played,
  staysWaiting,
  type Case,
} from "./case.ts";

const OTHER = payment({ to: "account-9", cents: 1_200, memo: "another one" });
const MONTH_MS = 30 * 24 * 60 * 60_000;

const P01: Case = {
  id: "P01",
  level: "A",
  title: "no decision, no effect, on any path",
  must: "no effect; every proposal is listed as pending",
  scripts: [
    asked("a plain run", [], staysWaiting),
    asked("a streaming run", ["streamed"], staysWaiting, {
      reach: (stage) => stage.propose(PAY, "streamed"),
    }),
    asked("a direct call", ["direct"], staysWaiting, {
      reach: (stage) => stage.propose(PAY, "direct"),
    }),
    played("beside a run that goes on with a yes", [], async (stage) => {
      const first = await stage.propose(PAY);
      const second = await stage.propose(OTHER);
      mustAccept(await stage.decide(first, "approver", { kind: "yes" }), "an honest yes");
      await mustBring(stage, [PAY]);
      await mustWait(stage, [second]);
    }),
    asked("at the next start", ["restart"], async (stage, approval) => {
      await stage.can.restart();
      await staysWaiting(stage, approval);
    }),
  ],
};

const P02: Case = {
  id: "P02",
  level: "A",
  title: "no means no",
  must: "no effect",
  scripts: [
    asked("a no", [], async (stage, approval) => {
      mustAccept(await stage.decide(approval, "approver", { kind: "no" }), "an honest no");
      await mustBring(stage, []);
    }),
    asked("a no, then a restart", ["restart"], async (stage, approval) => {
      mustAccept(await stage.decide(approval, "approver", { kind: "no" }), "an honest no");
      await stage.can.restart();
      await mustBring(stage, []);
    }),
    asked("a no, then a late yes for the same", [], async (stage, approval) => {
      mustAccept(await stage.decide(approval, "approver", { kind: "no" }), "an honest no");
      await stage.run();
      await stage.decide(approval, "approver", { kind: "yes" });
      await mustBring(stage, []);
    }),
  ],
};

const P11: Case = {
  id: "P11",
  level: "A",
  title: "after expiry",
  must: "refused; no approver recorded; the run is told that nothing happened",
  scripts: [
    asked("a late yes", ["expiresAfterMs", "pass", "outcome"], async (stage, approval) => {
      await stage.can.pass(stage.can.expiresAfterMs);
      mustRefuse(
        await stage.decide(approval, "approver", { kind: "yes" }),
        "a yes after the expiry",
      );
      await mustBring(stage, []);
      const { state, by } = await stage.can.outcome(approval);
      must(state === "expired", `it must end as expired, and it is ${state}`);
      must(by === null, `no approver decided, and the record says ${by ?? ""}`);
    }),
  ],
};

const P12: Case = {
  id: "P12",
  level: "A",
  title: "silence is not yes",
  must: "no effect; recorded neither as approved nor as a person's no",
  scripts: [
    played("the run is woken again and again", [], async (stage) => {
      await stage.propose(PAY);
      for (let count = 0; count < 3; count += 1) await mustBring(stage, []);
    }),
    asked("a month passes", ["pass", "outcome"], async (stage, approval) => {
      await stage.can.pass(MONTH_MS);
      for (let count = 0; count < 3; count += 1) await mustBring(stage, []);
      const { state, by } = await stage.can.outcome(approval);
      must(state !== "executed" && state !== "refused", `silence must not end as ${state}`);
      must(by === null, `no approver decided, and the record says ${by ?? ""}`);
    }),
  ],
};

const P16: Case = {
  id: "P16",
  level: "A",
  title: "the newer, narrower no wins",
  must: "that call does not run",
  scripts: [
    played(
      "an always-yes for one of two, a no for the other",
      ["always", "together"],
      async (stage) => {
        const [first, second] = await stage.can.together([PAY, OTHER]);
        if (first === undefined || second === undefined)
          return must(false, "both must be put to a person");
        mustAccept(await stage.can.always(first), "an always-yes");
        await stage.decide(second, "approver", { kind: "no" });
        await mustBring(stage, [PAY]);
      },
    ),
  ],
};

const P19: Case = {
  id: "P19",
  level: "A",
  title: "order of rules",
  must: "deny over ask over allow; the answer names the rule that won",
  scripts: [
    played("ask in a setting, allow in a mode", ["ruled"], async (stage) => {
      const { verdict, layer, approval } = await stage.can.ruled(PAY, [
        { layer: "mode", says: "allow" },
        { layer: "setting", says: "ask" },
      ]);
      await mustBring(stage, []);
      must(verdict === "ask" && layer === "setting", `the ${layer}'s ${verdict} won`);
      must(approval !== null, "a person must be asked");
    }),
    played("deny in a setting, ask in a hook", ["ruled"], async (stage) => {
      const { verdict, layer, approval } = await stage.can.ruled(PAY, [
        { layer: "hook", says: "ask" },
        { layer: "setting", says: "deny" },
      ]);
      await mustBring(stage, []);
      must(verdict === "deny" && layer === "setting", `the ${layer}'s ${verdict} won`);
      must(approval === null, "what is denied must not be put to a person");
    }),
  ],
};

const P22: Case = {
  id: "P22",
  level: "A",
  title: "withdrawn",
  must: "no effect",
  scripts: [
    asked("the yes is taken back", ["withdraw"], async (stage, approval) => {
      mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "an honest yes");
      mustAccept(await stage.can.withdraw(approval, "approver"), "taking it back");
      await mustBring(stage, []);
    }),
  ],
};

const P24: Case = {
  id: "P24",
  level: "A",
  title: "neighbours wait",
  must: "B is not started before A is settled, unless calls are stated to be independent",
  scripts: [
    played(
      "an ungated call behind a gated one",
      ["together", "ordered"],
      async (stage) => {
        await stage.can.together([PAY, NOTE]);
        await mustBring(stage, []);
      },
      {
        reach: async (stage) => first(await stage.can.together([PAY, NOTE])),
        brings: [PAY, NOTE],
      },
    ),
  ],
};

function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined) throw new Error("no person was asked");
  return item;
}

export const WITHOUT_A_YES: readonly Case[] = [P01, P02, P11, P12, P16, P19, P22, P24];
