/** The card beside a ticket, through its own routes: who is let in, what is shown, and how long a page lives. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { sidebarKey } from "#zendesk/sidebar.ts";
import { eraseTeammate } from "#store/privacy/erase-teammate.ts";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { addCase } from "#test/server/console/seed.ts";
import { startPages, type PagesBench } from "#test/server/pages-bench.ts";
import {
  AGENTS,
  agentRow,
  opened,
  openWith,
  pageWith,
  secretIn,
  startAccount,
  type TestAccount,
} from "./bench.ts";

const MINUTE_MS = 60_000;
const AT = new Date("2026-03-02T09:00:00Z");
const OWN = "aaaaaaaaaaaaaaaaaaaa";
const OTHER = "bbbbbbbbbbbbbbbbbbbb";
const PRESS = { clickId: "12345678-click", version: 1, button: "approve" };

describe("the card beside a ticket", () => {
  let bench: PagesBench;
  let account: TestAccount;
  const time = { passed: 0 };
  before(async () => {
    const clock = { now: () => new Date(Date.parse("2026-03-02T10:00:00Z") + time.passed) };
    account = await startAccount(clock);
    bench = await startPages({ sandbox: false, sidebar: account.sidebar() });
    await addCase(bench.store, { id: OWN, at: AT, ticket: "35" });
    await addCase(bench.store, { id: OTHER, at: AT, ticket: "36" });
  });
  beforeEach(() => bench.forget());
  after(async () => {
    await bench?.close();
    await account?.close();
  });
  const pass = (ms: number): void => {
    time.passed += ms;
    bench.pass(ms);
  };
  const page = (agent: { readonly id: number }, ticket: string | null = "35") =>
    opened(bench.url, account, agent, ticket);

  test("Zendesk opens the page of an agent with a role, which shows the ticket's card and decides as that person", async () => {
    const one = await page(AGENTS.sam);
    const state = await one.get("/state");
    assert.equal(state.status, 200);
    const text = await state.text();
    for (const words of ["Refund 120.00 USD", 'data-press="approve"', "Rule:"])
      assert.ok(text.includes(words), words);
    assert.doesNotMatch(text, /undefined|\[object|bbbbbbbb/);
    assert.doesNotMatch(text, /data-press="reuse"/, "a text that tells of a refund not made");
    const answer = await one.post("/decide", { ...PRESS, approvalId: `a_${OWN}` });
    assert.deepEqual(await answer.json(), {
      accepted: true,
      message: "Recorded.",
      fieldErrors: {},
    });
    assert.deepEqual(
      bench.decided.map(({ decisionId, teammate }) => ({ decisionId, teammate })),
      [
        {
          decisionId: "zendesk:101:12345678-click",
          teammate: {
            id: "zendesk:101",
            name: "Sam Ortiz",
            email: "sam@ourshop.test",
            eligible: true,
          },
        },
      ],
    );
  });

  test("the account's own pages may frame it and no others, and nothing of it is kept in a browser", async () => {
    const answers = [
      await openWith(bench.url, { token: await account.token(AGENTS.sam) }),
      await openWith(bench.url, { token: "x.y.z" }),
      await openWith(bench.url, {}),
      await fetch(`${bench.url}/zendesk/app`),
      await pageWith(bench.url, "no").get("/state"),
    ];
    for (const answer of answers) {
      const policy = answer.headers.get("content-security-policy") ?? "";
      assert.ok(policy.endsWith(`frame-ancestors ${account.url}`), policy);
      assert.match(policy, /script-src 'self' https:\/\/static\.zdassets\.com;/);
      assert.doesNotMatch(policy, /unsafe|\*/);
      assert.equal(answer.headers.get("x-frame-options"), null);
      assert.equal(answer.headers.get("cache-control"), "no-store");
      assert.equal(answer.headers.get("set-cookie"), null);
    }
  });

  test("where nothing waits it says who has the case; a ticket that was not read says so", async () => {
    await addCase(bench.store, { id: "c".repeat(20), at: AT, ticket: "37", owner: "human" });
    const people = await (await page(AGENTS.sam, "37")).get("/state");
    const text = await people.text();
    assert.match(text, /no teammate has taken this case yet/);
    assert.match(text, /data-press="take_over"/);
    // The page shows no message, so it cannot say that the newest one was read.
    assert.doesNotMatch(text, /snooze/i);
    const until = {
      clickId: "12345678-click",
      version: 1,
      button: "snooze",
      until: "day",
      seen: 1,
    };
    const one = await page(AGENTS.sam, "37");
    const snoozing = await one.post("/decide", { ...until, approvalId: "c".repeat(20) });
    assert.equal(snoozing.status, 400);
    assert.match(await snoozing.text(), /pressed elsewhere/);
    assert.deepEqual(bench.decided, []);
    const unknown = await (await page(AGENTS.sam, "999")).get("/state");
    assert.match(await unknown.text(), /nothing on this ticket/);
  });

  test("a page stands beside one ticket: it names it once", async () => {
    const one = await page(AGENTS.sam, null);
    assert.match(await (await one.get("/state")).text(), /nothing on this ticket/);
    assert.equal((await one.post("/ticket", { ticket: "35" })).status, 200);
    assert.equal((await one.post("/ticket", { ticket: "35" })).status, 200);
    assert.equal((await one.post("/ticket", { ticket: "36" })).status, 403);
    assert.match(await (await one.get("/state")).text(), new RegExp(`a_${OWN}`));
  });

  test("a page that is looked at lives on, one that is not is over after a quarter of an hour, and all after eight hours", async () => {
    const idle = await page(AGENTS.sam);
    pass(15 * MINUTE_MS + 1);
    assert.equal((await idle.get("/state")).status, 401);
    const busy = await page(AGENTS.sam);
    for (let minutes = 0; minutes < 8 * 60 - 10; minutes += 10) {
      assert.equal((await busy.get("/state")).status, 200, String(minutes));
      pass(10 * MINUTE_MS);
    }
    assert.equal((await busy.get("/state")).status, 200);
    pass(10 * MINUTE_MS + 1);
    assert.equal((await busy.get("/state")).status, 401);
  });

  test("a person who is no active agent with a proven address and a role is told nothing", async () => {
    const strangers: readonly (readonly [object, RegExp])[] = [
      [{ role: "end-user" }, /active agents/],
      [{ suspended: true }, /active agents/],
      [{ active: false }, /active agents/],
      [{ verified: false }, /active agents/],
      [{ shared_agent: true }, /active agents/],
      [{ email: null }, /active agents/],
      [{ email: "stranger@ourshop.test" }, /gives stranger@ourshop.test no role/],
    ];
    for (const [index, [change, words]] of strangers.entries()) {
      const agent = { ...agentRow(200 + index, "Sam Ortiz", "sam@ourshop.test"), ...change };
      account.agents.set(agent.id, agent);
      const answer = await openWith(bench.url, { token: await account.token(agent) });
      assert.equal(answer.status, 403, JSON.stringify(change));
      const text = await answer.text();
      assert.match(text, words);
      assert.equal(secretIn(text), "");
      assert.doesNotMatch(text, /Refund|<script/);
    }
  });

  test("an address that is not the agent's primary identity, or not proven itself, gives no role", async () => {
    const lead = { type: "email", value: "lea@ourshop.test", primary: true, verified: true };
    const own = { type: "email", value: "stranger@ourshop.test", primary: false, verified: true };
    // Zendesk calls a user verified for any identity of theirs.
    const agent = agentRow(250, "Stranger", "lea@ourshop.test");
    account.agents.set(agent.id, agent);
    const open = async (...identities: readonly object[]) => {
      account.identities.set(agent.id, identities);
      pass(MINUTE_MS + 1);
      return openWith(bench.url, { token: await account.token(agent) });
    };
    for (const [index, change] of [
      { verified: false },
      { primary: false },
      { type: "google" },
      { value: "lea@ourshop.test.example" },
      { ownership: "shared" },
    ].entries()) {
      const answer = await open({ ...lead, ...change }, own);
      assert.equal(answer.status, 403, String(index));
      assert.equal(secretIn(await answer.text()), "");
    }
    assert.equal((await open(own)).status, 403);
    assert.equal((await open()).status, 403);
    assert.equal((await open(own, { ...lead, value: "Lea@ourshop.test" })).status, 200);
  });

  test("an agent who was suspended meanwhile, or has another address now, is shown and decides nothing more", async () => {
    for (const change of [{ suspended: true }, { email: "lea@ourshop.test" }]) {
      account.agents.set(300, agentRow(300, "Dana Cole", "dana@ourshop.test"));
      const one = await page({ id: 300 });
      account.agents.set(300, { ...agentRow(300, "Dana Cole", "dana@ourshop.test"), ...change });
      pass(MINUTE_MS + 1);
      const card = `a_${OWN}`;
      for (const path of [
        "/state",
        `/form/${card}/1`,
        `/check/${card}/1/approve`,
        `/explain/${card}`,
      ])
        assert.equal((await one.get(path)).status, 401, path);
      const answer = await one.post("/decide", { ...PRESS, approvalId: `a_${OWN}` });
      assert.equal(answer.status, 401);
      assert.deepEqual(bench.decided, []);
      pass(MINUTE_MS + 1);
    }
  });

  test("while Zendesk does not say who an agent is, nothing is opened or decided, and the same press works afterwards", async () => {
    const one = await page(AGENTS.lea);
    pass(MINUTE_MS + 1);
    account.away = true;
    const opening = await openWith(bench.url, { token: await account.token(AGENTS.dana) });
    assert.equal(opening.status, 503);
    assert.equal(secretIn(await opening.text()), "");
    const press = { ...PRESS, approvalId: `a_${OWN}` };
    assert.equal((await one.post("/decide", press)).status, 503);
    assert.deepEqual(bench.decided, []);
    account.away = false;
    assert.equal((await one.post("/decide", press)).status, 200);
    assert.equal(bench.decided.length, 1);
  });

  test("Zendesk is asked who an agent is once a minute, however often their pages ask, also at once", async () => {
    const one = await page(AGENTS.sam);
    pass(MINUTE_MS + 1);
    account.asked = 0;
    await Promise.all(Array.from({ length: 5 }, () => one.get("/state")));
    await one.get("/state");
    assert.equal(account.asked, 2, "the agent and their identities");
    pass(MINUTE_MS + 1);
    await one.get("/state");
    assert.equal(account.asked, 4);
  });

  test("erasing a teammate ends their pages", async () => {
    const one = await page(AGENTS.dana);
    assert.equal((await one.get("/state")).status, 200);
    const names = [{ kind: "email", value: "dana@ourshop.test" }] as const;
    await bench.store.run(eraseTeammate, names);
    assert.equal((await one.get("/state")).status, 401);
  });

  test("neither openings nor sessions can be read from the database", async () => {
    const token = await account.token(AGENTS.sam);
    const secret = secretIn(await (await openWith(bench.url, { token })).text());
    assert.equal(secret.length, 43);
    const rows = await bench.rows(z.unknown(), sql`select * from ticket_session`);
    assert.ok(!JSON.stringify(rows).includes(secret));
  });

  test("a key that is not the app's public RSA key of 2048 bits is refused when it is set", () => {
    const body = account.publicPem.replaceAll(/-----[A-Z ]+-----|\s/g, "");
    assert.equal(sidebarKey(body).asymmetricKeyType, "rsa");
    assert.equal(sidebarKey(account.publicPem.replaceAll("\n", "\\n")).asymmetricKeyType, "rsa");
    const privatePem = account.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const text of ["", "x", body.slice(0, -8), privatePem, SMALL])
      assert.throws(() => sidebarKey(text), /ZENDESK_APP_PEM: is no public RSA key/);
  });
});

/** 1024 bits. */
const SMALL =
  "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDdlatRjRjogo3WojgGHFHYLugdUWAY9iR3fy4arWNA1KoS8kVw33cJibXr8bvwUAUparCwlvdbH6dvEOfou0/gCFQsHUfQrSDv+MuSUMAe8jzKE4qW+jK+xQU9a03GUnKHkkle+Q0pX/g6jXZ7r1/xAK5Do2kQ+X5xK9cipRgEKwIDAQAB";
