import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { enter, post, postStatus, startPages, suitePages } from "./pages-bench.ts";

const MINUTE_MS = 60_000;
const SAM = "sam@ourshop.test";
const DECISION = {
  clickId: "12345678-click",
  approvalId: "a_1",
  version: 1,
  button: "approve",
};

describe("the console's sign-in", () => {
  const bench = suitePages({ sandbox: true });

  test("a link signs in once; the second time it says how to get another", async () => {
    const code = await bench.code(SAM);
    const first = await enter(bench.url, code);
    assert.equal(first.status, 200);
    const cookie = first.headers.get("set-cookie") ?? "";
    assert.match(cookie, /HttpOnly/);
    assert.match(cookie, /SameSite=Strict/);
    assert.match(cookie, /Max-Age=28800/);
    const second = await enter(bench.url, code);
    assert.equal(second.status, 401);
    assert.equal(second.headers.get("set-cookie"), null);
    assert.match(await second.text(), /used already/);
    const opened = await fetch(`${bench.url}/console/enter?code=${code}`);
    assert.equal(opened.status, 401);
    assert.match(await opened.text(), /used already[^]*deskhand -- console/);
  });

  test("a link that a teammate is tricked into opening does not sign in: it says who it is for, and one of our pages has to ask", async () => {
    const code = await bench.code(SAM);
    const cookie = await bench.session("lea@ourshop.test");
    for (const site of ["none", "cross-site", "same-origin"]) {
      const page = await fetch(`${bench.url}/console/enter?code=${code}`, {
        headers: { cookie, "sec-fetch-site": site },
        redirect: "manual",
      });
      assert.equal(page.status, 200);
      assert.equal(page.headers.get("set-cookie"), null);
      const text = await page.text();
      assert.match(text, /signs you in as <b>Somebody<\/b> \(sam@ourshop\.test\)/);
      assert.match(text, /You are signed in as Somebody and will not be any more/);
      assert.ok(!text.includes(code));
    }
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { "sec-fetch-site": "none" }]) {
      const forced = await post(`${bench.url}/console/enter`, { code }, headers);
      assert.equal(forced.status, 403);
      assert.equal(forced.headers.get("set-cookie"), null);
    }
    const form = await post(`${bench.url}/console/enter`, new URLSearchParams({ code }));
    assert.equal(form.status, 415);
    assert.equal((await cards(cookie)).status, 200);
    assert.equal((await enter(bench.url, code)).status, 200);
  });

  test("guessing codes is slow: after sixty a minute none is looked at", async () => {
    const statuses = [];
    for (let tries = 0; tries <= 60; tries += 1)
      statuses.push((await enter(bench.url, `guess ${tries}`)).status);
    assert.deepEqual([statuses.at(-1), statuses.includes(401)], [429, true]);
    bench.pass(MINUTE_MS);
  });

  test("a link older than ten minutes and a made-up code open nothing", async () => {
    const code = await bench.code(SAM);
    bench.pass(10 * MINUTE_MS + 1);
    for (const given of [code, "x".repeat(43), ""])
      assert.equal((await enter(bench.url, given)).status, 401);
  });

  test("a session ends after eight hours, and at once when its holder signs out", async () => {
    const late = await bench.session(SAM);
    bench.pass(8 * 60 * MINUTE_MS - 1);
    assert.equal((await cards(late)).status, 200);
    bench.pass(2);
    assert.equal((await cards(late)).status, 401);
    const left = await bench.session(SAM);
    assert.equal((await post(`${bench.url}/console/leave`, {}, { cookie: left })).status, 200);
    assert.equal((await cards(left)).status, 401);
  });

  test("neither codes nor sessions can be read from the database", async () => {
    const code = await bench.code(SAM);
    const session = (await bench.session(SAM)).split("=")[1] ?? "";
    const rows = await bench.rows(
      z.object({ row: z.string() }),
      sql`select console_pass::text as row from console_pass`,
    );
    assert.ok(rows.length >= 2);
    for (const { row } of rows) {
      assert.ok(!row.includes(code));
      assert.ok(!row.includes(session));
    }
  });

  test("a person the policy does not list is let in by no link and shown nothing", async () => {
    const cookie = await bench.session("ned@ourshop.test");
    const shown = await fetch(`${bench.url}/console`, { headers: { cookie } });
    assert.equal(shown.status, 403);
    assert.match(await shown.text(), /the policy gives this address no role/);
    assert.equal((await cards(cookie)).status, 403);
    assert.equal((await post(`${bench.url}/console/decide`, DECISION, { cookie })).status, 403);
    assert.equal(bench.decided.length, 0);
  });

  test("a rejection by kind needs no words, a hint arrives as typed, and one without a role may ask for no form", async () => {
    const cookie = await bench.session(SAM);
    const address = `${bench.url}/console/decide`;
    const rejected = { ...DECISION, button: "reject", rejection: "i_answer" };
    assert.equal((await post(address, rejected, { cookie })).status, 200);
    const wordless = { ...DECISION, button: "reject", rejection: "reason", reason: " " };
    assert.equal((await post(address, wordless, { cookie })).status, 400);
    const redone = { ...DECISION, button: "redo", hint: "shorter" };
    assert.equal((await post(address, redone, { cookie })).status, 200);
    const given = bench.decided.map(({ button, rejection, hint }) => [button, rejection ?? hint]);
    assert.deepEqual(given, [
      ["reject", "i_answer"],
      ["redo", "shorter"],
    ]);
    const form = `${bench.url}/console/check/a_1/1/redo`;
    assert.equal((await fetch(form, { headers: { cookie } })).status, 200);
    assert.equal((await fetch(form)).status, 401);
    bench.forget();
  });

  test("every teammate pauses, a lead resumes", async () => {
    const sam = await bench.session(SAM);
    const lea = await bench.session("lea@ourshop.test");
    const pause = (cookie: string, paused: boolean) =>
      post(`${bench.url}/console/pause`, { paused }, { cookie });
    assert.equal((await pause(sam, true)).status, 200);
    assert.equal((await pause(sam, false)).status, 403);
    const shown = await fetch(`${bench.url}/console/health`, { headers: { cookie: sam } });
    assert.match(await shown.text(), /⏸ everything, by Somebody/);
    assert.equal((await pause(lea, false)).status, 200);
  });

  test("no page may be framed by others or run anything that is not a file of ours", async () => {
    for (const path of ["/", "/chat", "/console"]) {
      const policy = (await fetch(`${bench.url}${path}`)).headers.get("content-security-policy");
      assert.match(policy ?? "", /default-src 'self'/);
      assert.match(policy ?? "", /frame-ancestors 'self'/);
      assert.doesNotMatch(policy ?? "", /unsafe/);
    }
  });

  function cards(cookie: string): Promise<Response> {
    return fetch(`${bench.url}/console/part/inbox/open`, { headers: { cookie } });
  }
});

