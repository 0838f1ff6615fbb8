/** 1f: several calls at once, nested agents, edits, and what is shown and told. */
import {
  must,
  mustAccept,
  mustBring,
  mustRefuse,
  mustSee,
  mustWait,
  NOTE,
  PAY,
  payment,
  sayYes,
  asked,
  played,
  staysWaiting,
  type Case,
  type Script,
  type Stage,
} from "./case.ts";
import type { Approval, Call, GatedCall, OfferName } from "#conformance/contract.ts";

const EDITED = payment({ cents: 2_300 });
const CLOSE: GatedCall = { action: "close", args: { account: "account-9" } };

const P13: Case = {
  id: "P13",
  level: "A",
  title: "the gate goes with the action",
  must: "listed once at the top; decidable there; one effect after yes, none after no",
  scripts: [
    asked(
      "a yes for a nested agent",
      ["nested"],
      async (stage, approval) => {
        await staysWaiting(stage, approval);
        await sayYes(stage, approval);
        await mustSee(stage, [PAY]);
      },
      {
        reach: (stage) => stage.propose(PAY, "nested"),
      },
    ),
    asked(
      "a no for a nested agent",
      ["nested"],
      async (stage, approval) => {
        await stage.decide(approval, "approver", { kind: "no" });
        await mustBring(stage, []);
      },
      {
        reach: (stage) => stage.propose(PAY, "nested"),
      },
    ),
  ],
};

function many(count: number): readonly GatedCall[] {
  return Array.from({ length: count }, (_, index) =>
    payment({ to: `account-${index}`, cents: 100 + index }),
  );
}

/** One yes among many moves that one alone. */
async function oneOfMany(stage: Stage, approvals: readonly Approval[]): Promise<void> {
  const count = approvals.length;
  const ids = new Set(approvals.map(({ id }) => id));
  must(ids.size === count, `${count} proposals have ${ids.size} approvals`);
  const index = Math.floor(count / 2);
  const [chosen] = approvals.slice(index);
  const [call] = many(count).slice(index);
  if (chosen === undefined || call === undefined) return must(false, "no person was asked");
  mustAccept(await stage.decide(chosen, "approver", { kind: "yes" }), "an honest yes");
  await mustBring(stage, [call]);
  await mustWait(
    stage,
    approvals.filter(({ id }) => id !== chosen.id),
  );
}

function inOneStep(count: number): Script {
  return played(`${count} in one step`, ["together", "apart"], async (stage) => {
    const approvals = await stage.can.together(many(count));
    must(approvals.length === count, `${count} proposals have ${approvals.length} approvals`);
    await oneOfMany(stage, approvals);
  });
}

const P14: Case = {
  id: "P14",
  level: "A",
  title: "N at once",
  must: "exactly that one effect; the others still wait",
  scripts: [
    played("10 runs side by side", [], async (stage) => {
      const approvals: Approval[] = [];
      for (const call of many(10)) approvals.push(await stage.propose(call));
      await oneOfMany(stage, approvals);
    }),
    inOneStep(2),
    inOneStep(10),
    inOneStep(50),
  ],
};

/** An edit may need a yes of its own. */
async function editAndAllow(
  stage: Stage<OfferName> | Stage<"edit">,
  approval: Approval,
  call: GatedCall,
): Promise<void> {
  mustAccept(await stage.decide(approval, "approver", { kind: "edit", call }), "an honest edit");
  await stage.run();
  for (const waiting of await stage.waiting())
    mustAccept(await stage.decide(waiting, "approver", { kind: "yes" }), "a yes after the edit");
  await stage.run();
}

const P20: Case = {
  id: "P20",
  level: "A",
  title: "edit",
  must: "one effect, exactly f(x'); the original asks anew; earlier votes do not count for it",
  scripts: [
    played("other arguments", ["edit"], async (stage) => {
      await editAndAllow(stage, await stage.propose(PAY), EDITED);
      await mustSee(stage, [EDITED]);
    }),
    asked("the original again after the edit", ["edit", "next"], async (stage, approval) => {
      await editAndAllow(stage, approval, EDITED);
      await stage.can.next(approval, PAY);
      await mustBring(stage, [EDITED]);
    }),
    asked("into another action, which has a gate of its own", ["edit"], async (stage, approval) => {
      await stage.decide(approval, "approver", { kind: "edit", call: CLOSE });
      await mustBring(stage, []);
    }),
    asked(
      "votes before the edit do not count for it",
      ["edit"],
      async (stage, approval) => {
        mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "the first yes");
        const edit = { kind: "edit", call: EDITED } as const;
        mustAccept(await stage.decide(approval, "second", edit), "an edit");
        for (const waiting of await stage.waiting())
          await stage.decide(waiting, "second", { kind: "yes" });
        await mustBring(stage, []);
      },
      {
        approvers: "two",
      },
    ),
  ],
};

