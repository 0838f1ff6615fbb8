/** Hostile requests to the card beside a ticket: none shows a word of a card, opens a page or decides anything. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { loadPolicy, type LoadedPolicy } from "#policy/load-policy.ts";
import { readFileSync } from "node:fs";
import { addCase } from "#test/server/console/seed.ts";
import { startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { OTHER, OWN, type Target } from "./attack.ts";
import { OPENING_ATTACKS } from "./opening-attacks.ts";
import { PAGE_ATTACKS } from "./page-attacks.ts";
import { AGENTS, opened, openWith, secretIn, startAccount, type TestAccount } from "./bench.ts";

const AT = new Date("2026-03-02T09:00:00Z");
const POLICY = new URL("../../../src/policy/files/sandbox.yaml", import.meta.url);

describe("attacks on the card beside a ticket", () => {
  let bench: PagesBench;
  let account: TestAccount;
  let target: Target;
  before(async () => {
    account = await startAccount({ now: () => new Date("2026-03-02T10:00:00Z") });
    bench = await startPages({ sandbox: false, sidebar: account.sidebar() });
    for (const { id, ticket } of [OWN, OTHER]) await addCase(bench.store, { id, at: AT, ticket });
    const [, consoleSession = ""] = (await bench.session("sam@ourshop.test")).split("=");
    const consoleCode = await bench.code("sam@ourshop.test");
    target = { url: bench.url, account, consoleSession, consoleCode };
  });
  afterEach(() => {
    // Attackers who open many pages are slowed down, which is not what is tried here.
    bench.pass(61_000);
    bench.forget();
  });
  after(async () => {
    await bench?.close();
    await account?.close();
  });

  for (const { kind, name, send } of [...OPENING_ATTACKS, ...PAGE_ATTACKS])
    test(`${kind}: ${name}`, async () => {
      const answer = await send(target);
      const text = await answer.text();
      if (answer.ok) assertNothing(text);
      assert.equal(secretIn(text), "");
      assert.doesNotMatch(text, /120\.00|headphones|Ann Fields|refund order/i);
      assert.deepEqual(bench.decided, []);
    });

  test("of twenty who open the page with one token at once, one gets it", async () => {
    const token = await account.token(AGENTS.sam);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => openWith(bench.url, { token })),
    );
    assert.equal(answers.filter(({ status }) => status === 200).length, 1);
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200, 401]));
  });

  test("of two who name different tickets for one page at once, one is right", async () => {
    const page = await opened(bench.url, account, AGENTS.sam);
    const answers = await Promise.all(
      [OWN, OTHER].map(({ ticket }) => page.post("/ticket", { ticket })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((one, other) => one - other),
      [200, 403],
    );
  });

  test("a page that asks without end is told to wait, and so is who opens pages without end", async () => {
    const page = await opened(bench.url, account, AGENTS.sam, OWN.ticket);
    const asked = await Promise.all(
      Array.from({ length: 245 }, async () => (await page.get(`/explain/x`)).status),
    );
    assert.ok(asked.includes(429));
    const tried = await Promise.all(
      Array.from({ length: 305 }, async () => (await openWith(bench.url, {})).status),
    );
    assert.ok(tried.includes(429));
  });
});

describe("a page that was opened", () => {
  const state: { role: "support" | null } = { role: "support" };
  const read: LoadedPolicy = loadPolicy(readFileSync(POLICY, "utf8"), "sandbox.yaml");
  let bench: PagesBench;
  let account: TestAccount;
  before(async () => {
    const clock = { now: () => new Date("2026-03-02T10:00:00Z") };
    account = await startAccount(clock);
    const decide = async () => assert.fail("something was decided");
    bench = await startPages({
      sandbox: false,
      sidebar: account.sidebar(),
      jobs: {
        clock,
        policy: { ...read, roleOf: () => state.role },
        handler: {
          decide,
          check: decide,
          editForm: decide,
          explain: decide,
          command: decide,
          cardGone: decide,
          overview: decide,
        },
      },
    });
    await addCase(bench.store, { id: OWN.id, at: AT, ticket: OWN.ticket });
  });
  after(async () => {
    await bench?.close();
    await account?.close();
  });

  test("shows and decides nothing from the moment its holder has no role", async () => {
    const page = await opened(bench.url, account, AGENTS.sam, OWN.ticket);
    assert.equal((await page.get("/state")).status, 200);
    state.role = null;
    const id = `a_${OWN.id}`;
    const press = { clickId: "12345678-click", approvalId: id, version: 1, button: "approve" };
    for (const answer of [
      await page.get("/state"),
      await page.get(`/form/${id}/1`),
      await page.get(`/check/${id}/1/edit`),
      await page.get(`/explain/${id}`),
      await page.post("/ticket", { ticket: OWN.ticket }),
      await page.post("/decide", press),
    ]) {
      assert.equal(answer.status, 403);
      assert.doesNotMatch(await answer.text(), /120\.00|headphones/);
    }
  });
});

/** An answer that is no error says that nothing was done, or nothing at all. */
function assertNothing(text: string): void {
  if (!text.startsWith("{")) return;
  const body: unknown = JSON.parse(text);
  assert.ok(
    typeof body === "object" &&
      body !== null &&
      (("accepted" in body && body.accepted === false) || ("text" in body && body.text === "")),
    text,
  );
}
