import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { insertApproval } from "#store/approvals/approvals.ts";
import { addFile } from "#store/inbox/attachments.ts";
import { addMessages } from "#store/conversations/messages.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { aroundOf, refundCard } from "#test/slack/cards/card-samples.ts";
import { post, suitePages } from "./pages-bench.ts";

const NOW = new Date("2026-03-02T10:00:00Z");

describe("files customers sent, in the console", () => {
  const bench = suitePages({ sandbox: true });
  before(async () => {
    const blobRef = await bench.blobs.put(Buffer.from("<script>alert(1)</script>"));
    await bench.store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into conversation (id, channel, created_at, updated_at) values ('c1', 'zendesk', now(), now())`,
      );
      const name = "../../a\r\nX-Evil: 1 \u202Efdp.html";
      const attachment = { name, mediaType: "text/html", bytes: 25 };
      const file = {
        conversationId: "c1",
        messageKey: "m1",
        channel: "zendesk" as const,
        ref: "1",
        attachment,
      };
      await addFile(
        transaction,
        { ...file, id: "f1", place: 0 },
        { state: "kept", blobRef, bytes: 25 },
        NOW,
      );
      await addFile(
        transaction,
        { ...file, id: "f2", place: 1 },
        { state: "refused", reason: "malware was found in it" },
        NOW,
      );
    });
  });
  const get = (id: string, cookie: string): Promise<Response> =>
    fetch(`${bench.url}/console/files/${id}`, { headers: { cookie } });

  test("are given to teammates who are signed in, and to no other person", async () => {
    assert.equal((await get("f1", "")).status, 401);
    assert.equal((await get("f1", await bench.session("stranger@elsewhere.test"))).status, 403);
    const cookie = await bench.session("sam@ourshop.test");
    const answer = await get("f1", cookie);
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), "<script>alert(1)</script>");
    assert.equal((await get("f2", cookie)).status, 404);
    assert.equal((await get("nothing", cookie)).status, 404);
  });

  test("are saved under a harmless name and never shown as a page", async () => {
    const { headers } = await get("f1", await bench.session("sam@ourshop.test"));
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
    const cookie = await bench.session("sam@ourshop.test");
    const pixel = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
    const files = [
      { id: "p1", bytes: pixel, mediaType: "text/html", type: "image/png" },
      { id: "p2", bytes: Buffer.from("<svg onload='alert(1)'/>"), mediaType: "image/svg+xml" },
      { id: "p3", bytes: Buffer.from("<script>alert(1)</script>"), mediaType: "image/png" },
    ];
    for (const [place, { id, bytes, mediaType, type }] of files.entries()) {
      const blobRef = await bench.blobs.put(bytes);
      await bench.store.run(
        addFile,
        {
          id,
          conversationId: "c1",
          messageKey: "m2",
          channel: "zendesk",
          ref: id,
          place,
          attachment: { name: id, mediaType, bytes: bytes.length },
        },
        { state: "kept", blobRef, bytes: bytes.length },
        NOW,
      );
      const shown = await get(`${id}/picture`, cookie);
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
    const cookie = await bench.session("sam@ourshop.test");
    const address = `${bench.url}/console/files/f1/describe`;
    const answer = await post(address, new URLSearchParams(), { cookie });
    assert.equal(answer.status, 404);
  });

  test("are shown on their card, with the same text as on the desk", async () => {
    const photo = { name: "", mediaType: "image/png", bytes: 9 };
    const page = { name: "a", mediaType: "text/html", bytes: 25, ref: "1" };
    const message = { attachments: [page, page, photo, photo] };
    await bench.store.run(addMessages, "c1", [letterFrom("m1", "It broke.", NOW, message)], NOW);
    const around = aroundOf({
      files: "2 photos and 2 files, not seen by the bot",
      copies: ["bob@elsewhere.test"],
      records: { kind: "unproven" },
      citations: [{ source: "order 789, from the shop", words: ["789"], quote: "" }],
    });
    await bench.store.run(
      insertApproval,
      {
        id: "apr_1",
        conversationId: "c1",
        turnId: "t",
        kind: "proposal",
        version: 1,
        state: "pending",
        proposal: null,
        seal: "s",
        revision: "r",
        rules: [],
        needs: { count: 1, leads: 0 },
        votes: [],
        expiresAt: NOW,
        card: refundCard({ context: around }),
        answers: ["m1"],
      },
      NOW,
    );
    const cookie = await bench.session("sam@ourshop.test");
    const response = await fetch(`${bench.url}/console/case/c1`, { headers: { cookie } });
    const text = await response.text();
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
