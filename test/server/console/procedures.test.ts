/** The console's pages about procedures: reading, writing, testing, asking leads, going back, and who may do what. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { randomIds } from "#app/random-ids.ts";
import { checkPolicyFile } from "#jobs/policy/change.ts";
import { adoptOwn, digestOf } from "#jobs/procedures/publish.ts";
import { versionsOf, type ProcedureVersion } from "#store/procedures/versions.ts";
import { sandboxText } from "#test/policy/policy-files.ts";
import { procedureText, sampleProcedures } from "#test/procedures/world.ts";
import { post, startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { until } from "#test/support/waiting.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
const LATE = "late-parcel";
const TESTS = "\n### Where is it\n- customer says: Where is it?\n- expects outcome: reply\n";
const WRITTEN = procedureText({
  steps:
    "1. Look it up with @get_order_status.\n2. Say <b>when</b> it comes.\n3. Lost: go on with [[procedure:missing-parcel]].",
  tests: TESTS,
});

describe("the console's pages about procedures", () => {
  let bench: PagesBench;
  let sam = "";
  let lea = "";
  const missed: string[] = [];
  before(async () => {
    bench = await startPages({
      sandbox: true,
      play: async ({ cases }) => cases.map(({ name }) => ({ name, missed: [...missed] })),
    });
    const { store } = bench;
    const parts = { store, clock: { now: () => NOW }, ids: randomIds };
    await checkPolicyFile(parts, { kind: "file", name: "policy.yaml" }, sandboxText, "start");
    await adoptOwn(parts, sampleProcedures());
    sam = await bench.session("sam@ourshop.test");
    lea = await bench.session("lea@ourshop.test");
  });
  after(async () => {
    await bench.close();
  });

  const page = (path: string, cookie = lea, status = 200): Promise<string> =>
    bench.page(path, cookie, status);
  const press = (path: string, body: unknown, cookie = lea, headers = {}): Promise<Response> =>
    post(`${bench.url}/console/procedures/${path}`, body, { cookie, ...headers });
  const versions = (name: string): Promise<readonly ProcedureVersion[]> =>
    bench.store.run((transaction) => versionsOf(transaction, name));
  async function newest(name: string): Promise<ProcedureVersion> {
    const [first] = await versions(name);
    assert.ok(first, `no version of ${name}`);
    return first;
  }

  test("a draft that was changed meanwhile is not overwritten", async () => {
    const seen = (await newest("written-here")).digest;
    const again = await press("save", {
      name: "written-here",
      text: `${WRITTEN}\n`,
      basis: digestOf("another"),
    });
    assert.equal(again.status, 400);
    assert.match(await again.text(), /changed meanwhile by lea@ourshop\.test/);
    assert.equal((await newest("written-here")).digest, seen);
  });

  test("tests are played beside the page, which shows what was missed; only after a pass leads are asked", async () => {
    const { version } = await newest("written-here");
    const refused = await press("written-here/publish", { version });
    assert.match(await refused.text(), /have not passed on this text/);
    missed.push("line 16 expects outcome: reply, and it ended with people");
    assert.equal((await press("written-here/test", { version })).status, 200);
    const part = "/part/procedures/written-here";
    await until("failed tests", async () => /Its tests failed/.test(await page(part)));
    assert.match(await page("/procedures/written-here"), /FAILED {2}Where is it[^]*line 16/);
    assert.equal((await press("written-here/publish", { version })).status, 400);
    missed.length = 0;
    await press("written-here/test", { version });
    await until("passed tests", async () =>
      /Its tests passed [^]*, with rehearsal/.test(await page(part)),
    );
    assert.equal((await press("written-here/publish", { version })).status, 200);
    const card = await newest("written-here");
    assert.equal(card.state, "proposed");
    const shown = await page("/procedures/written-here", sam);
    assert.match(shown, new RegExp(`data-card="${card.id}"[^]*data-press="approve"`));
    const waiting = await page("");
    assert.match(
      waiting,
      new RegExp(`href="/console/procedures/written-here#${card.id}"[^]*?Publish the procedure`),
    );
    assert.match(waiting, /\(1\) What waits/);
  });

  test("support reads everything and changes nothing, and nothing comes from another site", async () => {
    const before = await versions(LATE);
    const pressed = { version: 1 };
    for (const [path, body] of [
      ["save", { name: LATE, text: WRITTEN, basis: "" }],
      [`${LATE}/test`, pressed],
      [`${LATE}/publish`, pressed],
      [`${LATE}/discard`, pressed],
      [`${LATE}/rollback`, pressed],
    ] as const) {
      assert.equal((await press(path, body, sam)).status, 403, path);
      assert.equal((await press(path, body, "")).status, 401, path);
      const foreign = { "sec-fetch-site": "cross-site" };
      assert.equal((await press(path, body, lea, foreign)).status, 403, path);
      const form = { "content-type": "application/x-www-form-urlencoded" };
      assert.equal((await press(path, body, lea, form)).status, 415, path);
    }
    assert.deepEqual(await versions(LATE), before);
    const text = await page(`/procedures/${LATE}`, sam);
    assert.doesNotMatch(text, /data-send|\/edit"/);
    assert.match(await page(`/procedures/${LATE}/edit`, sam), /Only a lead can write procedures/);
    assert.match(await page("/new-procedure", sam), /Only a lead can write procedures/);
  });
});
