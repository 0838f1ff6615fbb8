/** Presses that decide nothing: a claim binds no teammate, another draft permits nothing. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { eraseTeammate } from "#store/privacy/erase-teammate.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { flagTexts } from "#test/support/flag-texts.ts";

const MINUTE = 60_000;

const LEA = "lea@ourshop.test";

onDesk(
  "claims",
  (bench) => {
    let id = "";

    beforeEach(async () => {
      bench.answer(() => replying("It is on its way."));
      id = await bench.write("Where is my order?");
    });

    const card = () => [...bench.cards.values()][0];
    const audited = async () =>
      (await bench.column(sql`select kind from audit order by seq`)).filter((kind) =>
        /claim|release/.test(kind),
      );

    test("a claimed card names who has it, and keeps its version and its approvals; ten minutes later the name is gone within a tick", async () => {
      const before = await bench.pending(id);
      assert.equal((await bench.press("claim", id)).accepted, true);
      assert.deepEqual(card()?.claim, { name: "sam", until: "2026-11-20T10:10:00.000Z" });
      assert.deepEqual(card()?.buttons.slice(-3), ["release", "redo", "take_over"]);
      const after = await bench.pending(id);
      assert.equal(after?.version, before?.version);
      assert.deepEqual(await audited(), ["claimed"]);
      await bench.pass(10 * MINUTE - 1_000);
      assert.equal(card()?.claim?.name, "sam");
      await bench.pass(1_000);
      assert.equal(card()?.claim, undefined);
      assert.ok(card()?.buttons.includes("claim"));
      assert.deepEqual(await audited(), ["claimed", "claim_lapsed"]);
    });

    test("once its time is over another teammate claims it, whether or not a tick came", async () => {
      await bench.press("claim", id);
      bench.skip(10 * MINUTE);
      assert.equal((await bench.press("claim", id, LEA)).accepted, true);
      assert.equal(card()?.claim?.name, "lea");
    });

    test("a claim ends with its maker's duty hours", async () => {
      bench.rule({ claimUntil: (_teammate, at) => new Date(at.getTime() + 3 * MINUTE) });
      await bench.press("claim", id);
      await bench.pass(3 * MINUTE);
      assert.equal(card()?.claim, undefined);
    });

    test("a teammate who claims it second is told who has it, cannot give it back, and may decide all the same", async () => {
      await bench.press("claim", id);
      assert.deepEqual(await bench.press("claim", id, LEA), {
        accepted: false,
        message: "sam has this until 10:10:00 UTC. You may decide it all the same.",
        fieldErrors: {},
      });
      assert.match((await bench.press("release", id, LEA)).message, /^sam has this until/);
      assert.equal((await bench.press("release", id)).accepted, true);
      assert.equal(card()?.claim, undefined);
      assert.equal((await bench.press("claim", id, LEA)).accepted, true);
      assert.equal(card()?.claim?.name, "lea");
      assert.equal((await bench.press("approve", id)).accepted, true);
      assert.equal(card()?.claim, undefined);
    });

    test("of two who claim at the same moment one has it", async () => {
      for (let round = 0; round < 5; round += 1) {
        const answers = await Promise.all([
          bench.press("claim", id),
          bench.press("claim", id, LEA),
        ]);
        assert.equal(answers.filter(({ accepted }) => accepted).length, 1);
        await Promise.all([bench.press("release", id), bench.press("release", id, LEA)]);
        assert.equal(card()?.claim, undefined);
      }
    });

    test("a message that comes meanwhile leaves the claim where it is; the name of a teammate who is erased goes at once", async () => {
      await bench.press("claim", id);
      await bench.write("And may I change the address?");
      assert.equal((await bench.pending(id))?.version, 2);
      assert.equal(card()?.claim?.name, "sam");
      await bench.at(eraseTeammate, [{ kind: "email", value: "sam@ourshop.test" }]);
      await bench.tick();
      assert.equal(card()?.claim, undefined);
      assert.doesNotMatch(JSON.stringify(await bench.pending(id)), /sam/);
    });
  },
  DATABASES,
);

onDesk("another draft", (bench) => {
  let id = "";
  const asked: (TurnInput["instruction"] | null)[] = [];

  beforeEach(async () => {
    asked.splice(0);
    bench.answer((input) => {
      asked.push(input.instruction ?? null);
      return replying(`Draft ${asked.length}.`);
    });
    id = await bench.write("Where is my order?");
  });

  const card = () => [...bench.cards.values()].at(-1);
  const redo = (hint: string, who?: string) => bench.press("redo", id, who, { hint });

  test("the card is drafted anew in its place, as a new version that says who wanted what", async () => {
    assert.deepEqual(await redo("make it shorter"), {
      accepted: true,
      message: "",
      fieldErrors: {},
    });
    assert.equal(asked[1]?.hint, "make it shorter");
    assert.match(asked[1]?.draft ?? "", /Draft 1\./);
    assert.equal(bench.cards.size, 1);
    assert.match(card()?.draft?.text ?? "", /Draft 2\./);
    assert.deepEqual(card()?.changes, ["Redone by sam: “make it shorter”"]);
    assert.equal((await bench.pending(id))?.redraft.request, null);
    assert.equal(bench.replies().length, 0);
  });

  test("what a teammate writes meanwhile stays: the draft that was asked for before is not made", async () => {
    bench.answer(async (input) => {
      asked.push(input.instruction ?? null);
      if (asked.length === 2)
        await bench.press("edit", id, LEA, { edit: { text: "My own words.", amount: null } });
      return replying(`Draft ${asked.length}.`);
    });
    await redo("make it shorter");
    await bench.wake(id);
    assert.equal(asked.length, 2);
    assert.match(card()?.draft?.text ?? "", /My own words\./);
    assert.match(card()?.changes.join(" ") ?? "", /Edited by lea\..*was asked for is not made/);
  });

  test("the new draft begins with what the one before looked up, and the card says what of the hint was left out", async () => {
    const attributes = {
      "gen_ai.tool.name": "get_order_status",
      "deskhand.arguments": '{"order_id":"456"}',
      "deskhand.valid": true,
    };
    const startedAt = "2026-11-20T10:00:00.000Z";
    const name = "execute_tool get_order_status";
    bench.answer((input) => {
      asked.push(input.instruction ?? null);
      return replying("It is on its way.", {
        spans: [{ name, startedAt, durationMs: 1, attributes }],
        ...(input.instruction === undefined ? {} : { leftOut: "The discount: nothing grants one" }),
      });
    });
    id = await bench.write("And order 456?", { thread: "looked up" });
    await redo("promise a discount");
    assert.deepEqual(
      asked.at(-1)?.spans?.map((span) => span.attributes),
      [attributes],
    );
    assert.ok(flagTexts(card()).includes("Left out of the hint: The discount: nothing grants one"));
  });

  test("approvals before it lapse, and the old version cannot be approved", async () => {
    bench.answer(() =>
      replying("We refund it.", { actions: [refundOf(30_000, { needs: { count: 2, leads: 1 } })] }),
    );
    await bench.write("Please refund order 789");
    const before = await bench.pending(id);
    await bench.press("approve", id);
    await redo("kinder", LEA);
    const after = await bench.pending(id);
    assert.deepEqual(after?.votes, []);
    assert.deepEqual(card()?.changes.slice(-2), [
      "Redone by lea: “kinder”",
      "sam's approval lapsed.",
    ]);
    const stale = await bench.press("approve", id, LEA, { version: before?.version ?? 0 });
    assert.match(stale.message, /was changed meanwhile/);
    assert.deepEqual(bench.made("refund"), []);
  });

  test("what a hint changes is never let out by policy alone", async () => {
    bench.answer(() =>
      replying("We refund 5.00 USD.", {
        actionsAlone: true,
        actions: [refundOf(500, { decision: { verdict: "allow", rule: "refund.small" } })],
      }),
    );
    await redo("just refund 5.00");
    assert.match(card()?.headline ?? "", /^Refund 5\.00 USD/);
    assert.equal((await bench.pending(id))?.state, "pending");
    assert.deepEqual(bench.left, []);
  });

  test("of two who want another draft at once one gets it and the other is told", async () => {
    for (let round = 0; round < 4; round += 1) {
      const fresh = await bench.write("Where is it?", { thread: `race ${round}` });
      const answers = await Promise.all([
        bench.press("redo", fresh, undefined, { hint: "shorter", version: 1 }),
        bench.press("redo", fresh, LEA, { hint: "longer", version: 1 }),
      ]);
      const lost = answers.filter(({ accepted }) => !accepted);
      assert.equal(lost.length, 1);
      assert.match(lost[0]?.message ?? "", /same moment|meanwhile|already/);
      assert.equal((await bench.pending(fresh))?.redraft.count, 1);
    }
  });

  test("after five drafts it is told plainly that there are no more", async () => {
    for (let count = 1; count <= 5; count += 1)
      assert.equal((await redo(`again ${count}`)).accepted, true);
    const sixth = await redo("once more");
    assert.match(sixth.message, /redone 5 times already/);
    assert.equal(asked.length, 6);
  });

  test("the model being away leaves the draft before, with a word on the card", async () => {
    bench.answer(() =>
      replying("", { ending: { kind: "unavailable", part: "model", reason: "the model is away" } }),
    );
    await redo("shorter");
    assert.match(card()?.draft?.text ?? "", /Draft 1\./);
    assert.match(
      card()?.changes.join() ?? "",
      /sam asked for another draft: “shorter”, but there is no new draft: the model is away\. The one before stands\./,
    );
    assert.equal(bench.replies().length, 0);
    assert.equal((await bench.press("approve", id)).accepted, true);
  });

  test("a model that would rather hand over leaves the card to the teammate who looks at it", async () => {
    bench.answer(() => replying("", { ending: escalating("unclear") }));
    await redo("in verse");
    assert.equal((await bench.pending(id))?.state, "pending");
    assert.match(card()?.changes.join() ?? "", /no new draft: unclear/);
  });

  test("built-in rules say that they cannot follow a hint", async () => {
    Object.assign(bench.parts.agent, { isRehearsal: true });
    await redo("in French");
    Object.assign(bench.parts.agent, { isRehearsal: false });
    assert.match(
      card()?.changes.join() ?? "",
      /built-in model cannot follow hints; the draft was redone without it/,
    );
  });

  test("what the customer writes meanwhile is answered by the same draft", async () => {
    bench.answer(async (input) => {
      asked.push(input.instruction ?? null);
      return replying(`Answers ${input.unread.length}.`);
    });
    await redo("shorter");
    await bench.write("It is order 456.");
    assert.match(card()?.draft?.text ?? "", /Answers 2\./);
    assert.deepEqual(
      asked.slice(1).map((given) => given?.hint ?? null),
      ["shorter", null],
    );
  });

  test("an empty instruction asks for nothing", async () => {
    for (const empty of ["  ", "\u200B", "\u2800 \u{E0020}"])
      assert.match((await redo(empty)).fieldErrors.text ?? "", /Say in a few words/);
    assert.equal(asked.length, 1);
  });
});

onDesk("what no reader sees", (bench) => {
  test("goes out in no draft and in no edit", async () => {
    const hidden = String.fromCodePoint(0xe0053, 0xe0065, 0xe006e, 0x200b);
    bench.answer(() => replying(`As drafted${hidden}.`));
    const id = await bench.write("Where is it?");
    assert.match((await bench.pending(id))?.card.draft?.text ?? "", /\nAs drafted\.\n/);
    await bench.press("edit", id, LEA, { edit: { text: `As edited${hidden}.`, amount: null } });
    await bench.press("approve", id);
    await bench.pass(MINUTE);
    assert.deepEqual(bench.replies(), ["As edited."]);
  });
});
