/** A case that sleeps, was closed or was given away is not lost: its customer's message wakes it, and the team is told. */
import { assigned } from "#test/jobs/customers.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Signal } from "#core/values/message.ts";
import { messagesOfCase } from "#store/console/case.ts";
import { doneRows, type OpenView } from "#store/console/inbox.ts";
import { caseStates, loadConversation } from "#store/conversations/conversations.ts";
import { sql } from "#store/db/drizzle.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { peopleCases } from "./people-cases.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LEA = "lea@ourshop.test";
const SAM = "sam@ourshop.test";

onDesk("a case", (bench) => {
  const { press, handedOver } = peopleCases(bench);
  const kind = async (id: string) => (await bench.at(caseStates, [id], bench.now())).get(id)?.kind;
  const listed = async (view: OpenView, me = LEA) =>
    (await bench.listed(view, { me })).map((row) =>
      row.kind === "card" ? row.approval.conversationId : row.id,
    );
  /** A mail that people have in a ticket: where the customer wrote, and the ticket. */
  const inTicket = async () => {
    const id = await handedOver();
    await bench.tick();
    const ticket = (await bench.at(loadConversation, id))?.linkedId ?? assert.fail("no ticket");
    await bench.execute(sql`insert into conversation_key values ('zendesk:ticket', ${ticket})`);
    return { id, ticket };
  };
  /** The customer writes in that ticket, and its source says this with it. */
  const inZendesk = (text: string, signals: readonly Signal[] = []) =>
    bench.write(text, { channel: "zendesk", thread: "ticket", signals });
  const givenToSam = () => {
    const names = { actor: "Boss", assignee: "Sam" };
    const signals = [assigned("human", "z1", bench.now().toISOString(), names)];
    return bench.write("Hello?", { channel: "zendesk", signals });
  };
  const back = () => bench.alerts(/^Snoozed until now/);
  const done = async () => (await bench.at(doneRows, null)).rows.map(({ id }) => id);
  const reminders = () => bench.alerts(/^No teammate has answered/).length;

  test("of a helpdesk wakes when its customer writes", async () => {
    const id = await handedOver({ channel: "zendesk" });
    await press("snooze", id, { until: "monday" });
    await bench.write("I smell gas, please hurry", { channel: "zendesk" });
    assert.notEqual(await kind(id), "snoozed");
    assert.deepEqual(await listed("open"), [id]);
  });

  test("with a ticket wakes on both sides, whichever its customer writes to", async () => {
    const { id, ticket } = await inTicket();
    for (const [pressed, write] of [
      [id, () => inZendesk("And on Sunday?")],
      [ticket, () => bench.write("Are you still there?")],
    ] as const) {
      await press("snooze", pressed, { until: "monday" });
      assert.deepEqual([await kind(id), await kind(ticket)], ["snoozed", "snoozed"]);
      assert.deepEqual([await listed("snoozed"), await listed("people")], [[id], []]);
      await write();
      assert.deepEqual([await kind(id), await kind(ticket)], ["untaken", "untaken"]);
      assert.deepEqual([await listed("snoozed"), await listed("people")], [[], [id]]);
    }
  });

  test("is neither closed nor put to sleep from a page that did not show its customer's last words", async () => {
    bench.disconnect("zendesk");
    const id = await handedOver();
    const newest = async () =>
      (await bench.at(messagesOfCase, [id], { before: null, most: 1 })).messages.at(-1)?.id ?? 0;
    const seen = await newest();
    await bench.write("I smell gas, please hurry");
    for (const stale of [{ seen }, { seen: 0 }])
      for (const [button, more] of [
        ["close", stale],
        ["snooze", { ...stale, until: "monday" }],
      ] as const) {
        const refused = await press(button, id, more);
        assert.equal(refused.accepted, false);
        assert.match(refused.message, /has written since: “.*I smell gas.*Nothing was changed/s);
      }
    assert.equal(await kind(id), "untaken");
    assert.equal((await press("snooze", id, { until: "over", seen: 0 })).accepted, true);
    const closed = await press("close", id, { seen: await newest() });
    assert.equal(closed.accepted, true, closed.message);
  });

  test("whose card waits stays in sight until that is decided", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?");
    for (const [button, more] of [
      ["close", {}],
      ["snooze", { until: "monday" }],
    ] as const) {
      const { accepted, message } = await press(button, id, more);
      assert.deepEqual(
        [accepted, message],
        [false, "A card of this case waits. Decide on it first."],
      );
    }
    assert.deepEqual([await listed("waiting"), await listed("snoozed")], [[id], []]);
    await bench.press("approve", id);
    assert.equal((await press("snooze", id, { until: "monday" })).accepted, true);
  });

  test("that is closed while what its customer wrote is worked on is open again with it", async () => {
    bench.disconnect("zendesk");
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?");
    await bench.press("approve", id);
    await bench.pass(6_000, 2);
    bench.answer(async () => {
      const closed = await press("close", id);
      assert.equal(closed.accepted, true, closed.message);
      return replying("", { ending: escalating("no page helped") });
    });
    await bench.write("It arrived broken.");
    assert.equal(await kind(id), "untaken");
    assert.deepEqual(await listed("open"), [id]);
    assert.equal((await done()).includes(id), false);
    await bench.pass(4 * DAY, 3);
    assert.equal(reminders(), 1);
  });

  const opened: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    "woken by hand": async (id) => {
      await press("snooze", id, { until: "monday" });
      await press("snooze", id, { until: "over" });
    },
    "woken by its customer": async (id) => {
      await press("snooze", id, { until: "monday" });
      await bench.write("Are you still there?");
    },
    "closed and opened again by hand": async (id) => {
      await press("close", id);
      await press("reopen", id);
    },
    "closed and opened again by its customer": async (id) => {
      await press("close", id);
      await bench.write("And is it open on Sunday?");
    },
  };
  for (const [how, open] of Object.entries(opened))
    test(`that no teammate took is reminded of once when it was ${how}, and can be taken`, async () => {
      bench.disconnect("zendesk");
      const id = await handedOver();
      await open(id);
      await bench.pass(HOUR, 2);
      assert.equal(reminders(), 0);
      await bench.pass(4 * DAY, 3);
      assert.equal(reminders(), 1);
      assert.equal((await press("take_over", id)).accepted, true);
      await bench.pass(4 * DAY, 3);
      assert.equal(reminders(), 1);
    });

  test("that sleeps is reminded of once after it is back, and not before or once a teammate has it", async () => {
    bench.disconnect("zendesk");
    const id = await handedOver();
    await press("snooze", id, { until: "monday" });
    await bench.pass(2 * DAY, 2);
    assert.deepEqual([back().length, reminders()], [0, 0]);
    await bench.pass(DAY, 3);
    assert.deepEqual([back().length, reminders()], [1, 0]);
    await bench.pass(DAY, 3);
    assert.deepEqual([back().length, reminders()], [1, 1]);
    await press("take_over", id);
    await press("snooze", id, { until: "day" });
    await bench.pass(4 * DAY, 3);
    assert.deepEqual([back().length, reminders()], [2, 1]);
  });

  test("that is back is told to the team too where its holder no longer has a role", async () => {
    bench.disconnect("zendesk");
    const id = await handedOver();
    await press("take_over", id);
    await press("snooze", id, { until: "day" });
    bench.rule({ teammates: [{ address: SAM, role: "support" }] });
    await bench.pass(DAY, 2);
    const told = back();
    assert.deepEqual(told[0]?.people, [LEA, ...bench.parts.policy.onDuty(bench.now())]);
    assert.ok((told[0]?.people.length ?? 0) > 1);
  });

  test("whose card waits is its new holder's, and they are told", async () => {
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?");
    await press("assign", id, { to: SAM });
    await bench.tick();
    assert.deepEqual([await listed("mine", SAM), await listed("mine")], [[id], []]);
    assert.deepEqual(await listed("unassigned"), []);
    const told = bench.alerts().filter(({ people }) => people.includes(SAM));
    assert.deepEqual(told.length, 1);
    assert.match(told[0]?.text ?? "", /^Assigned to Sam by Lea; its card waits for a decision: /);
    await bench.press("claim", id, LEA);
    assert.deepEqual([await listed("mine", SAM), await listed("mine")], [[id], [id]]);
  });

  test("that an older version took by name is in sight, and what was only assigned in a helpdesk is not", async () => {
    const id = await handedOver();
    await bench.execute(
      sql`update conversation set owner_holder = 'Lea', handed_over_at = null where id = ${id}`,
    );
    await givenToSam();
    assert.deepEqual([await listed("open"), await listed("mine")], [[id], [id]]);
    assert.deepEqual(await listed("unassigned"), []);
  });

  test("that a helpdesk gave to a name is that person's, and no other's", async () => {
    const id = await handedOver({ channel: "zendesk" });
    await givenToSam();
    assert.deepEqual([await listed("mine", SAM), await listed("mine")], [[id], []]);
  });

  const moment = () => bench.now().toISOString();
  const toSam = () => assigned("human", "z2", moment(), { actor: "Lea", assignee: "Sam" });
  const group = { actor: "Lea", assignee: "Tier 3" };
  const BY_PEOPLE: Readonly<Record<string, readonly [Signal, "held" | "untaken"]>> = {
    "a colleague": [toSam(), "held"],
    "a group": [{ ...assigned("human", "z3", moment(), group), holder: null }, "untaken"],
    "a rule": [
      {
        ...assigned("human", "z4", moment(), { actor: "a rule", assignee: "Sam" }),
        automatic: true,
      },
      "untaken",
    ],
    "a side conversation": [
      {
        ...assigned("human", "z5", moment(), { actor: "Sam", assignee: "the team" }),
        holder: "Sam",
      },
      "held",
    ],
    "a bounce": [
      { kind: "bounced", key: "z6", at: moment(), ref: "r", reason: "gone", permanent: true },
      "untaken",
    ],
  };
  for (const channel of ["zendesk", "email"] as const)
    for (const [by, [signal, expected]] of Object.entries(BY_PEOPLE))
      test(`of ${channel} that Deskhand had is in sight once ${by} brought it to people`, async () => {
        bench.rule({ replyAutonomy: () => "draft" as const });
        const id = await bench.write("Where is it?", { channel });
        bench.skip(HOUR);
        const signals = [{ ...signal, at: moment() }];
        bench.skip(HOUR);
        await bench.write("Hello?", { channel, signals });
        assert.equal(await kind(id), expected);
        assert.deepEqual([await listed("open"), await listed("people")], [[id], [id]]);
        assert.deepEqual(await listed(expected === "held" ? "mine" : "unassigned", SAM), [id]);
      });

  test("that a colleague answered where its customer wrote is theirs, until it is a group's again", async () => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    const id = await bench.write("Where is it?");
    const author = { kind: "teammate", id: "email:sam", name: "Sam" } as const;
    await bench.write("In Rome.", { message: { author } });
    assert.deepEqual([await listed("mine", SAM), await kind(id)], [[id], "held"]);
    bench.skip(HOUR);
    const signals = [{ ...assigned("human", "z7", moment(), group), holder: null }];
    await bench.write("Hello?", { signals });
    assert.deepEqual([await listed("unassigned"), await kind(id)], [[id], "untaken"]);
  });

  test("that Deskhand never had is no case of its inbox, and its page says who has it", async () => {
    const signals = [toSam()];
    const id = await bench.write("Where is it?", { channel: "zendesk", signals });
    assert.deepEqual([await listed("open"), await kind(id)], [[], "held"]);
  });

  test("of which drafts are only shown is people's own, whoever gave it to the bot and answered", async () => {
    bench.rule({ replyAutonomy: () => "shadow" as const });
    const id = await bench.write("Where is it?");
    const toBot = assigned("bot", "z8", moment(), { actor: "Lea", assignee: "Deskhand" });
    await bench.write("Hello?", { signals: [toBot] });
    bench.skip(HOUR);
    const author = { kind: "teammate", id: "email:sam", name: "Sam" } as const;
    await bench.write("In Rome.", { message: { author } });
    const state = (await bench.at(caseStates, [id], bench.now())).get(id);
    assert.equal(state?.kind === "held" && state.holder.name, "Sam");
    assert.deepEqual(await listed("open"), []);
  });

  test("that is solved in its helpdesk is done, and open again there", async () => {
    const { id } = await inTicket();
    const own = await handedOver({ channel: "zendesk", thread: "other" });
    const at = (ms: number) => new Date(bench.now().getTime() + ms).toISOString();
    for (const thread of ["ticket", "other"])
      await bench.write("thanks", {
        channel: "zendesk",
        thread,
        signals: [{ kind: "solved", key: `s-${thread}`, at: at(0), actor: "Sam" }],
      });
    assert.deepEqual(await listed("open"), []);
    assert.deepEqual(new Set(await done()), new Set([id, own]));
    assert.equal(await kind(id), "closed");
    for (const thread of ["ticket", "other"])
      await bench.write("It broke again.", {
        channel: "zendesk",
        thread,
        signals: [{ kind: "reopened", key: `r-${thread}`, at: at(1), actor: "Ann" }],
      });
    assert.deepEqual(new Set(await listed("open")), new Set([id, own]));
    assert.deepEqual(await done(), []);
  });

  test("that Deskhand answered by itself is done, once, whatever became of it", async () => {
    const text = "It is on its way.";
    bench.rule({ replyAutonomy: () => "auto" as const });
    bench.answer(() => replying(text));
    const chat = { channel: "chat", thread: "c" } as const;
    const id = await bench.write("Where is it?", chat);
    await bench.write("Where is it now?", chat);
    bench.skip(HOUR);
    const mail = await bench.write("Where is it?");
    const alone = async () => {
      const { rows } = await bench.at(doneRows, null);
      return rows.flatMap((row) => (row.byItself ? [row.id] : []));
    };
    assert.deepEqual(
      [await done(), await alone()],
      [
        [mail, id],
        [mail, id],
      ],
    );
    await press("close", id);
    assert.deepEqual(
      [await done(), await alone()],
      [
        [mail, id],
        [mail, id],
      ],
    );
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.skip(HOUR);
    await bench.write("And the other one?", { thread: "t2" });
    assert.deepEqual(await done(), [mail, id]);
    await bench.write("Hello?", { signals: [{ ...toSam(), at: moment() }] });
    assert.deepEqual([await done(), await alone()], [[id], [id]]);
  });

  test("that Deskhand answered is in sight while it sleeps and once it is closed", async () => {
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?");
    await bench.press("approve", id);
    await bench.pass(6_000, 2);
    await press("snooze", id, { until: "day" });
    assert.deepEqual(await listed("snoozed"), [id]);
    await press("close", id);
    assert.deepEqual(await listed("snoozed"), []);
  });
});
