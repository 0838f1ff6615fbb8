import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { aroundOf, refundCard } from "#test/slack/cards/card-samples.ts";
import { addCase, addPicture } from "./console/seed.ts";
import { post, suitePages } from "./pages-bench.ts";

const NOW = new Date("2026-03-02T10:00:00Z");

describe("files customers sent, in the console", () => {
  const bench = suitePages({ sandbox: true });
  let cookie = "";
  before(async () => {
    cookie = await bench.session("sam@ourshop.test");
    const around = aroundOf({
      files: "2 photos and 2 files, not seen by the bot",
      copies: ["bob@elsewhere.test"],
      records: { kind: "unproven" },
      citations: [{ source: "order 789, from the shop", words: ["789"], quote: "" }],
    });
    const photo = { name: "", mediaType: "image/png", bytes: 9 };
    const page = { name: "a", mediaType: "text/html", bytes: 25, ref: "1" };
    await addCase(bench.store, {
      id: "1",
      at: NOW,
      card: { ...refundCard({ context: around }), approvalId: "a_1" },
      attachments: [page, page, photo, photo],
    });
    const name = "../../a\r\nX-Evil: 1 \u202Efdp.html";
    const bytes = Buffer.from("<script>alert(1)</script>");
    const file = { name, mediaType: "text/html", bytes, at: NOW };
    await addPicture(bench, "1", { ...file, id: "f1" });
    await addPicture(bench, "1", { ...file, id: "f2", refused: "malware was found in it" });
  });
  const get = (id: string, who = cookie): Promise<Response> =>
    fetch(`${bench.url}/console/files/${id}`, { headers: { cookie: who } });

  test("are given to teammates who are signed in, and to no other person", async () => {
    assert.equal((await get("f1", "")).status, 401);
    assert.equal((await get("f1", await bench.session("stranger@elsewhere.test"))).status, 403);
    const answer = await get("f1");
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), "<script>alert(1)</script>");
    assert.equal((await get("f2")).status, 404);
    assert.equal((await get("nothing")).status, 404);
  });

  test("are saved under a harmless name and never shown as a page", async () => {
    const { headers } = await get("f1");
    assert.equal(headers.get("content-type"), "application/octet-stream");
    assert.match(
      headers.get("content-disposition") ?? "",
      /^attachment; filename="aX-Evil: 1 fdp\.html"$/,
    );
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("content-security-policy"), "default-src 'none'; sandbox");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("x-evil"), null);
  });

  test("are shown as a picture only where their bytes are one, whatever they are called", async () => {
    const pixel = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
    const files = [
      { id: "p1", bytes: pixel, mediaType: "text/html", type: "image/png" },
      { id: "p2", bytes: Buffer.from("<svg onload='alert(1)'/>"), mediaType: "image/svg+xml" },
      { id: "p3", bytes: Buffer.from("<script>alert(1)</script>"), mediaType: "image/png" },
    ];
    await addCase(bench.store, { id: "2", at: NOW });
    for (const { id, bytes, mediaType, type } of files) {
      await addPicture(bench, "2", { id, bytes, mediaType, at: NOW });
      const shown = await get(`${id}/picture`);
      assert.equal(shown.status, type === undefined ? 404 : 200, id);
      if (type === undefined) continue;
      assert.equal(shown.headers.get("content-type"), type);
      assert.equal(shown.headers.get("x-content-type-options"), "nosniff");
      assert.equal(shown.headers.get("content-security-policy"), "default-src 'none'; sandbox");
    }
    assert.equal((await get("p1/picture", "")).status, 401);
    assert.equal((await get("p1/picture", await bench.session("no@elsewhere.test"))).status, 403);
  });

  test("have nothing under the address of a description where no model sees, whatever is sent there", async () => {
    const address = `${bench.url}/console/files/f1/describe`;
    const answer = await post(address, new URLSearchParams(), { cookie });
    assert.equal(answer.status, 404);
  });

  test("are shown on their card, with the same text as on the desk", async () => {
    const text = await bench.page("/case/c_1", cookie);
    for (const line of [
      "🗂 Records not looked up: the sender is not verified",
      "👀 1 in copy: bob@elsewhere.test",
      "¹ order 789, from the shop",
      "(order 789¹)",
      "not opened, malware was found in it",
      "📎 2 photos and 2 files, not seen by the bot",
      "📎 2 photos, not kept here",
    ])
      assert.ok(text.includes(line), line);
    assert.match(text, /<a href="\/console\/files\/f1" download="">/);
    assert.doesNotMatch(text, /files\/f2/);
  });
});
