/** What the calendar drives: reminders and alerts that come once, to the right people. */
import { toldReason } from "#core/cases/ownership.ts";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";
import { flagTexts } from "#test/support/flag-texts.ts";

const HOUR = 3_600_000;

onDesk(
  "reminders",
  (bench) => {
    beforeEach(() => {
      bench.rule({
        remindAt: (from) => new Date(from.getTime() + 2 * HOUR),
        handoverRemindAt: (from) => new Date(from.getTime() + HOUR),
        expiresAt: (from) => new Date(from.getTime() + 8 * HOUR),
        onDuty: () => ["sam@ourshop.test", "U0DANA"],
        fallbackLead: "lea@ourshop.test",
      });
      bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    });

    const told = (pattern: RegExp) => bench.alerts().filter(({ text }) => pattern.test(text));

    test("an undecided card is told once to those on duty, when its time has come", async () => {
      await bench.write("Please refund order 789");
      await bench.tick();
      await bench.pass(2 * HOUR - 2_000);
      assert.deepEqual(bench.alerts(), []);
      await bench.pass(2_000);
      const [reminder, ...more] = told(/Still waiting/);
      assert.deepEqual(more, []);
      assert.deepEqual(reminder?.people, ["sam@ourshop.test", "U0DANA"]);
      assert.match(reminder?.text ?? "", /Refund 120\.00 USD.*expires at 20 Nov 18:00/);
      await bench.passes(4, HOUR);
      assert.equal(told(/Still waiting/).length, 1);
    });

    test("a reminder whose row was taken is there although the process ended before it was told", async () => {
      await bench.write("Please refund order 789");
      bench.skip(2 * HOUR);
      bench.faults.commit = ({ action }) => {
        if (action.operation === "alert") throw new Error("the process is gone");
      };
      await bench.tick();
      assert.deepEqual(bench.alerts(), []);
      bench.faults.commit = () => undefined;
      await bench.pass(60_000, 2);
      assert.equal(told(/Still waiting/).length, 1);
    });

    test("a decided card causes no reminder", async () => {
      const id = await bench.write("Please refund order 789");
      await bench.tick();
      await bench.press("approve", id);
      await bench.pass(5 * HOUR);
      assert.deepEqual(told(/Still waiting/), []);
    });

    test("a card with something new to decide gets its time and its one reminder anew", async () => {
      await bench.write("Please refund order 789");
      await bench.pass(2 * HOUR);
      await bench.write("It is urgent!");
      await bench.tick();
      assert.equal(told(/Still waiting/).length, 1);
      await bench.pass(2 * HOUR, 2);
      assert.equal(told(/Still waiting/).length, 2);
    });

    test("an expired card is told to the fallback lead once, and people have the conversation", async () => {
      const id = await bench.write("Please refund order 789");
      await bench.pass(8 * HOUR, 2);
      const [expired, ...more] = told(/Expired/);
      assert.deepEqual(more, []);
      assert.deepEqual(expired?.people, ["lea@ourshop.test"]);
      assert.match(expired?.text ?? "", /Refund 120\.00 USD/);
      assert.deepEqual(told(/Still waiting/), [], "what has expired is not reminded of as well");
      assert.equal(await bench.pending(id), null);
    });

    test("a card that needs more people than are there says so and is told to the fallback lead at once", async () => {
      bench.rule({
        shortOfPeople: (needs) =>
          needs.count > 1 ? "This needs two people, and only one is on duty." : null,
      });
      bench.answer(() =>
        replying("We refund 640.00 USD.", {
          actions: [refundOf(64_000, { needs: { count: 2, leads: 1 } })],
        }),
      );
      const id = await bench.write("Please refund order 789");
      await bench.tick();
      const [short, ...more] = told(/needs two people/);
      assert.deepEqual(more, []);
      assert.deepEqual(short?.people, ["lea@ourshop.test"]);
      const [card] = bench.cards.values();
      assert.ok(flagTexts(card).includes("This needs two people, and only one is on duty."));
      await bench.write("Still waiting here");
      await bench.tick();
      assert.equal(told(/needs two people/).length, 1, "a new version of a card is the same card");
      assert.equal((await bench.pending(id))?.version, 2);
    });

    test("a card stops saying that too few are on duty as soon as they are enough", async () => {
      const sentence = "This needs one person, and no teammate is on duty.";
      bench.rule({ shortOfPeople: () => sentence });
      const id = await bench.write("Please refund order 789");
      await bench.tick();
      const shown = () => [...bench.cards.values()].flatMap(flagTexts);
      assert.ok(shown().includes(sentence));
      bench.rule({ shortOfPeople: () => null });
      await bench.pass(60_000);
      assert.equal(shown().includes(sentence), false);
      assert.equal((await bench.pending(id))?.version, 1, "nothing to decide changed");
    });
  },
  DATABASES,
);

