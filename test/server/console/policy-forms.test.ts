/** The policy's forms in the console: replies, amounts, the team, opening hours. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { randomIds } from "#app/shared-clock.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { openPolicyInForce } from "#policy/load-policy.ts";
import type { PolicyDocument } from "#policy/schema.ts";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { issuePass } from "#store/identity/sessions.ts";
import { newestChange } from "#store/policy/policy-changes.ts";
import { enter, post, suitePages } from "#test/server/pages-bench.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { addCase } from "./seed.ts";

const NOW = new Date("2026-03-02T10:00:00Z");

const SANDBOX = readFileSync(SANDBOX_POLICY, "utf8");

describe("the policy's forms", () => {
  const source = { kind: "file", name: "deskhand.policy.yaml" } as const;
  let isWritten = true;
  let file = SANDBOX;
  const bench = suitePages({
    sandbox: true,
    policyPlace: {
      source,
      text: () => file,
      isWritten: () => isWritten,
      requireRules: () => undefined,
    },
  });
  before(async () => {
    const context = { store: bench.store, clock: { now: () => NOW }, ids: randomIds };
    await checkPolicyFile(context, source, SANDBOX, "start");
  });

  const page = (path: string): Promise<string> => bench.page(path, bench.lea);
  const basisOn = async (path: string): Promise<string> =>
    /name="basis" value="([^"]+)"/.exec(await page(path))?.[1] ?? "";
  const sent = (path: string, body: object, cookie = bench.lea): Promise<Response> =>
    post(`${bench.url}/console${path}`, body, { cookie });
  async function set(path: string, body: object): Promise<string> {
    const answer = await sent(path, body);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return text;
  }
  async function policy(state: "active" | "proposed"): Promise<PolicyDocument> {
    const change = await bench.store.run(newestChange, { state });
    assert.ok(change, `no change is ${state}`);
    return openPolicyInForce(change.text).document;
  }

  test("beside each topic stands what people did with its drafts, and what waits", async () => {
    const at = new Date(NOW.getTime() - 3_600_000);
    for (const [id, state] of [
      ["1", "approved"],
      ["2", "approved"],
      ["3", "rejected"],
      ["4", "pending"],
    ] as const)
      await addCase(bench.store, { id, at, state, topic: "refund" });
    await bench.execute(sql`update approval set edited = true where id = 'a_2'`);
    const text = await page("/policy/replies?channel=email");
    assert.match(
      text,
      /1 sent as drafted, 1 edited, 1 rejected: on auto, 2 of 3 would have gone out that people changed or stopped[^]*agreed 1 of 3[^]*<td>1<\/td>/,
    );
    assert.match(text, /none was decided/);
    assert.equal(text.match(/<td>1<\/td>/g)?.length, 1, "one topic has a draft that waits");
    assert.match(text, /Drafts that wait stay with people/);
    assert.doesNotMatch(await page("/policy/replies?channel=chat"), /sent as drafted/);
  });

  test("a number changes with the reason that names it, and days of opening hours become a week", async () => {
    const amounts = "/policy/amounts";
    const rule = (index: number) => `operations.refund.rules.${index}`;
    const rules = async () => (await policy("active")).operations["refund"]?.rules ?? [];
    const small = `${rule(2)}.up_to`;
    const late = (await rules()).findIndex(({ after_days }) => after_days === 30);
    for (const stale of [{ [small]: "5.00" }, { [`${rule(late)}.after_days`]: "14" }]) {
      const refused = await sent(amounts, { basis: await basisOn(amounts), ...stale });
      assert.match(await refused.text(), /: the reason names (?:10|30); change it too/);
    }
    const reason = "Refunds up to 5.00 USD within 30 days after delivery are made at once.";
    const both = { [small]: "5.00", [`${rule(2)}.reason`]: reason };
    await set(amounts, { basis: await basisOn(amounts), ...both });
    const after = (await rules())[2];
    assert.deepEqual([after?.up_to, after?.reason], [5, reason]);
    const wrong = { basis: await basisOn(amounts), [small]: "five" };
    assert.match(
      await (await sent(amounts, wrong)).text(),
      /"Refund, small: allow, up to: “five” is not a number"/,
    );
    const hours = "/policy/hours";
    const never = { basis: await basisOn(hours), "calendar.open.monday": "25:00-26:00" };
    assert.match(await (await sent(hours, never)).text(), /"message":"Opening hours, monday: /);
    await set(hours, {
      basis: await basisOn(hours),
      "calendar.open.sunday": "closed",
      "calendar.holidays": "2026-12-25, 2026-12-26",
    });
    const { open, holidays } = (await policy("active")).calendar;
    assert.equal(open !== "always" && open.sunday, "closed");
    assert.equal(open !== "always" && open.monday, "always");
    assert.deepEqual(holidays, ["2026-12-25", "2026-12-26"]);
    const history = await page("/policy");
    assert.match(
      history,
      /Set: refund[^]*; refund, small: allow, up to: 10 → 5[^]*replaced · In force since/,
    );
    assert.match(history, /The policy was set</);
    assert.doesNotMatch(history, /Was proposed|superseded/);
  });

  test("a file that cannot be used is told with its line while it is so", async () => {
    file = SANDBOX.replace("verdict: deny", "verdict: denied");
    assert.match(
      await page("/policy"),
      /cannot be used[^]*:\d+ operations\.refund\.rules\[0\]\.verdict/,
    );
    file = SANDBOX;
    assert.doesNotMatch(await page("/policy"), /cannot be used/);
  });

  test("a stricter level is in force at once, and a freer one waits for the leads", async () => {
    const path = "/policy/replies";
    const email = "autonomy.email";
    const [faq, refund] = [`${email}.topics.faq`, `${email}.topics.refund`];
    const levels = { [`${email}.default`]: "draft", [faq]: "shadow", [refund]: "" };
    assert.match(await set(path, { basis: await basisOn(path), ...levels }), /set=activated/);
    assert.deepEqual((await policy("active")).autonomy.email.topics, { faq: "shadow" });
    const freer = { ...levels, [refund]: "auto", [faq]: "" };
    assert.match(
      await set(`${path}?channel=chat`, { basis: await basisOn(path), ...freer }),
      /replies\?channel=chat&set=proposed/,
    );
    assert.deepEqual((await policy("proposed")).autonomy.email.topics, { refund: "auto" });
    const shown = await page(`${path}?set=proposed`);
    assert.match(
      shown,
      /Proposed: Replies on email, refund: as the rest \(draft\) → auto; Replies on email, general question: shadow → as the rest \(draft\)/,
    );
    assert.match(shown, /0 of 2 leads agreed/);
    assert.match(shown, /It permits more than before, so the leads decide/);
    // In the inbox a vote stands below what is grave, and above everything else.
    const at = new Date(NOW.getTime() - 3_600_000);
    await addCase(bench.store, { id: "60", at, owner: "human", subject: "In danger" });
    await bench.execute(sql`update conversation set owner_delicate = 'injury' where id = 'c_60'`);
    await addCase(bench.store, { id: "61", at, owner: "human" });
    await bench.execute(
      sql`update conversation set owner_holder = 'Dana Cole', owner_voter = 'dana@ourshop.test' where id = 'c_61'`,
    );
    const inbox = await page("");
    assert.match(inbox, /In danger[^]*Proposed: Replies on email[^]*row-a_4/);
    // The number beside the inbox, in the title, on the tab: all of them the rows that are open.
    const rows = String([...inbox.matchAll(/id="row-/g)].length);
    const numbers = [/<title>\((\d+)\)/, /waiting-count">(\d+)/, /id="view-open"[^]*?soft">(\d+)/];
    assert.deepEqual(
      numbers.map((one) => one.exec(inbox)?.[1]),
      [rows, rows, rows],
    );
    const other = await sent(path, { basis: await basisOn(path), [faq]: "off" });
    assert.match(await other.text(), /“off” cannot be chosen/);
  });

  test("each setting is called by words, and none by its name in the file", async () => {
    const [amounts, replies] = [await page("/policy/amounts"), await page("/policy/replies")];
    for (const words of ["People who approve", "Times at most", "Days after delivery, at most"])
      assert.match(amounts, new RegExp(`<label[^>]*>${words}`));
    for (const words of ["General question", "Hand-over", "One-time code"])
      assert.match(replies, new RegExp(`>${words}`));
    assert.doesNotMatch(
      `${amounts}${replies}`,
      />(?:Faq|Create ticket|Send code|Count max|Approvers)/,
    );
  });

  test("a teammate is added by vote and removed at once, also from duty, and a lead is removed by vote", async () => {
    const path = "/policy/team";
    const basis = await basisOn(path);
    await set(`${path}/role`, { basis, who: "nora@ourshop.test", role: "support" });
    assert.ok((await policy("proposed")).roles.support.includes("nora@ourshop.test"));
    assert.ok(!(await policy("active")).roles.support.includes("nora@ourshop.test"));
    await set(`${path}/remove`, { basis: await basisOn(path), who: "Sam@ourshop.test" });
    const { roles, calendar } = await policy("active");
    assert.deepEqual(roles.support, ["dana@ourshop.test"]);
    assert.deepEqual(calendar.duty[0]?.people, ["lea@ourshop.test"]);
    assert.match(await page(path), /The other leads decide on it, without lea@/);
    await set(`${path}/remove`, { basis: await basisOn(path), who: "lea@ourshop.test" });
    const [now, next] = [await policy("active"), await policy("proposed")];
    assert.deepEqual([now.roles.lead.length, next.roles.lead], [2, ["lee@ourshop.test"]]);
    assert.equal(next.calendar.fallback_lead, "lee@ourshop.test");
    await set(`${path}/role`, {
      basis: await basisOn(path),
      who: "dana@ourshop.test",
      role: "lead",
    });
    assert.ok((await policy("proposed")).roles.lead.includes("dana@ourshop.test"));
  });

  test("a lead makes a link for support alone, shown once; who came by it is no second person and makes no token", async () => {
    const make = (who: string, cookie = bench.lea): Promise<Response> =>
      sent("/policy/team/link", new URLSearchParams({ who }), cookie);
    assert.match(await page("/policy/team"), /value="dana@ourshop.test"/);
    assert.equal((await make("lee@ourshop.test")).status, 400);
    assert.equal((await make("nora@ourshop.test")).status, 400, "whose role is only proposed");
    const dana = await bench.session("dana@ourshop.test");
    assert.equal((await make("dana@ourshop.test", dana)).status, 403);
    const text = await (await make("dana@ourshop.test")).text();
    const code = /\/console\/enter\?code=([\w-]{43})/.exec(text)?.[1] ?? "";
    assert.match(text, /A link for Dana/);
    const kept = await bench.rows(
      z.object({ row: z.string() }),
      sql`select data::text as row from audit where kind = 'sign_in_link'
            union all select data::text from audit_pending where kind = 'sign_in_link'
            union all select p::text from console_pass p`,
    );
    assert.match(kept[0]?.row ?? "", /"by": .*"for": /);
    assert.ok(kept.every(({ row }) => !row.includes(code)));
    const entered = await enter(bench.url, code);
    assert.equal(entered.status, 200);
    assert.equal((await enter(bench.url, code)).status, 401, "once");
    const cookie = (entered.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const [used] = await bench.rows(
      z.object({ row: z.string() }),
      sql`select data::text as row from audit where kind = 'sign_in'
            union all select data::text from audit_pending where kind = 'sign_in'`,
    );
    assert.match(used?.row ?? "", /"invited": ?true/);
    const asLead = await bench.store.run(
      issuePass,
      "session",
      { email: "lea@ourshop.test", name: "Lea", isInvited: true },
      NOW,
    );
    const lead = await fetch(`${bench.url}/console/policy/team`, {
      headers: { cookie: `deskhand_session=${asLead}` },
      redirect: "manual",
    });
    assert.equal(lead.status, 401, "no link makes a lead");
    await addCase(bench.store, { id: "70", at: NOW });
    await sent(
      "/decide",
      {
        approvalId: "a_70",
        version: 1,
        button: "approve",
        reason: "",
        edit: null,
        clickId: "12345678",
      },
      cookie,
    );
    assert.deepEqual(bench.decided.at(-1)?.teammate, {
      id: "console:dana@ourshop.test",
      name: "Dana",
      email: "dana@ourshop.test",
      eligible: true,
      invited: true,
    });
    const wish = new URLSearchParams({ label: "l", holder: "me", days: "1", scopes: "cases:read" });
    const token = await sent("/policy/access", wish, cookie);
    assert.match(await token.text(), /No token was made: your sign-in came by a link/);
    const still = () =>
      fetch(`${bench.url}/console/policy/team`, { headers: { cookie }, redirect: "manual" });
    assert.equal((await still()).status, 200);
    bench.pass(11 * 60_000);
    const late = /code=([\w-]{43})/.exec(await (await make("dana@ourshop.test")).text())?.[1];
    assert.notEqual((await still()).status, 200, "a new link ends what the last one opened");
    bench.pass(11 * 60_000);
    assert.equal((await enter(bench.url, late ?? "")).status, 401, "ten minutes");
  });

  test("support sees the pages, and no form", async () => {
    const dana = await bench.session("dana@ourshop.test");
    assert.match(await bench.page("/policy/team", dana), /Only a lead can change the policy/);
  });

  test("where the file may not be written, the page says which lines to put there", async () => {
    isWritten = false;
    const text = await page("/policy/replies");
    assert.match(text, /may not write the policy file\s+\(deskhand\.policy\.yaml\)/);
    assert.match(text, /line \d+, \+   email: \{ default: draft, topics: \{ faq: shadow \} \}/);
  });
});
