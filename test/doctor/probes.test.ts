/** What the doctor says of a shop, a clock, a public address, Redis, own systems and a database without rights. */
import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import pg from "pg";
import { z } from "zod";
import { installationMark } from "#core/connection/signing-keys.ts";
import { DeskhandError, type ErrorCode } from "#core/values/errors.ts";
import { examineHere } from "#doctor/index.ts";
import { unopened } from "#doctor/mends.ts";
import {
  clockFinding,
  publicFinding,
  queueFinding,
  shopFinding,
  signatureFindings,
  toolFindings,
} from "#doctor/probes.ts";
import { createRejections } from "#server/http/webhook-routes.ts";
import { silentLog } from "#test/store/bench.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { REAL_ENVIRONMENT } from "#test/support/real-parts.ts";

async function serverOf(context: TestContext, handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
}

test("a shop takes our key when it answers a question of its contract, not when nothing is there", async (context) => {
  const empty = await serverOf(context, (_request, response) => response.writeHead(404).end());
  const found = await shopFinding(`${empty}/none`, "x");
  assert.equal(found.state, "problem");
  assert.match(found.found, /404/);
  const page = await serverOf(context, (_request, response) => response.end("<h1>Shop</h1>"));
  assert.equal((await shopFinding(page, "x")).state, "problem");
  const right = await serverOf(context, (request, response) =>
    request.url?.startsWith("/customers?email=") === true
      ? response.end("[]")
      : response.writeHead(404).end(),
  );
  assert.equal((await shopFinding(right, "x")).state, "ok");
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

test("a public address that leads elsewhere is named, and one that leads to this installation is well", async (context) => {
  const answering = (instance: string) =>
    serverOf(context, (request, response) => {
      const nonce = new URL(request.url ?? "", "http://here").searchParams.get("nonce") ?? "";
      response.end(
        JSON.stringify({ status: "ok", installation: installationMark(instance, nonce) }),
      );
    });
  const stateOf = async (url: string) => (await publicFinding(url, "here")).state;
  assert.equal(await stateOf(await answering("here")), "ok");
  assert.equal(await stateOf(await answering("another")), "problem");
  const page = await serverOf(context, (_request, response) => response.end("<h1>Welcome</h1>"));
  assert.equal(await stateOf(page), "problem");
  assert.equal(await stateOf("http://127.0.0.1:1"), "warning");
});

test("a Redis that evicts is told what to set, one that is away to look at its address", async () => {
  const remedyOf = async (code: "queue.evicting" | "queue.unavailable") =>
    (await queueFinding(() => Promise.reject(new DeskhandError(code, "so")))).remedy;
  assert.match((await remedyOf("queue.evicting")) ?? "", /maxmemory-policy noeviction/);
  assert.equal(await remedyOf("queue.unavailable"), "check REDIS_URL");
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

test(
  "a database user without rights is told once which rights to get",
  { skip: postgresMissing },
  async (context) => {
    const database = await freshDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("create role without_rights login password 'x'");
    const data = mkdtempSync(join(tmpdir(), "deskhand-rights-"));
    context.after(async () => {
      await client.query("drop role without_rights");
      await client.end();
      await database.drop();
      rmSync(data, { recursive: true, force: true });
    });
    const url = new URL(database.url);
    url.username = "without_rights";
    url.password = "x";
    const [finding, ...others] = await examineHere({
      ...REAL_ENVIRONMENT,
      DATABASE_URL: url.href,
      DESKHAND_DATA: data,
    });
    assert.deepEqual(others, []);
    assert.match(finding?.remedy ?? "", /GRANT CREATE ON DATABASE/);
    assert.equal(finding?.found.split("permission denied").length, 2, finding?.found);
  },
);
