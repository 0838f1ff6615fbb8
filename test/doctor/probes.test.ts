/** What the doctor says beside the planted mistakes: of a shop, a clock, signing secrets, own systems and where an error belongs. */
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import { unopened } from "#doctor/mends.ts";
import { clockFinding, shopFinding, signatureFindings, toolFindings } from "#doctor/probes.ts";
import { createRejections } from "#server/http/webhook-routes.ts";
import { silentLog } from "#test/store/bench.ts";

async function serverOf(context: TestContext, handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
}

test("a page in the place of a shop's list is a problem", async (context) => {
  const page = await serverOf(context, (_request, response) => response.end("<h1>Shop</h1>"));
  assert.equal((await shopFinding(page, "x")).state, "problem");
});

test("a vendor's requests of which none is taken name the signing secret, one taken ends it", () => {
  const rejections = createRejections(silentLog);
  const refused = new DeskhandError(
    "input.unverified",
    "the signature is not made with the app's secret",
  );
  rejections.count("slack", refused);
  rejections.count("slack", new DeskhandError("input.invalid", "not a payload of Slack"));
  rejections.count("slack", refused);
  const [finding, ...more] = signatureFindings(rejections.unverified());
  assert.deepEqual(more, []);
  assert.equal(finding?.state, "warning");
  assert.match(
    finding?.found ?? "",
    /^2 requests were refused .*not made with the app's secret\. /,
  );
  assert.match(finding?.remedy ?? "", /SLACK_SIGNING_SECRET/);
  rejections.taken("slack");
  assert.deepEqual(signatureFindings(rejections.unverified()), []);
});

test("a clock that is off by more than a minute is named, with the server it was compared with", async (context) => {
  const vendor = await serverOf(context, (_request, response) => response.writeHead(401).end());
  const after = (seconds: number) => ({ now: () => new Date(Date.now() + seconds * 1_000) });
  assert.equal((await clockFinding([vendor], after(0))).state, "ok");
  const wrong = await clockFinding(["http://127.0.0.1:1", vendor], after(-900));
  assert.equal(wrong.state, "warning");
  assert.match(wrong.found, /(?:899|900|901) seconds behind that of 127\.0\.0\.1/);
  const alone = await clockFinding([], after(0));
  assert.deepEqual([alone.state, alone.found.startsWith("not tried")], ["unknown", true]);
});

test("a refused connection is the database's only where the database is opened", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const path = "/srv/deskhand";
  const folder = Object.assign(new Error("EACCES: permission denied"), { code: "EACCES", path });
  const remedyOf = (error: Error) => unopened("slack", "connection", error).remedy ?? "";
  const below = (code: ErrorCode, cause: Error) => new DeskhandError(code, "away", { cause });
  assert.match(remedyOf(below("store.unavailable", refused)), /DATABASE_URL/);
  assert.match(remedyOf(folder), /DESKHAND_DATA/);
  assert.deepEqual([remedyOf(refused), remedyOf(below("channel.unavailable", refused))], ["", ""]);
});

test("own systems are asked as tools check asks them, and a refused key is a problem", async () => {
  const found = await toolFindings(["tools"], async () => [
    { about: "lamp", isWell: false, found: "lamp answered 401." },
  ]);
  assert.deepEqual(
    found.map(({ part, check, state }) => [part, check, state]),
    [["own systems", "lamp", "problem"]],
  );
  assert.deepEqual(await toolFindings([], null), []);
  assert.equal((await toolFindings(["tools"], null))[0]?.state, "unknown");
});
