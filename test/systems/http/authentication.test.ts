import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import type { Authentication } from "#systems/contract.ts";
import { clientUnderTest, readFails, request, signal } from "./client-under-test.ts";

const SECRET = "s3cret-Wert/+ 9";

const TOKENS: Authentication = {
  kind: "client-credentials",
  tokenUrl: "BOOKS_TOKENS",
  client: "BOOKS_CLIENT",
  secret: "BOOKS_SECRET",
  scopes: ["orders.read"],
};
const CLIENT = { BOOKS_CLIENT: "desk:hand", BOOKS_SECRET: SECRET };

type Given = Parameters<typeof clientUnderTest>;

/** A system that takes requests with a token only. */
async function withTokens(
  context: Given[0],
  given: { expiresInSeconds?: number; delayMs?: number; authentication?: Authentication } = {},
): ReturnType<typeof clientUnderTest> {
  const { authentication = TOKENS, expiresInSeconds = 3_600, delayMs = 0 } = given;
  const made = await clientUnderTest(context, {
    connection: { authentication },
    environment: CLIENT,
  });
  made.environment["BOOKS_TOKENS"] = `${made.standIn.url}/oauth/token`;
  made.standIn.answerWith(() => ({ status: 200, body: { id: "1" } }));
  made.standIn.requireTokens({ client: "desk:hand", secret: SECRET, expiresInSeconds, delayMs });
  return made;
}

describe("signing requests", () => {
  test("a key goes into a header or the query, a password and a token into their header", async (context) => {
    const ways: readonly (readonly [Authentication, string])[] = [
      [{ kind: "none" }, "undefined undefined undefined"],
      [
        { kind: "api-key", in: "header", name: "X-Api-Key", secret: "KEY" },
        "undefined k undefined",
      ],
      [{ kind: "api-key", in: "query", name: "key", secret: "KEY" }, "undefined undefined k"],
      [
        { kind: "basic", user: "USER", secret: "KEY" },
        `Basic ${btoa("ann:k")} undefined undefined`,
      ],
      [{ kind: "bearer", secret: "KEY" }, "Bearer k undefined undefined"],
    ];
    for (const [authentication, seen] of ways) {
      const { client, standIn } = await clientUnderTest(context, {
        connection: { authentication },
        environment: { KEY: "k", USER: "ann" },
      });
      await client.read(request(), signal);
      const [{ headers, query } = assert.fail()] = standIn.arrivals;
      const key = query.get("key") ?? undefined;
      assert.equal(`${headers.authorization} ${String(headers["x-api-key"])} ${key}`, seen);
    }
  });

  test("a secret is read from its file when it is needed, so that a new one counts at once", async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "deskhand-secret-"));
    context.after(async () => await rm(folder, { recursive: true }));
    const file = join(folder, "key");
    const { client, standIn } = await clientUnderTest(context, {
      connection: { authentication: { kind: "bearer", secret: "KEY" } },
      environment: { KEY_FILE: file },
    });
    for (const key of ["first", "second"]) {
      await writeFile(file, `${key}\n`);
      await client.read(request(), signal);
      assert.equal(standIn.arrivals.at(-1)?.headers.authorization, `Bearer ${key}`);
    }
    await rm(file);
    await readFails(client, /not there/);
    await writeFile(file, "x");
  });

  test("a setting that is missing or cannot be sent stops the request, and its name is told", async (context) => {
    const { client, standIn, environment } = await clientUnderTest(context, {
      connection: { authentication: { kind: "bearer", secret: "KEY" } },
    });
    for (const [key, words] of [
      ["", /KEY is not set/],
      ["a\r\nX-Admin: 1", /KEY has characters/],
      ["schlüssel", /KEY has characters/],
    ] as const) {
      environment["KEY"] = key;
      await readFails(client, words);
    }
    environment["KEY"] = "one";
    environment["KEY_FILE"] = "/other";
    await readFails(client, /both set/);
    assert.equal(standIn.arrivals.length, 0);
  });

  test("a tool cannot send the parameter or the header of the key", async (context) => {
    const query = { key: { from: "fixed", value: "theirs" } } as const;
    const inQuery = await clientUnderTest(context, {
      connection: { authentication: { kind: "api-key", in: "query", name: "key", secret: "KEY" } },
      environment: { KEY: "ours" },
    });
    await readFails(inQuery.client, /key's name/, request({ query }));
    assert.equal(inQuery.standIn.arrivals.length, 0);
    const inHeader = await clientUnderTest(context, {
      connection: {
        authentication: { kind: "api-key", in: "header", name: "X-Key", secret: "KEY" },
      },
      environment: { KEY: "ours" },
    });
    await inHeader.client.read(request({ headers: { "x-KEY": query.key } }), signal);
    assert.equal(inHeader.standIn.arrivals[0]?.headers["x-key"], "ours");
  });
});

