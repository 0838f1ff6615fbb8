/** The console's pages over a real database: what they show, to whom, how large they are and how they are read. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { z } from "zod";
import { randomIds } from "#app/shared-clock.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { sql } from "#store/db/drizzle.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { addCase } from "./seed.ts";
import { plainFlag } from "#core/contracts/approval-desk.ts";

const NOW = Date.parse("2026-03-02T10:00:00Z");
const MINUTE_MS = 60_000;
const SAM = "sam@ourshop.test";
const LEA = "lea@ourshop.test";

const ago = (minutes: number): Date => new Date(NOW - minutes * MINUTE_MS);

describe("the console's pages", () => {
  const bench = suitePages({ sandbox: true });
  let sam = "";
  let lea = "";
  before(async () => {
    const { store } = bench;
    await addCase(store, { id: "0123456789ab", at: ago(200), amount: 64_000 });
    await addCase(store, {
      id: "1123456789ab",
      at: ago(90),
      amount: 0,
      topic: "order_status",
      card: {
        headline: "Reply · order 456, where is it · Bob",
        flags: [plainFlag("a <b>warning</b>")],
      },
    });
    await addCase(store, {
      id: "2123456789ab",
      at: ago(30),
      state: "approved",
      undoUntil: new Date(NOW + 5_000),
      card: { headline: "Refund 5.00 USD · cable · Cara", closing: "Will be sent at 10:00:05" },
    });
    await addCase(store, {
      id: "3123456789ab",
      at: ago(10),
      state: "approved",
      card: { headline: "Refund 7.00 USD · mug · Dora", closing: "Done, reply sent · Sam" },
    });
    await addCase(store, {
      id: "4123456789ab",
      at: ago(9),
      kind: "notice",
      state: "void",
      card: { headline: "Reply · shadowed · Emil" },
    });
    await addCase(store, {
      id: "5123456789ab",
      at: ago(400),
      owner: "human",
      subject: "Last warning",
      text: "<script>alert(1)</script> My card is 4242 4242 4242 4242, and Zanzibar is where I live.",
    });
    sam = await bench.session(SAM);
    lea = await bench.session(LEA);
  });

  async function page(path: string, cookie = sam): Promise<string> {
    const text = await bench.page(path, cookie);
    assert.ok(text.length < 100_000, `${path} has ${text.length} bytes`);
    assert.doesNotMatch(text, /<script(?!(?: type="module")? src="\/assets\/)/);
    return text;
  }

  test("a case shows its facts, its card with the buttons the card has, its thread and its trace with the cost", async () => {
    const text = await page("/case/c_0123456789ab");
    assert.match(
      text,
      /Order 789 · headphones · paid 120\.00 USD by card · shipped 20 Feb, due 5 Mar, not delivered · nothing refunded/,
    );
    const buttons = [...text.matchAll(/data-press="(\w+)"/g)].map(([, name]) => name);
    assert.deepEqual(buttons, [
      "approve",
      "edit",
      "reject",
      "escalate",
      "claim",
      "redo",
      "take_over",
      "why",
      "reply",
    ]);
    assert.match(text, /✅ Known customer/);
    assert.match(text, /my headphones broke after a week/);
    assert.match(text, /0\.0123 USD/);
    assert.match(text, /<rect\s+x="0"\s+y="1"\s+width="90\.91"/);
    assert.equal(
      (await fetch(`${bench.url}/console/case/c_nothing`, { headers: { cookie: sam } })).status,
      404,
    );
  });

  test("a customer's markup is text, and a card number is masked, wherever it is read", async () => {
    for (const path of ["/case/c_5123456789ab", "/people", "/search?q=zanzibar"]) {
      const text = await page(path);
      assert.match(text, /&lt;script&gt;alert\(1\)/, path);
      assert.doesNotMatch(text, /4242 4242/, path);
    }
  });

  test("what a colleague wrote is found under the customer's name", async () => {
    await bench.execute(
      sql`with answer as (insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at)
              values ('answer', 'c_0123456789ab', 'teammate', 'zendesk:7', 'public', 'answer', now(), now()) returning id)
            insert into message_content (message_id, content)
              select answer.id, content || '{"key":"answer","author":{"kind":"teammate","id":"zendesk:7","name":"Dana Cole"},"text":"We solder quokkas."}'
              from answer, message_content limit 1`,
    );
    assert.match(await page("/search?q=quokkas"), /Ann Fields: My headphones broke[^]*We solder/);
  });

  test("a note is stored once however often it is sent, masked, with an entry in the audit, and shown on the case", async () => {
    const address = `${bench.url}/console/case/c_0123456789ab/notes`;
    const note = { clickId: "12345678-note", text: "She called. Card 4242 4242 4242 4242 <b>" };
    for (const cookie of [sam, sam])
      assert.equal((await post(address, note, { cookie })).status, 200);
    const text = await page("/part/case/c_0123456789ab", lea);
    assert.equal(text.match(/She called/g)?.length, 1);
    // What the customer writes comes by itself too; a reply is bound to what the page was drawn with.
    assert.match(text, /<div id="thread">[^]*<li[^]*id="m\d+"/);
    assert.match(await page("/case/c_0123456789ab"), /id="reply"[^>]*data-seen="[1-9]\d*"/);
    assert.match(text, /&lt;b&gt;/);
    assert.doesNotMatch(text, /4242/);
    const entries = await bench.rows(
      z.object({ data: z.record(z.string(), z.string()) }),
      sql`select data from audit where kind = 'noted'`,
    );
    assert.equal(entries.length, 1);
    assert.equal(entries[0]?.data["by"], "a pseudonym");
    assert.doesNotMatch(JSON.stringify(entries), /called/);
    const proposed = async (at: string): Promise<string> => {
      await bench.execute(
        sql`update case_note set is_answer = true, name = 'an assistant', at = now() + ${at}::interval`,
      );
      return page("/case/c_0123456789ab");
    };
    const strip = /proposed-answer"[^]*proposed by an assistant, [^]*data-text="She called/;
    assert.match(await proposed("1 minute"), strip);
    assert.match(await page("/"), /Answer proposed/);
    // A teammate has answered since.
    const answered = await proposed("-1 day");
    assert.doesNotMatch(answered, strip);
    assert.match(answered, /<li id="n_[^]*She called/);
    assert.doesNotMatch(await page("/"), /Answer proposed/);
    // Changed after an answer that got lost, and sent again by the same click.
    const changed = { ...note, text: "Not reached again." };
    assert.equal((await post(address, changed, { cookie: sam })).status, 200);
    assert.match(await page("/part/case/c_0123456789ab", lea), /Not reached again/);
    const none = await post(`${bench.url}/console/case/c_x/notes`, note, { cookie: sam });
    assert.equal(none.status, 404);
    assert.equal((await post(address, { ...note, text: " " }, { cookie: sam })).status, 400);
    const long = { ...note, text: "x".repeat(4_001) };
    assert.equal((await post(address, long, { cookie: sam })).status, 400);
  });

  test("the policy in force is shown under the version it is stored by, also after an update", async () => {
    const { store } = bench;
    const parts = { store, clock: { now: () => new Date(NOW) }, ids: randomIds };
    await checkPolicyFile(parts, { kind: "file", name: "policy.yaml" }, sandboxText, "start");
    // A text that this Deskhand gives another version than the one it was stored by.
    await store.run((transaction) =>
      transaction.execute(
        sql`update policy_change set text = replace(text, 'up_to: 200.00', 'up_to: 150.00')`,
      ),
    );
    const { version } = loadPolicy(sandboxText, "policy.yaml");
    const text = await page("/policy");
    assert.ok(text.includes(`Version ${version.slice(0, 12)}`));
    assert.ok(text.includes(`Its version is ${version}.`));
  });

  test("a link to any page, followed from another site, goes by a page of ours and keeps the address", async () => {
    const headers = { "sec-fetch-site": "cross-site" };
    const answer = await fetch(`${bench.url}/console/case/c_1?before=7`, { headers });
    assert.match(await answer.text(), /href="\/console\/case\/c_1\?before=7&amp;from=link"/);
  });
});
