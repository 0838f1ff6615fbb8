/** Everything that can be pressed or saved in the console: nobody without a session does, no other site, and support nothing of the leads'. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { SUBJECTS } from "#server/page-routes.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";

const FOR_LEADS =
  /^\/(?:knowledge|lessons|person|procedures|rehearsals|audit\/export|policy\/(?!access))/;

const FORM = { "content-type": "application/x-www-form-urlencoded" };

describe("presses in the console", () => {
  const bench = suitePages({ sandbox: true });
  let lea = "";
  let sam = "";
  before(async () => {
    lea = await bench.session("lea@ourshop.test");
    sam = await bench.session("sam@ourshop.test");
  });

  /** Addresses of one kind, with what they are called in the table. */
  const addresses = (kind: "presses" | "files"): readonly (readonly [string, string])[] =>
    SUBJECTS.flatMap((subject) => Object.keys(subject[kind] ?? {})).map((path) => [
      path,
      `${bench.url}/console${path.replaceAll(/:\w+/g, "x")}`,
    ]);

  test("need a session, a page of ours, data, and where they are for leads a lead", async () => {
    const presses = addresses("presses");
    assert.ok(presses.length > 30);
    for (const [path, url] of presses) {
      const pressed = async (headers: Readonly<Record<string, string>>): Promise<number> =>
        (await post(url, {}, headers)).status;
      assert.equal(await pressed({}), 401, path);
      assert.equal(await pressed({ cookie: `deskhand_session=${"A".repeat(43)}` }), 401, path);
      assert.equal(await pressed({ cookie: lea, "sec-fetch-site": "cross-site" }), 403, path);
      assert.equal(await pressed({ cookie: lea, ...FORM }), 415, path);
      assert.equal((await pressed({ cookie: sam })) === 403, FOR_LEADS.test(path), path);
    }
  });

  test("and what is saved, a session and a lead", async () => {
    for (const [path, url] of addresses("files")) {
      assert.equal((await fetch(url)).status, 401, path);
      assert.ok(FOR_LEADS.test(path), path);
      assert.equal((await fetch(url, { headers: { cookie: sam } })).status, 403, path);
    }
  });
});
