/** What a teammate's case asks of them later, and when it is no teammate's: its customer writes, or it ends elsewhere. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { inboxCounts } from "#store/console/inbox.ts";
import { addSignals } from "#store/conversations/messages.ts";
import { eq, sql } from "#store/db/drizzle.ts";
import { conversation } from "#store/db/schema.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { peopleCases } from "./people-cases.ts";
import { escalating, replying } from "#test/jobs/turn-results.ts";
import { backWith } from "#jobs/approval/save-card.ts";
import { knownTeam } from "#core/contracts/policy.ts";
import { groupsIn, roleIn, teammatesIn } from "#policy/roles.ts";

const SAM = "sam@ourshop.test";

onDesk("a teammate's case", (bench) => {
  beforeEach(() => bench.disconnect("zendesk"));

  const { press, state, handedOver } = peopleCases(bench);

  test("its holder is told once that the customer wrote, until an answer, and its row counts from there", async () => {
    const id = await handedOver();
    await press("take_over", id);
    const told = () => bench.alerts(/^The customer wrote again/).map(({ people }) => people);
    const since = async () => (await bench.listed("open", { me: SAM })).map((row) => row.since);
    await bench.write("It is urgent!");
    await bench.write("Hello?");
    await bench.pass(6_000, 2);
    assert.deepEqual(told(), [["lea@ourshop.test"]]);
    await press("reply", id, { edit: { text: "We have one near the station.", amount: null } });
    await bench.pass(6_000, 2);
    await press("close", id);
    bench.skip(24 * 3_600_000);
    const written = bench.now();
    await bench.write("And is it open on Sunday?");
    bench.skip(3_600_000);
    await bench.write("Or on Monday?");
    await bench.pass(6_000, 2);
    assert.deepEqual(told(), [["lea@ourshop.test"], ["lea@ourshop.test"]]);
    assert.deepEqual(await since(), [written]);
  });

  test("what a person has whose role is gone counts as unassigned, and the people on duty hear of it", async () => {
    const id = await handedOver();
    await press("assign", id, { to: SAM });
    const unassigned = async (team: readonly string[]) =>
      (await bench.at(inboxCounts, "lea@ourshop.test", bench.now(), { team })).unassigned;
    assert.equal(await unassigned(["lea@ourshop.test", SAM]), 0);
    assert.equal(await unassigned(["lea@ourshop.test"]), 1);
    bench.rule({ teammates: [{ address: "lea@ourshop.test", role: "support" }] });
    await bench.write("It is urgent!");
    await bench.pass(6_000, 2);
    const told = bench.alerts(/^The customer wrote again/)[0];
    assert.equal(told?.people.length, 3);
  });

  test("is awake and open once a process of the version before has stored what its customer wrote", async () => {
    const id = await handedOver();
    await press("take_over", id);
    const stored = async (outcome: string | null) => {
      const key = bench.parts.ids.next("old");
      await bench.execute(sql`insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at, outcome)
        values (${key}, ${id}, 'requester', 'ann', 'public', '', now(), now(), ${outcome})`);
      return (await state(id)).kind;
    };
    await press("snooze", id, { until: "monday" });
    assert.equal(await stored("ignored"), "snoozed");
    assert.equal(await stored(null), "held");
    await press("close", id);
    assert.equal(await stored("ignored"), "closed");
    assert.equal(await stored(null), "held");
  });

  test("of a colleague stays theirs in its ticket when another teammate answers the customer", async () => {
    bench.connect(bench.channel("zendesk"));
    bench.answer(() => replying("It is on its way."));
    const id = await bench.write("Where is it?", { channel: "zendesk", thread: "7" });
    await press("assign", id, { to: SAM });
    const cards = [await bench.pending(id)].flatMap((one) =>
      one === null ? [] : [`${one.id}@${one.version}`],
    );
    const sent = await press("reply", id, {
      edit: { text: "It left today.", amount: null },
      cards,
    });
    assert.equal(sent.accepted, true, sent.message);
    await bench.pass(6_000, 2);
    assert.deepEqual(bench.made("assign"), []);
  });

  test("is unassigned once it is open again in the helpdesk, and out of the list where it was merged", async () => {
    const id = await handedOver();
    const at = new Date(bench.now().getTime() + 1).toISOString();
    const solved = { kind: "solved", key: "zendesk:1", at, actor: "Dana" } as const;
    await bench.at(addSignals, id, [solved]);
    const keepOut = (words: string | null) =>
      bench.at((transaction) =>
        transaction.update(conversation).set({ keptOut: words }).where(eq(conversation.id, id)),
      );
    const open = async () => (await bench.at(inboxCounts, SAM, bench.now())).open;
    assert.equal(await open(), 1);
    await keepOut("merged into 7");
    assert.equal(await open(), 0);
    assert.equal((await state(id)).kind, "closed");
    assert.match((await press("take_over", id)).message, /solved/);
    await keepOut(null);
    assert.equal((await press("take_over", id)).message, "Taken over by Lea");
  });
});

onDesk("a case of a member of a group", (bench) => {
  test("is not listed as unassigned", async () => {
    const roles = { lead: ["lea@ourshop.test"], support: ["group:S0123ABC"] };
    bench.rule({
      roleOf: (who) => roleIn(roles, who),
      teammates: teammatesIn(roles),
      groups: groupsIn(roles),
    });
    bench.answer(() => replying("", { ending: escalating("no page says it") }));
    const id = await bench.write("A person, please.");
    await bench.pass(6_000, 2);
    const sam = {
      id: "U77",
      name: "Sam",
      email: "sam@ourshop.test",
      eligible: true,
      groups: ["S0123ABC"],
    };
    const answer = await bench.decide(id, "take_over", { teammate: sam });
    assert.ok(answer.accepted, answer.message);
    const team = knownTeam(bench.parts.policy);
    const counts = await bench.at(inboxCounts, "lea@ourshop.test", bench.now(), { team });
    assert.equal(counts.people, 1);
    assert.equal(counts.unassigned, 0);
    assert.deepEqual(backWith(bench.parts, "sam@ourshop.test", bench.now()), ["sam@ourshop.test"]);
  });
});

onDesk("Escalate where there is no helpdesk", (bench) => {
  const asked = async (): Promise<string> => {
    bench.disconnect("zendesk");
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => replying("We look into it."));
    return bench.write("Where is my order?");
  };
  const alerts = async (): Promise<string> => {
    await bench.pass(60_000, 5);
    return bench.alertText();
  };

  test("alerts the team once it can no more be taken back, and nobody once it is", async () => {
    const id = await asked();
    const { id: card } = await bench.card(id);
    await bench.press("escalate", id);
    assert.ok((await bench.decide(card, "undo")).accepted);
    assert.equal(await alerts(), "");
    assert.ok((await bench.press("escalate", id)).accepted);
    await bench.wake(id);
    assert.deepEqual(bench.alerts(), []);
    assert.match(await alerts(), /^Needs a person \(email\): Escalated[^\n]*$/);
  });

  test("alerts nobody of what the presser takes", async () => {
    const id = await asked();
    await bench.press("take_over", id);
    assert.equal(await alerts(), "");
  });
});
