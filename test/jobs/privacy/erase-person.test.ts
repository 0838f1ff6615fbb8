/** A person can be taken out of everything, no other person is touched, and nothing happens again because of it. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { erasePerson, isWithoutTraces, findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { verifyAudit } from "#store/audit/audit-log.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { personNames } from "#store/people/person-names.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { claimLease, releaseLease } from "#store/conversations/lease.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { everyFile } from "#test/support/read-all.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { alreadyBusy, by, inSlack, PROVEN, erasing } from "#test/jobs/privacy/erasing.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

/** Ann's address, name, chat and words, in whatever form. */
const ANNS = /ann@customer|\bAnn\b|\bFields\b|zebra|chat:u123:/i;

onDesk(
  "an erasure",
  (bench) => {
    const folder = { path: "" };
    before(async () => {
      folder.path = await mkdtemp(join(tmpdir(), "deskhand-erase-"));
    });
    after(() => rm(folder.path, { recursive: true, force: true }));
    const { erase, leftOf, parts, rows, tablesWith } = erasing(bench, () => diskBlobs(folder.path));
    const execute = (query: ReturnType<typeof sql>) => bench.execute(query);

    test("a person's address, name and text are in no row and no file afterwards, and another's data is as it was", async () => {
      const { ann } = await alreadyBusy(bench, parts());
      const before = await rows();
      assert.ok(before.filter((row) => ANNS.test(row)).length > 20);
      const head = await bench.parts.store.run(verifyAudit);
      const bobs = (lines: readonly string[]) =>
        lines.filter(
          (row) =>
            /giraffe|bob@other|Bob Stone/.test(row) &&
            !row.includes(ann.shared) &&
            !row.startsWith("message_content"),
        );

      const { busy } = await erase();
      assert.deepEqual(busy, []);
      assert.deepEqual(await leftOf(ANNS), []);
      assert.deepEqual(
        (await everyFile(folder.path)).filter((file) => ANNS.test(file)),
        [],
      );
      assert.equal((await everyFile(folder.path)).length, 1);
      assert.deepEqual(bobs(await rows()), bobs(before));
      assert.equal((await leftOf(/giraffe in the thread/)).length > 0, true);

      // The chain goes on from where it was.
      const whole = await bench.parts.store.run(verifyAudit);
      assert.equal(whole.brokenAt, null);
      assert.ok(whole.entries > head.entries);
      assert.equal((await leftOf(/^person_key/)).length, 0);
    });

    test("a customer known by address alone is in no rule, trace, change or booking, and what counts for all counts on", async () => {
      const subject = "email:ann@customer.test";
      const used = { since: bench.now().toISOString(), minor: 500, countMax: 9, minorMax: null };
      const reservations = [
        { limit: "each", subject, ...used },
        { limit: "all", subject: "all", ...used },
      ];
      bench.answer(() =>
        replying("hello", { actions: [refundOf(500, { decision: { reservations } })] }),
      );
      const id = await bench.write("zebra", { message: by("ann") });
      await bench.press("approve", id);
      await bench.pass(60_000);
      await execute(sql`update effect
        set action = jsonb_set(action, '{arguments,customerId}', ${JSON.stringify(subject)}::jsonb)`);
      const places = await tablesWith(/^(approval|turn|effect|reservation) .*email:ann@/);
      assert.deepEqual(new Set(places), new Set(["approval", "effect", "reservation", "turn"]));
      await erase();
      assert.deepEqual(await leftOf(ANNS), []);
      const { length } = await leftOf(/"customerId": "(?!\[erased\])/);
      assert.equal(length, 0, "nor is it a digest, which could be guessed");
      assert.equal((await leftOf(/^reservation .*"all"/)).length, 1);
    });

    test("cards on the desk are emptied, and nothing of what waited is done", async () => {
      bench.answer(() => replying("zebra for Ann Fields", { actions: [refundOf(12_000)] }));
      const waiting = await bench.write("zebra, refund 789", { message: by("ann") });
      const approved = await bench.write("zebra, please", { thread: "t2", message: by("ann") });
      bench.rule({ undoMs: 60_000 });
      await bench.press("approve", approved);
      assert.ok([...bench.cards.values()].some((card) => ANNS.test(JSON.stringify(card))));
      assert.equal((await bench.open(approved)).length > 0, true);

      await erase();
      await showCards(bench.parts);
      const shown = [...bench.cards.values()];
      assert.deepEqual(
        shown.filter((card) => ANNS.test(JSON.stringify(card))),
        [],
      );
      assert.ok(
        shown.every(({ state, closing }) => state === "closed" && closing.startsWith("Erased")),
      );
      await bench.pass(120_000);
      await bench.wake(waiting);
      await bench.wake(approved);
      assert.deepEqual(bench.replies(), []);
      assert.ok(!bench.left.some(({ action }) => action.operation === "refund"));
    });

    test("the same message delivered again is known: no new turn, no reply, and no word of it comes back", async () => {
      bench.answer(() => replying("zebra for Ann", { accountData: false }));
      const mail = { key: "mail:1", message: by("ann") };
      const chatted = {
        channel: "chat" as const,
        thread: "u123:token-of-hers",
        key: "chat:u123:token-of-hers:1",
        message: {
          ...by("ann"),
          author: { kind: "requester" as const, id: "chat:u123", name: "u123" },
          identity: { ...PROVEN(""), handle: { kind: "customer" as const, customerId: "u123" } },
        },
      };
      await bench.write("zebra by mail", mail);
      await bench.write("zebra in the chat", chatted);
      await erase();
      await erase("customer:u123");
      assert.deepEqual(await leftOf(ANNS), []);
      const turns = (await leftOf(/^turn /)).length;
      const left = bench.left.length;
      await bench.write("zebra by mail", mail);
      await bench.write("zebra in the chat", chatted);
      assert.equal((await leftOf(/^turn /)).length, turns);
      assert.equal(bench.left.length, left);
      assert.deepEqual(await leftOf(ANNS), []);
      assert.equal((await leftOf(/^hint /)).length, 2);
    });

    test("a source that shows the text again brings neither it nor an answer back", async () => {
      bench.answer(() => replying("hello"));
      const ann = inSlack("ann");
      await bench.write("zebra one", { channel: "slack", thread: "C1", key: "s1", message: ann });
      const id = await bench.write("giraffe", {
        channel: "slack",
        thread: "C1",
        key: "s2",
        message: inSlack("bob"),
      });
      await erase("U0000ANN");
      assert.deepEqual(await leftOf(ANNS), []);
      const asked: string[] = [];
      bench.answer((input) => {
        asked.push(
          ...input.unread.map(({ text }) => text),
          ...input.history.map(({ text }) => text),
        );
        return replying("hello again");
      });
      // An event of another name for the same message, as an export or an edit is.
      await bench.write("zebra one edited", {
        channel: "slack",
        thread: "C1",
        key: "s1",
        // A thread's subject is its source's, which shows what it has; that has to be erased there.
        message: { ...ann, subject: "" },
      });
      await bench.wake(id);
      assert.ok(!asked.some((text) => /zebra/.test(text)), asked.join());
      assert.deepEqual(
        (await leftOf(/zebra/)).filter((row) => !row.startsWith("hint ")),
        [],
      );
    });

    test("a second erasure finds nothing, and one of an unknown person changes nothing", async () => {
      bench.answer(() => replying("zebra"));
      await bench.write("zebra", { message: by("ann") });
      await erase();
      assert.equal(
        isWithoutTraces(await findPersonTraces(parts(), personNames("ann@customer.test"))),
        true,
      );
      const before = await rows();
      assert.equal(
        isWithoutTraces(await findPersonTraces(parts(), personNames("nobody@customer.test"))),
        true,
      );
      assert.deepEqual(await rows(), before);
    });

    test("while an effect is under way or a worker at work its conversation is left alone and named; asked again, it goes", async () => {
      bench.answer(() => replying("zebra for Ann"));
      const id = await bench.write("zebra", { message: by("ann") });
      await bench.press("approve", id);
      await execute(sql`update effect set state = 'executing' where conversation_id = ${id}`);
      assert.deepEqual(await erase(), { conversations: 0, busy: [id], unread: [] });
      assert.ok((await leftOf(ANNS)).length > 0);
      await execute(sql`update effect set state = 'done' where conversation_id = ${id}`);
      const asked = { conversationId: id, owner: "worker", leaseMs: 60_000 };
      const lease = await bench.at(claimLease, asked);
      assert.ok(lease);
      assert.deepEqual((await erase()).busy, [id]);
      await bench.at(releaseLease, lease);
      assert.deepEqual(await erase(), { conversations: 1, busy: [], unread: [] });
      assert.deepEqual(await leftOf(ANNS), []);
    });

    test("one that is cut off at any file is done by asking again", async () => {
      const { blobs } = parts();
      for (let index = 0; index < 3; index += 1) {
        const id = await bench.write(`zebra ${index}`, { key: `z${index}`, message: by("ann") });
        const ref = await blobs.put(new TextEncoder().encode(`From: ann@customer.test ${index}`));
        await execute(
          sql`update hint set body_ref = ${ref} where conversation_id = ${id} and id = (select max(id) from hint)`,
        );
      }
      const found = await findPersonTraces(parts(), personNames("ann@customer.test"));
      let removed = 0;
      const failing = {
        ...parts(),
        blobs: {
          ...blobs,
          remove: async (ref: string) => {
            if ((removed += 1) === 2) throw new Error("cut off");
            await blobs.remove(ref);
          },
        },
      };
      await assert.rejects(erasePerson(failing, found), /cut off/);
      assert.deepEqual((await erase()).busy, []);
      assert.deepEqual(await leftOf(ANNS), []);
      assert.deepEqual(
        (await everyFile(folder.path)).filter((file) => ANNS.test(file)),
        [],
      );
    });

    test("the delicate topic for which it went to people goes with the words, and the case is done", async () => {
      const ending = { kind: "escalate", reason: "why", summary: "", tried: [] } as const;
      bench.answer(() => replying("", { ending: { ...ending, delicate: "self_harm" } }));
      const id = await bench.write("zebra", { message: by("ann") });
      assert.notDeepEqual(await leftOf(/self_harm/), []);
      await erase();
      assert.deepEqual(await leftOf(/self_harm/), []);
      assert.notEqual((await bench.at(loadConversation, id))?.solvedAt ?? null, null);
    });

    test("a teammate's name goes from what they decided; a vote that counts stays until its card has ended", async () => {
      bench.answer(() =>
        replying("giraffe", { actions: [refundOf(30_000, { needs: { count: 2, leads: 1 } })] }),
      );
      const waiting = await bench.write("giraffe", { message: by("bob") });
      await bench.press("approve", waiting);
      bench.answer(() => replying("giraffe"));
      const ended = await bench.write("giraffe", { thread: "t2", message: by("ann") });
      await bench.press("reject", ended);
      const found = await findPersonTraces(parts(), personNames("sam@ourshop.test"));
      assert.deepEqual([found.teammate.ended, found.teammate.counting], [1, 1]);
      await erasePerson(parts(), found);
      const cards = await leftOf(/^approval .*\bsam\b/i);
      assert.equal(cards.length, 1);
      assert.match(cards[0] ?? "", new RegExp(waiting));
      const [vote] = (await bench.pending(waiting))?.votes ?? [];
      assert.equal(vote?.voter, "sam@ourshop.test");
    });
  },
  DATABASES,
);