const P33: Case = {
  id: "P33",
  level: "C",
  title: "mixed and many",
  must: "A once, B never, C once without asking; nothing left pending; no new approvals",
  scripts: [
    played("yes, no and nothing needed, side by side", [], async (stage) => {
      const yes = await stage.propose(PAY);
      const no = await stage.propose(payment({ memo: "the second" }));
      await stage.perform(NOTE);
      await decideBoth(stage, yes, no);
    }),
    played("yes, no and nothing needed, in one step", ["together"], async (stage) => {
      const calls: readonly Call[] = [PAY, payment({ memo: "the second" }), NOTE];
      const [yes, no, ...others] = await stage.can.together(calls);
      must(others.length === 0, "what needs no person must not be put to a person");
      if (yes === undefined || no === undefined) return must(false, "no person was asked");
      await decideBoth(stage, yes, no);
    }),
    played("ten yeses", [], async (stage) => {
      const approvals: Approval[] = [];
      for (const call of many(10)) approvals.push(await stage.propose(call));
      for (const approval of approvals)
        mustAccept(await stage.decide(approval, "approver", { kind: "yes" }), "an honest yes");
      await mustBring(stage, many(10));
      await mustWait(stage, []);
    }),
  ],
};

async function decideBoth(stage: Stage, yes: Approval, no: Approval): Promise<void> {
  mustAccept(await stage.decide(yes, "approver", { kind: "yes" }), "an honest yes");
  mustAccept(await stage.decide(no, "approver", { kind: "no" }), "an honest no");
  await mustBring(stage, [PAY, NOTE]);
  await mustWait(stage, []);
}

const P34: Case = {
  id: "P34",
  level: "D",
  title: "the whole of it is shown",
  must: "everything that will run is visible, or the cut is marked and a yes is refused",
  scripts: [
    played("an argument as long as the action takes", [], async (stage) => {
      const end = "and the last words";
      const memo = `${"long ".repeat(Math.floor((stage.memoMax - end.length) / 5))}${end}`;
      await wholeOrRefused(stage, payment({ memo }), end);
    }),
    played("line breaks and marks that hide what follows", [], async (stage) => {
      const memo = "a gift\r\n\n\u202E\u200B<!-- and the last words";
      await wholeOrRefused(stage, payment({ memo }), "and the last words");
    }),
  ],
};

async function wholeOrRefused(stage: Stage, call: GatedCall, end: string): Promise<void> {
  const approval = await stage.propose(call);
  const text = await stage.show(approval, "approver");
  if (text.includes(end)) return;
  mustRefuse(
    await stage.decide(approval, "approver", { kind: "yes" }),
    `“${end}” is not shown, so a yes`,
  );
}

const P35: Case = {
  id: "P35",
  level: "D",
  title: "the answer is final and told",
  must: "the run learns it; the same call is not put to a person again in that run",
  scripts: [
    asked("a no with a reason", ["outcome"], async (stage, approval) => {
      const reason = "not before Monday";
      mustAccept(await stage.decide(approval, "approver", { kind: "no", reason }), "a no");
      await stage.run();
      const { state, told } = await stage.can.outcome(approval);
      must(state === "refused", `it was refused, and it is told as ${state}`);
      must(told.includes(reason), `the run must learn “${reason}”, and it is told: ${told}`);
    }),
    asked("the same again after a no", ["next"], async (stage, approval) => {
      mustAccept(await stage.decide(approval, "approver", { kind: "no" }), "an honest no");
      await stage.run();
      const again = await stage.can.next(approval, PAY);
      await mustBring(stage, []);
      must(again === null, "the same call must not be put to a person again");
    }),
    asked("a yes with a reason", ["outcome", "reasonWithYes"], async (stage, approval) => {
      const reason = "since she is a regular";
      mustAccept(await stage.decide(approval, "approver", { kind: "yes", reason }), "a yes");
      await stage.run();
      const { told } = await stage.can.outcome(approval);
      must(told.includes(reason), `the run must learn “${reason}”, and it is told: ${told}`);
    }),
  ],
};

export const SEVERAL: readonly Case[] = [P13, P14, P20, P33, P34, P35];