onDesk(
  "hand-overs",
  (bench) => {
    let id: string;
    beforeEach(async () => {
      bench.rule({
        handoverRemindAt: (from) => new Date(from.getTime() + HOUR),
        onDuty: () => ["sam@ourshop.test"],
      });
      bench.answer(() =>
        replying("", { ending: escalating("it is unclear which order (“the one for my boss”)") }),
      );
      id = await bench.write("Something is wrong");
    });

    const reminders = () => bench.alerts(/No teammate has answered/);
    const anHourLater = async (): Promise<void> => {
      await bench.pass(HOUR - 1_000);
      assert.deepEqual(reminders(), []);
      await bench.pass(1_000, 2);
      await bench.pass(5 * HOUR);
    };
    const signal = (kind_: string, more: object, at = bench.now()) =>
      bench.execute(
        sql`insert into signal (key, conversation_id, payload, at) values (${`${kind_}${at.getTime()}`}, ${id}, ${JSON.stringify({ kind: kind_, ...more })}::jsonb, ${at.toISOString()})`,
      );

    test("one without an answer is told once to those on duty", async () => {
      await anHourLater();
      assert.deepEqual(
        reminders().map(({ people }) => people),
        [["sam@ourshop.test"]],
      );
      assert.match(
        reminders()[0]?.text ?? "",
        /: handed to people: it is unclear which order\. http/,
      );
    });

    test("one that a teammate answered causes no reminder", async () => {
      bench.skip(2_000);
      await bench.write("We are on it.", {
        message: {
          author: { kind: "teammate", id: "t:dana", name: "Dana" },
          sentAt: bench.now().toISOString(),
          answerTo: null,
        },
      });
      await anHourLater();
      assert.deepEqual(reminders(), []);
    });

    test("one that a teammate took, merged or solved causes no reminder", async () => {
      bench.skip(2_000);
      await signal("assigned", { automatic: false, to: "human", assignee: "Dana" });
      await anHourLater();
      assert.deepEqual(reminders(), []);
    });

    test("one that only a rule moved to a list, or a teammate took before, is still waiting", async () => {
      await signal(
        "assigned",
        { automatic: false, to: "human" },
        new Date(bench.now().getTime() - HOUR),
      );
      bench.skip(2_000);
      await signal("assigned", { automatic: true, to: "human" });
      await bench.pass(HOUR);
      assert.equal(reminders().length, 1);
    });

    for (const [visibility, reminded] of [
      ["internal", 1],
      ["public", 0],
    ] as const)
      test(`${visibility} words of a teammate where people work ${reminded === 1 ? "are no answer" : "are one"}`, async () => {
        await bench.execute(
          sql`insert into conversation (id, channel, created_at, updated_at, linked_id) values ('work', 'zendesk', now(), now(), ${id})`,
        );
        await bench.execute(sql`update conversation set linked_id = 'work' where id = ${id}`);
        const at = new Date(bench.now().getTime() + 60_000).toISOString();
        await bench.execute(
          sql`insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at)
              values ('words', 'work', 'teammate', 'dana', ${visibility}, '', ${at}, ${at})`,
        );
        await anHourLater();
        assert.equal(reminders().length, reminded);
      });

    test("one that was handed back to the bot is over, no matter who gets the conversation next", async () => {
      const give = (owner: "bot" | "human") =>
        bench.at(updateConversation, id, { owner, ownerReason: toldReason("Lee") }, bench.now());
      await give("bot");
      await give("human");
      await anHourLater();
      assert.deepEqual(reminders(), []);
    });

    test("people who took a conversation by themselves are not reminded of it", async () => {
      bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
      // More than a day later and about an order: a matter of its own, not the one that people have already.
      bench.skip(25 * HOUR);
      await bench.write("Please refund order 789", { thread: "t2" });
      await bench.write("I do this one.", {
        thread: "t2",
        message: { author: { kind: "teammate", id: "t:dana", name: "Dana" }, answerTo: null },
      });
      await bench.pass(2 * HOUR);
      assert.equal(reminders().length, 1, "only the hand-over of the first conversation");
    });
  },
  DATABASES,
);
