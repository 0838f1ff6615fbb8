/** Everything in the console: nothing is shown or done without a session or for another site, and nothing of the leads' for support. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SUBJECTS } from "#server/page-routes.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";

const FOR_LEADS =
  /^\/(?:knowledge|lessons|person|procedures|rehearsals|audit\/export|policy\/(?!access))/;

const FORM = { "content-type": "application/x-www-form-urlencoded" };

describe("everything in the console", () => {
  const bench = suitePages({ sandbox: true });
  /** Addresses of one kind, with what they are called in the table. */
  const addresses = (
    kind: "presses" | "pages" | "parts" | "answers" | "files",
  ): readonly (readonly [string, string])[] =>
    SUBJECTS.flatMap((subject) => Object.keys(subject[kind] ?? {})).map((path) => [
      path,
      `${bench.url}/console${kind === "parts" ? "/part" : ""}${path.replaceAll(/:\w+/g, "x")}`,
    ]);

  test("is pressed with a session, from a page of ours, as data, and where it is for leads by a lead", async () => {
    const presses = addresses("presses");
    assert.ok(presses.length > 30);
    for (const [path, url] of presses) {
      const pressed = async (headers: Readonly<Record<string, string>>): Promise<number> =>
        (await post(url, {}, headers)).status;
      assert.equal(await pressed({}), 401, path);
      assert.equal(await pressed({ cookie: `deskhand_session=${"A".repeat(43)}` }), 401, path);
      assert.equal(await pressed({ cookie: bench.lea, "sec-fetch-site": "cross-site" }), 403, path);
      assert.equal(await pressed({ cookie: bench.lea, ...FORM }), 415, path);
      assert.equal((await pressed({ cookie: bench.sam })) === 403, FOR_LEADS.test(path), path);
    }
  });

  test("is shown with a session, and files of leads to leads", async () => {
    for (const kind of ["pages", "parts", "answers", "files"] as const)
      for (const [path, url] of addresses(kind))
        assert.equal((await fetch(url)).status, 401, `${kind} ${path}`);
    for (const [path, url] of addresses("files")) {
      assert.ok(FOR_LEADS.test(path), path);
      assert.equal((await fetch(url, { headers: { cookie: bench.sam } })).status, 403, path);
    }
  });
});
