/** What is kept about one person, in the console: seen first, downloaded, erased by a lead who types the name again. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";
import { customerCalled, stranger } from "#test/jobs/customers.ts";
import { addCase } from "./seed.ts";

const AT = new Date("2026-03-02T09:00:00Z");
const ANN = "email:ann@customer.test";

describe("a person's data in the console", () => {
  const bench = suitePages({
    sandbox: true,
    // The shop has Cleo as u7, and answers once.
    bind: async ({ handle }) => {
      if (handle.kind !== "email" || handle.email !== "cleo@customer.test" || isShopAway)
        return stranger({ reason: "the shop knows no such customer" });
      isShopAway = true;
      return customerCalled("u7");
    },
  });
  let isShopAway = false;
  before(async () => {
    await addCase(bench.store, { id: "1", at: AT });
    await addCase(bench.store, { id: "2", at: AT, author: "bob@elsewhere.test" });
  });

  const page = (path: string, cookie = bench.lea): Promise<string> => bench.page(path, cookie);
  const erase = (again: string): Promise<Response> =>
    post(`${bench.url}/console/person/erase`, { q: ANN, again }, { cookie: bench.lea });

  test("what is kept is counted first, and is there as a file", async () => {
    assert.match(await page("/health"), /href="\/console\/person"/);
    const text = await page("/person?q=Ann@customer.test");
    assert.match(text, /Found as email:ann@customer\.test[^]*1 conversation,[^]*1 message,/);
    assert.match(await page("/person?q=nobody@customer.test"), /Nothing is kept about nobody/);
    const file = await fetch(`${bench.url}/console/person/file.json?q=${ANN}`, {
      headers: { cookie: bench.lea },
    });
    assert.match(file.headers.get("content-disposition") ?? "", /person\.json/);
    const written = await file.text();
    assert.match(written, /my headphones broke after a week/);
    assert.doesNotMatch(written, /c_2/);
    assert.match(await page("/audit?kind=person_exported"), /a pseudonym/);
  });

  test("what a person is called is not looked up, and not said to be gone", async () => {
    for (const typed of ["Ann Fields", "Ann", "Ann Fields <ann@customer.test>", "email:Ann"]) {
      const text = await page(`/person?q=${encodeURIComponent(typed)}`);
      assert.match(text, /called is not looked up\. Write the address/, typed);
      assert.doesNotMatch(text, /Nothing is kept|id="erase"/);
    }
  });

  test("the file has the oldest words of a long conversation too", async () => {
    const later = Array.from({ length: 200 }, (_, place) =>
      letterFrom(`later-${place}`, "any news?", new Date(AT.getTime() + 1_000 + place)),
    );
    await bench.store.run(addMessages, "c_1", later, AT);
    const file = await page(`/person/file.json?q=${ANN}`);
    assert.match(file, /my headphones broke after a week/);
    assert.equal(file.match(/any news/g)?.length, 200);
  });

  test("it is erased once the name is typed again, and the audit says by whom", async () => {
    assert.equal((await erase("email:bob@elsewhere.test")).status, 400);
    assert.match(
      await page("/person?q=ann@customer.test"),
      /Found as[^]*What Deskhand cannot remove/,
    );
    const done = await (await erase(ANN)).text();
    assert.match(done, /"said":"Erased\.\\nWhat Deskhand cannot remove, and you have to:/);
    const left = await page("/case/c_1");
    assert.match(left, /Erased\./);
    assert.doesNotMatch(left, /id="reply"/);
    assert.match(await page("/person?q=ann@customer.test"), /Nothing is kept/);
    assert.match(await page("/person?q=bob@elsewhere.test"), /1 conversation/);
    assert.match(await page("/audit?kind=person_erased_by"), /a pseudonym/);
  });

  test("an address leads to the shop's id, whose signed chats are shown, downloaded and erased as they were shown", async () => {
    await bench.execute(
      sql`insert into conversation (id, channel, created_at, updated_at) values ('c_7', 'chat', ${AT}, ${AT})`,
    );
    const author = { kind: "requester", id: "chat:u7", name: "Cleo" } as const;
    const identity = {
      level: 2,
      method: "chat-token",
      reason: "signed by the shop",
      handle: { kind: "customer", customerId: "u7" },
    } as const;
    await bench.store.run(
      addMessages,
      "c_7",
      [letterFrom("7", "it leaks", AT, { author, identity })],
      AT,
    );
    const text = await page("/person?q=cleo@customer.test");
    assert.match(text, /1 conversation as customer:u7\.\n[^]*erase --list &gt; COPY/);
    const [, file = ""] = /href="[^"]*(\/person\/file\.json[^"]*)"/.exec(text) ?? [];
    assert.match(await page(file.replaceAll("&amp;", "&")), /it leaks/);
    const q = "email:cleo@customer.test";
    const sent = { q, again: q, customer: "u7" };
    assert.match(text, /name="customer" value="u7"/);
    await post(`${bench.url}/console/person/erase`, sent, { cookie: bench.lea });
    assert.match(
      await page("/person?q=cleo@customer.test"),
      /Nothing is kept about cleo@customer\.test\. The shop knows no such address/,
    );
    assert.match(await page("/person?q=customer:u7"), /Nothing is kept/);
  });

  test("only leads may", async () => {
    assert.match(await page("/person?q=bob@elsewhere.test", bench.sam), /Only a lead/);
  });
});