describe("access tokens", () => {
  test("one request for a token serves many callers, and it is renewed before it expires", async (context) => {
    const { client, standIn, clock } = await withTokens(context, { delayMs: 50 });
    const all = await Promise.all(
      Array.from({ length: 5 }, async () => await client.read(request(), signal)),
    );
    assert.ok(all.every(({ kind }) => kind === "found"));
    assert.equal(standIn.tokenRequests.length, 1);
    assert.match(standIn.tokenRequests[0]?.text ?? "", /scope=orders\.read/);
    clock.moveOn(54 * 60_000);
    await client.read(request(), signal);
    assert.equal(standIn.tokenRequests.length, 1);
    // The last five minutes of an hour.
    clock.moveOn(2 * 60_000);
    await client.read(request(), signal);
    assert.equal(standIn.tokenRequests.length, 2);
  });

  test("a token that is refused is renewed once for all who used it, and the request is sent again", async (context) => {
    const { client, standIn } = await withTokens(context, { delayMs: 30 });
    await client.read(request(), signal);
    standIn.fail({ kind: "expired-token" });
    const change = request({ method: "POST" });
    const all = await Promise.all(
      Array.from({ length: 4 }, async () => await client.exchange(change, signal)),
    );
    assert.deepEqual(
      all.map((ended) => ended.kind === "answered" && ended.status),
      [200, 200, 200, 200],
    );
    assert.equal(standIn.tokenRequests.length, 2);
  });

  test("a system that refuses new tokens too is not asked for one with each call", async (context) => {
    const { client, standIn, clock } = await withTokens(context);
    standIn.fail({ kind: "expired-token" }, { times: 100 });
    for (let call = 0; call < 3; call += 1) await readFails(client, /expired.*credentials/);
    assert.equal(standIn.tokenRequests.length, 2);
    clock.moveOn(61_000);
    await assert.rejects(client.read(request(), signal));
    assert.equal(standIn.tokenRequests.length, 3);
  });

  test("a caller that leaves does not end the renewal that others wait for", async (context) => {
    const { client, standIn } = await withTokens(context, { delayMs: 200 });
    const leaving = new AbortController();
    const left = client.exchange(request(), leaving.signal);
    const stayed = client.read(request(), signal);
    setTimeout(() => leaving.abort(), 20);
    assert.equal((await left).kind, "unsent");
    assert.equal((await stayed).kind, "found");
    assert.equal(standIn.tokenRequests.length, 1);
  });

  test("the credentials go into the body where the endpoint wants them there", async (context) => {
    const authentication = { ...TOKENS, credentialsIn: "body" } as const;
    const { client, standIn } = await withTokens(context, { authentication });
    await client.read(request(), signal);
    assert.equal(standIn.tokenRequests[0]?.headers.authorization, undefined);
  });

  test("an endpoint that gives no token says why, and nothing is sent to the system", async (context) => {
    const { client, standIn, environment } = await withTokens(context);
    environment["BOOKS_SECRET"] = "wrong";
    await readFails(client, /refuses the client: invalid_client/);
    environment["BOOKS_TOKENS"] = "http://tokens.test/";
    await readFails(client, /https/);
    environment["BOOKS_TOKENS"] = "http://127.0.0.1:1/";
    await readFails(client, /does not answer/);
    assert.equal(standIn.arrivals.length, 0);
  });
});

test("no secret is in a log, an error or what a system is said to have answered", async (context) => {
  const ways: readonly Authentication[] = [
    { kind: "api-key", in: "header", name: "X-Key", secret: "BOOKS_SECRET" },
    { kind: "api-key", in: "query", name: "key", secret: "BOOKS_SECRET" },
    { kind: "basic", user: "BOOKS_USER", secret: "BOOKS_SECRET" },
    { kind: "bearer", secret: "BOOKS_SECRET" },
    TOKENS,
  ];
  for (const authentication of ways) {
    const { client, standIn, environment, logged } = await clientUnderTest(context, {
      connection: { authentication },
      environment: { ...CLIENT, BOOKS_USER: "ann" },
    });
    environment["BOOKS_TOKENS"] = `${standIn.url}/oauth/token`;
    if (authentication.kind === "client-credentials")
      standIn.requireTokens({ client: "desk:hand", secret: SECRET, expiresInSeconds: 60 });
    const text: string[] = [];
    const seen: string[] = [];
    // The system repeats in its error what it was sent.
    standIn.answerWith(({ headers, query }) => {
      const sent = `${headers.authorization} ${String(headers["x-key"])} ${query.get("key")}`;
      seen.push(sent);
      return { status: 400, body: { message: `who are you? ${sent}` } };
    });
    for (const fault of ["none", "lost", "html", "redirect", "expired-token"] as const) {
      if (fault === "redirect") standIn.fail({ kind: fault, to: "http://127.0.0.1:1/" });
      else if (fault !== "none") standIn.fail({ kind: fault });
      const ended = await client.exchange(request({ method: "POST" }), signal);
      text.push(ended.kind === "answered" ? ended.said : inspect(ended.cause, { depth: 9 }));
      await client
        .read(request(), signal)
        .catch((error: unknown) => text.push(inspect(error, { depth: 9 })));
    }
    environment["BOOKS_URL"] = "http://127.0.0.1:1";
    await client
      .read(request(), signal)
      .catch((error: unknown) => text.push(inspect(error, { depth: 9 })));
    const all = `${text.join("\n")}\n${logged()}`;
    // What was sent is known: without it, nothing could be found below.
    const sent = seen.join(" ").match(/(?:Basic|Bearer) (\S.*?)(?= undefined)|s3cret[^n]*9/g) ?? [];
    assert.ok(sent.length > 0, authentication.kind);
    const secrets = [SECRET, encodeURIComponent(SECRET), "token-", btoa(`ann:${SECRET}`)];
    for (const secret of secrets)
      assert.ok(!all.includes(secret), `${authentication.kind}: ${all}`);
    assert.match(all, /\[secret\]/, authentication.kind);
  }
});