describe("what the sandbox offers without a sign-in", () => {
  const paths = ["/start/console/sam@ourshop.test", "/chat/token"];

  test("is refused as soon as real customers could be reached", async (context) => {
    const bench = await startPages({ sandbox: false });
    context.after(() => bench.close());
    for (const path of [...paths, "/start/try/refund"])
      assert.equal((await post(`${bench.url}${path}`, { as: "ann" })).status, 403, path);
    const offered = await Promise.all(
      ["/start/teammates", "/chat/users"].map((path) => fetch(`${bench.url}${path}`)),
    );
    for (const answer of offered) assert.deepEqual(await answer.json(), []);
  });

  test("is not there where every service is real: the console stands in its place, and the chat has guests", async (context) => {
    const bench = await startPages({ sandbox: null });
    context.after(() => bench.close());
    for (const path of [...paths, "/start/try/refund"])
      assert.equal((await post(`${bench.url}${path}`, { as: "ann" })).status, 404, path);
    const start = await fetch(bench.url, { redirect: "manual" });
    assert.deepEqual([start.status, start.headers.get("location")], [302, "/console"]);
    assert.match(await (await fetch(`${bench.url}/chat`)).text(), /widget\.js/);
  });

  test("waits until everything is there, and the start page says so", async (context) => {
    const bench = await startPages({ sandbox: true });
    context.after(() => bench.close());
    const state = await fetch(`${bench.url}/start/state`);
    assert.deepEqual(await state.json(), { ready: false });
    assert.equal((await post(`${bench.url}/start/try/refund`, {})).status, 403);
  });

  test("is refused to other sites and to names pointed at this machine", async (context) => {
    const bench = await startPages({ sandbox: true });
    context.after(() => bench.close());
    for (const path of paths) {
      const address = `${bench.url}${path}`;
      const foreign = { "sec-fetch-site": "cross-site" };
      assert.equal((await post(address, { as: "ann" }, foreign)).status, 403, path);
      assert.equal(
        await postStatus(address, { host: "evil.test", "content-type": "application/json" }),
        403,
        path,
      );
      assert.ok((await post(address, { as: "ann" })).ok, path);
    }
  });
});
