/** Erasure reaches exactly the person that was named, what teammates said and did, and rows that others hold or list. */
import { teammate } from "#test/jobs/customers.ts";
import { arrival } from "#test/support/waiting.ts";
import assert from "node:assert/strict";
import { zstdCompressSync } from "node:zlib";
import { after, before, test } from "node:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "#store/db/drizzle.ts";
import { findPersonTraces, isWithoutTraces } from "#jobs/privacy/erase-person.ts";
import { knownNames } from "#store/people/find-person.ts";
import { nameText, personNames } from "#store/people/person-names.ts";
import { eraseTeammate, teammateTraces } from "#store/privacy/erase-teammate.ts";
import { DATABASES } from "#test/support/deskhand.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { by, PROVEN, erasing } from "#test/jobs/privacy/erasing.ts";

onDesk(
  "an erasure by exact names",
  (bench) => {
    const { erase, leftOf, parts, rows } = erasing(bench, () => memoryBlobs());
    const execute = (query: ReturnType<typeof sql>) => bench.execute(query);

    test("an address a code was asked for with goes, no matter who asked, and what has not begun is taken back", async () => {
      bench.answer(() => replying("giraffe", { accountData: false }));
      const conversation = await bench.write("giraffe", { thread: "visitor", message: by("bob") });
      const code = (state: string, address: string) =>
        execute(sql`
        insert into effect (key, conversation_id, bundle, position, target, operation, action, facts, request_digest, state, approved_by, not_before, created_at)
        values (${`code:${state}:${address}`}, ${conversation}, 'codes', 0, 'identity', 'send_code', ${JSON.stringify(
          {
            target: "identity",
            operation: "send_code",
            arguments: {
              challengeId: `k-${state}`,
              conversationId: conversation,
              address,
              answers: ["m"],
            },
          },
        )}::jsonb, '[]'::jsonb, '', ${state}, 'policy', ${bench.parts.clock.now()}, ${bench.parts.clock.now()})`);
      for (const state of ["done", "intended", "executing"]) await code(state, "Ann@Customer.test");
      await code("done", "joann@customer.test");
      await execute(sql`
        insert into challenge (id, conversation_id, author_id, address_hash, email_on_file, code_hash, state, created_at, expires_at)
        values ('k-done', ${conversation}, 'chat:visitor:v', 'h', 'ann@customer.test', 'c', 'open', ${bench.parts.clock.now()}, ${bench.parts.clock.now()})`);

      const found = await findPersonTraces(parts(), personNames("ann@customer.test"));
      assert.equal(found.codes, 4);
      assert.equal(isWithoutTraces(found), false);
      // One is on its way; once that is over, the same command takes it as well.
      assert.deepEqual((await erase()).busy, [conversation]);
      await execute(sql`update effect set state = 'done' where state = 'executing'`);
      assert.deepEqual((await erase()).busy, []);
      assert.deepEqual(await leftOf(/^(effect|challenge) .*[" ]ann@customer/i), []);
      assert.equal((await leftOf(/^effect .*joann@customer/)).length, 1);
      assert.equal((await leftOf(/^effect .*"withdrawn"/)).length, 1);
      assert.equal((await leftOf(/^challenge .*"dead"/)).length, 1);
    });

    test("a person whose name begins or ends with theirs is not taken for them", async () => {
      bench.answer(() => replying("giraffe", { accountData: false }));
      const talk = (user: string) => ({
        channel: "chat" as const,
        thread: `${user}:random-name`,
        key: `chat:${user}:random-name:m1`,
        message: {
          ...by("ann"),
          author: { kind: "requester" as const, id: `chat:${user}`, name: user },
          identity: { ...PROVEN(""), handle: { kind: "customer" as const, customerId: user } },
        },
      });
      const others = ["u_1:x", "u_1:random-name", "uv1", "u_1%", "u_10"];
      for (const user of [...others, "u_1"]) await bench.write(`giraffe of ${user}`, talk(user));
      const ofOthers = (lines: readonly string[]) =>
        lines.filter((row) =>
          others.some(
            (user) =>
              row.includes(`${user}:random-name`) || row.includes(`"author_id": "chat:${user}"`),
          ),
        );
      const before = ofOthers(await rows());
      assert.ok(before.length > 20);

      assert.deepEqual((await erase("customer:u_1")).busy, []);
      assert.deepEqual(ofOthers(await rows()), before);
      const left = await leftOf(/chat:u_1:random-name/);
      assert.deepEqual(
        left.filter((row) => !before.includes(row)),
        [],
      );
    });
  },
  DATABASES,
);

onDesk(
  "erased opinions",
  (bench) => {
    const folder = { path: "" };
    before(async () => {
      folder.path = await mkdtemp(join(tmpdir(), "deskhand-erase-"));
    });
    after(() => rm(folder.path, { recursive: true, force: true }));
    const { erase, leftOf } = erasing(bench, () => diskBlobs(folder.path));

    const shadowed = async (more: Parameters<typeof bench.write>[1]): Promise<Card> => {
      bench.rule({ replyAutonomy: () => "shadow" });
      bench.answer(() => replying("giraffe"));
      await bench.write("giraffe", more);
      await showCards(bench.parts);
      const card = [...bench.cards.values()].at(-1);
      assert.ok(card?.state === "shadow");
      return card;
    };
    const opinionOf = async ({ approvalId, version }: Card, who: string): Promise<void> => {
      const { accepted } = await bench.decide(approvalId, "thumbs_down", {
        version,
        teammate: teammate(`${who}@ourshop.test`, { id: `U00000${who.toUpperCase()}` }),
        ownAnswer: `zebra, says ${who}`,
      });
      assert.equal(accepted, true);
    };

    test("a teammate's opinions go with their own answers, from rows and desk, and the others' stay", async () => {
      const card = await shadowed({ message: by("bob") });
      await opinionOf(card, "sam");
      await opinionOf(card, "lea");
      await showCards(bench.parts);
      const sam = personNames("sam@ourshop.test");
      assert.equal((await bench.at(teammateTraces, sam)).written, 1);
      const known = (await bench.at(knownNames)).map(nameText);
      for (const name of ["email:sam@ourshop.test", "slack:U00000SAM"])
        assert.ok(known.includes(name), name);
      await erase("sam@ourshop.test");
      assert.equal((await bench.at(teammateTraces, sam)).written, 0);
      assert.deepEqual(await leftOf(/^approval .*(\bsam\b|U00000SAM)/i), []);
      await showCards(bench.parts);
      const after = [...bench.cards.values()].at(-1);
      assert.deepEqual(after?.opinions, [
        { name: "lea", wouldSend: false, ownAnswer: "zebra, says lea" },
      ]);
      assert.equal(after?.state, "shadow", "the card is there for the others' opinions");
    });

    test("of votes on what has ended theirs alone go, on the desk too, and one on a proposal of the policy stays", async () => {
      bench.answer(() =>
        replying("giraffe", { actions: [refundOf(30_000, { needs: { count: 2, leads: 1 } })] }),
      );
      const card = await bench.write("giraffe", { message: by("bob") });
      await bench.press("approve", card, "lea@ourshop.test");
      await bench.press("reject", card);
      await showCards(bench.parts);
      const past = new Date(0).toISOString();
      const vote = { voter: "sam@ourshop.test", name: "sam", role: "lead", at: past };
      for (const state of ["active", "proposed"])
        await bench.execute(sql`
          insert into policy_change (id, source, version, text, state, relaxations, differences, needs, votes, proposed_at, expires_at)
          values (${state}, 'file', 'v', '', ${state}, '[]', '[]', '{}', ${JSON.stringify([vote])}::jsonb, ${past}, ${past})`);
      await bench.at(eraseTeammate, personNames("sam@ourshop.test"));
      await showCards(bench.parts);
      assert.doesNotMatch([...bench.cards.values()].at(-1)?.closing ?? "sam", /sam/i);
      const [votes = ""] = await leftOf(new RegExp(`^approval .*${card}`));
      assert.match(votes, /"voter": "lea@ourshop\.test"/);
      assert.doesNotMatch(votes, /\bsam\b/i);
      const named = await leftOf(/^policy_change .*\bsam\b/i);
      assert.equal(named.length, 1);
      assert.match(named[0] ?? "", /"state": "proposed"/);
      await bench.execute(sql`delete from policy_change where id in ('active', 'proposed')`);
    });

    test("a teammate who has a case is erased there, and why people have it stays", async () => {
      const conversation = await bench.write("Hello", { message: by("bob") });
      await bench.execute(sql`
        update conversation set owner = 'human', owner_voter = 'U00000KIM', owner_holder = 'Kim', owner_reason = 'Kim took it over'
        where id = ${conversation}`);
      const kim = personNames("U00000KIM");
      assert.ok((await bench.at(knownNames)).map(nameText).includes("slack:U00000KIM"));
      assert.equal((await bench.at(teammateTraces, kim)).written, 1);
      await bench.at(eraseTeammate, kim);
      assert.deepEqual(await leftOf(/^conversation .*\bkim\b/i), []);
      const left = await leftOf(/^conversation .*erased took it over/);
      assert.equal(left.length, 1);
      assert.doesNotMatch(left[0] ?? "", /"owner_(?:holder|voter)":\s*"/);
    });

    test("what teammates would have written to a customer goes with the customer", async () => {
      const card = await shadowed({ message: by("ann") });
      await opinionOf(card, "lea");
      await showCards(bench.parts);
      await erase("ann@customer.test");
      assert.deepEqual(await leftOf(/zebra/), []);
      await showCards(bench.parts);
      const shown = [...bench.cards.values()].map((one) => JSON.stringify(one));
      assert.deepEqual(
        shown.filter((one) => /zebra/.test(one)),
        [],
      );
    });
  },
  DATABASES,
);

onDesk("an erasure of a teammate", (bench) => {
  const { erase, leftOf, tablesWith } = erasing(bench, () => memoryBlobs());

  test("what a model was told of them goes with their name, and what webhooks are to be told", async () => {
    bench.answer(() => replying("giraffe"));
    const id = await bench.write("giraffe", { message: by("bob") });
    await bench.press("reject", id, "sam");
    const named = 'he asked: \n\tSam Okafor, or "Sam Okafor"';
    await bench.write("hello", {
      thread: "t9",
      message: {
        author: { kind: "teammate", id: "email:sam@ourshop.test", name: "Sam Okafor" },
        identity: { level: 0, method: "none", reason: "a teammate", handle: { kind: "none" } },
      },
    });
    await bench.execute(
      sql`update turn set trace = jsonb_set(trace, '{outcome_reason}', ${JSON.stringify(named)}::jsonb)`,
    );
    await bench.execute(sql`insert into webhook_delivery (id, webhook_id, event, conversation_id, body, next_at, created_at)
      values ('d', 'w', 'case.handed_over', ${id}, ${JSON.stringify({ text: { reason: named } })}, now(), now())`);
    for (const [turnId, text] of [
      ["named", named],
      ["other", "Samuel Okafor"],
      ["broken", null],
    ] as const) {
      const body = text === null ? Buffer.from("?") : zstdCompressSync(JSON.stringify({ text }));
      await bench.execute(
        sql`insert into turn_recording (turn_id, conversation_id, recorded_at, body) values (${turnId}, ${id}, now(), ${body})`,
      );
    }
    await erase("sam@ourshop.test");
    assert.deepEqual(await tablesWith(/Sam Okafor/), []);
    assert.equal((await leftOf(/^turn .*erased, or \\"erased/)).length, 1);
    assert.equal((await leftOf(/^webhook_delivery .*erased/)).length, 1);
    const recordings = await leftOf(/^turn_recording .*"(named|broken|other)"/);
    assert.equal(recordings.length, 1);
    assert.match(recordings[0] ?? "", /"other"/);
  });

  test("of many recordings, those go that were made until then and name them", async () => {
    bench.answer(() => replying("giraffe"));
    const id = await bench.write("giraffe", { message: by("bob") });
    await bench.execute(sql`insert into case_note (id, conversation_id, author, name, text, at)
      values ('n', ${id}, 'sam@ourshop.test', 'Sam Okafor', '', '2026-01-01')`);
    const body = (text: string) => zstdCompressSync(JSON.stringify({ text }));
    await bench.execute(sql`insert into turn_recording (turn_id, conversation_id, recorded_at, body)
      select 'r' || lpad(n::text, 3, '0'), 'c', '2026-01-01', case when n % 150 = 0 then ${body("of Sam Okafor")}::bytea else ${body("of none")}::bytea end
        from generate_series(1, 301) n`);
    await bench.execute(sql`insert into turn_recording (turn_id, conversation_id, recorded_at, body)
      values ('later', 'c', '2026-03-01', ${body("of Sam Okafor")})`);
    const sam = personNames("sam@ourshop.test");
    await bench.at(eraseTeammate, sam, new Date("2026-02-01"));
    assert.equal((await leftOf(/^turn_recording .*"later"/)).length, 1);
    assert.equal((await leftOf(/^turn_recording /)).length, 300);
    assert.deepEqual(await leftOf(/^turn_recording .*"r(?:150|300)"/), []);
  });
});

onDesk("an erasure of somebody whose mail was set aside", (bench) => {
  const { parts } = erasing(bench, () => memoryBlobs());
  test("names the alert that lists it, wherever its first mail came", async () => {
    bench.answer(() => replying("hello"));
    const bob = await bench.write("giraffe", { thread: "t1", message: by("bob") });
    const ann = await bench.write("zebra", { thread: "t2", message: by("ann") });
    const now = bench.now();
    await bench.execute(sql`
      insert into effect (key, conversation_id, bundle, position, target, operation, action, facts, request_digest, state, ref, approved_by, not_before, created_at)
      values ('alert:junk', ${bob}, 'b', 0, 'desk', 'alert', '{"target":"desk","operation":"alert","arguments":{"text":"x","people":[]}}', '[]', '', 'done', 'C1:171', 'policy', ${now}, ${now})`);
    for (const id of [bob, ann])
      await bench.execute(
        sql`insert into junk (conversation_id, kind, why, list_key, at) values (${id}, 'sales', 'w', 'alert:junk', ${now})`,
      );
    const { alerts } = await findPersonTraces(parts(), personNames("ann@customer.test"));
    assert.ok(alerts.includes("C1:171"), alerts.join());
  });
});

onDesk("an erasure beside a process that shows a card", (bench) => {
  const { erase, leftOf, parts } = erasing(bench, () => memoryBlobs());
  test("leaves no word of the card behind without saying so", async (context) => {
    if (bench.databaseUrl === null) return context.skip("one session alone");
    bench.answer(() => replying("zebra"));
    const id = await bench.write("zebra", { message: by("ann") });
    await bench.press("reject", id);
    const held = Promise.withResolvers<null>();
    const locked = Promise.withResolvers<null>();
    const other = bench.parts.store.run(async (transaction) => {
      await transaction.execute(
        sql`select id from approval where conversation_id = ${id} for update`,
      );
      locked.resolve(null);
      await held.promise;
    });
    await arrival("the lock", locked.promise);
    const erased = erase();
    setTimeout(() => held.resolve(null), 1_500);
    const { busy } = await erased;
    await other;
    const left = await leftOf(/^approval .*zebra/);
    const again = await findPersonTraces(parts(), personNames("ann@customer.test"));
    assert.deepEqual(
      { left: left.length, busy: busy.length, isSaidToBeGone: isWithoutTraces(again) },
      { left: 0, busy: 0, isSaidToBeGone: true },
    );
  });
});
