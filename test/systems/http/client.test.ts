import assert from "node:assert/strict";
import { askOnce } from "#systems/ask-once.ts";
import type { Connection, ReadDeclaration } from "#systems/contract.ts";
import { findOrder, listOrders } from "#test/systems/declared-shop.ts";
import { memorySystem } from "#test/systems/memory-system.ts";
import { describe, test } from "node:test";
import { changeFailure } from "#systems/http/exchange.ts";
import type { StandInFault } from "#test/systems/stand-in.ts";
import { clientUnderTest, failsWith, readFails, request, signal } from "./client-under-test.ts";

const ORDER = { id: "1", total: "12.00" };
const refund = request({
  method: "POST",
  path: "/refunds",
  headers: { "Idempotency-Key": { from: "key" } },
  body: { encoding: "json", fields: { order: { from: "fixed", value: "1" } } },
});

describe("asking a system", () => {
  test("a look-up gives the answer's JSON, and what does not exist is absent", async (context) => {
    const { client, standIn } = await clientUnderTest(context, {
      connection: { headers: { "X-Version": "2" } },
    });
    standIn.answerWith(({ path }) =>
      path === "/orders/1" ? { status: 200, body: ORDER } : { status: 404, body: {} },
    );
    assert.deepEqual(await client.read(request(), signal), { kind: "found", body: ORDER });
    assert.deepEqual(await client.read(request({ path: "/orders/2" }), signal), { kind: "absent" });
    assert.equal(standIn.arrivals[0]?.headers["x-version"], "2");
  });

  test("an id of a form that the system never gives out is told apart, and said in the log", async (context) => {
    const { client, standIn, logged } = await clientUnderTest(context);
    standIn.answerWith(() => ({ status: 422, body: { errors: { id: ["is no number"] } } }));
    assert.deepEqual(await client.read(request(), signal), { kind: "not-understood" });
    assert.match(logged(), /did not understand a look-up.*is no number/);
  });

  test("an answer that says in its body that it failed is a failure, and may have done what was asked", async (context) => {
    const { client, standIn } = await clientUnderTest(context, {
      connection: { failsWith: "errors" },
    });
    const throttled = { errors: [{ message: "Throttled" }] };
    standIn.answerWith(() => ({ status: 200, body: throttled }));
    await readFails(client, /Throttled/);
    const ended = await client.exchange(refund, signal);
    failsWith(
      "system.uncertain",
      /Throttled/,
    )(changeFailure(client.connection, ended, { carriesKey: true }));
    standIn.answerWith(() => ({ status: 200, body: { errors: [], order: ORDER } }));
    assert.equal((await client.read(request(), signal)).kind, "found");
  });

  test("a refusal that lasts is asked for once and is no outage, and a change may have been made", async (context) => {
    const field = "errors.0.code";
    const { client, standIn, states } = await clientUnderTest(context, {
      connection: { failsWith: "errors", deniedWith: { field, is: ["DENIED"] } },
    });
    const errors = [{ message: "no right to returns", code: "DENIED" }];
    standIn.answerWith(() => ({ status: 200, body: { errors } }));
    for (let asked = 1; asked <= 6; asked += 1) {
      await readFails(client, /no right to returns/);
      assert.equal(standIn.arrivals.length, asked);
    }
    assert.deepEqual(states(), { "system books": "closed" });
    const ended = await client.exchange(refund, signal);
    const failure = changeFailure(client.connection, ended, { carriesKey: false });
    assert.equal(failure?.code, "system.uncertain");
  });

  test("a look-up is asked again after each failure that may pass", async (context) => {
    const faults: readonly StandInFault[] = [
      { kind: "lost" },
      { kind: "cut" },
      { kind: "failed", status: 500, isProcessed: false },
      { kind: "busy", retryAfter: "0" },
    ];
    const { client, standIn } = await clientUnderTest(context);
    standIn.answerWith(() => ({ status: 200, body: ORDER }));
    for (const fault of faults) {
      standIn.fail(fault);
      const { kind } = await client.read(request(), signal);
      assert.equal(kind, "found", fault.kind);
    }
    assert.equal(standIn.arrivals.length, 2 * faults.length);
  });

  test("a look-up is given up after its third failure, and after one that waits too long", async (context) => {
    const { client, standIn } = await clientUnderTest(context);
    standIn.fail({ kind: "failed", status: 502, isProcessed: false }, { times: 3 });
    await readFails(client, /broken/);
    assert.equal(standIn.arrivals.length, 3);
    standIn.fail({ kind: "busy", retryAfter: "30" });
    assert.equal((await readFails(client, /slow down/)).retryAfterMs, 30_000);
    assert.equal(standIn.arrivals.length, 4);
  });

  test("an answer that is no JSON is a clear error, and is not asked for again", async (context) => {
    const faults: readonly (readonly [StandInFault, RegExp])[] = [
      [{ kind: "html" }, /text\/html instead of JSON/],
      [{ kind: "broken-json" }, /broken JSON/],
      [{ kind: "redirect", to: "http://127.0.0.1:9/elsewhere" }, /status 302/],
      [{ kind: "large", bytes: 50_000_000 }, /more than 100000 bytes/],
    ];
    const { client, standIn } = await clientUnderTest(context);
    for (const [fault, words] of faults) {
      standIn.fail(fault);
      await readFails(client, words);
    }
    assert.equal(standIn.arrivals.length, faults.length);
  });

  test("an answer of 50 MB is left unread at the limit", async (context) => {
    const { client, standIn } = await clientUnderTest(context);
    standIn.fail({ kind: "large", bytes: 50_000_000 });
    await client.exchange(request(), signal);
    // What left besides waits in the buffers of both sockets.
    assert.ok(standIn.largeBytesSent() < 25_000_000, String(standIn.largeBytesSent()));
  });

  test("the time limit counts for the whole, and ends the request", async (context) => {
    const { client, standIn } = await clientUnderTest(context, {
      connection: { limits: { timeoutMs: 200, answerBytesMax: 1_000, perMinute: null } },
    });
    standIn.fail({ kind: "slow", ms: 60_000 }, { times: 2 });
    assert.equal((await client.exchange(refund, signal)).kind, "lost");
    await readFails(client);
    assert.equal(standIn.arrivals.length, 2);
    const stopped = AbortSignal.abort();
    assert.equal((await client.exchange(refund, stopped)).kind, "unsent");
    assert.equal(standIn.arrivals.length, 2);
  });

  test("a limit a minute is kept, and a wait that does not fit sends nothing", async (context) => {
    const { client, standIn } = await clientUnderTest(context, {
      // The next turn comes after fifteen seconds.
      connection: { limits: { timeoutMs: 10_000, answerBytesMax: 1_000, perMinute: 4 } },
    });
    standIn.answerWith(() => ({ status: 200, body: ORDER }));
    await client.read(request(), signal);
    assert.ok((await readFails(client, /4 times a minute/)).notTried);
    assert.equal(standIn.arrivals.length, 1);
  });

  test("the time that a request waits for its turn is not taken from its own", async (context) => {
    const { client, standIn } = await clientUnderTest(context, {
      connection: { limits: { timeoutMs: 4_000, answerBytesMax: 1_000, perMinute: 24 } },
    });
    standIn.answerWith(() => ({ status: 200, body: ORDER }));
    // Six may come at once, the next one three seconds later.
    for (let at = 0; at < 6; at += 1) await client.read(request(), signal);
    standIn.fail({ kind: "slow", ms: 1_500 });
    assert.equal((await client.exchange(refund, signal)).kind, "answered");
  });

  test("a check tells an address with nothing behind it from a record that is not there", async (context) => {
    const { client, standIn } = await clientUnderTest(context);
    const asked = async (tool: ReadDeclaration, status: number) => {
      standIn.answerWith(() => ({ status, body: status === 200 ? { orders: [] } : {} }));
      const { ports } = memorySystem();
      const asking = { ...ports, clientOf: () => client, serverTools: async () => [] };
      const [found] = await askOnce([tool], asking, signal);
      return [found?.problem?.message.replace(/\. .*/, "") ?? null, found?.isSignedIn];
    };
    const everyOrder = (connection: Connection): ReadDeclaration => {
      const tool = listOrders(connection);
      return { ...tool, from: { ...tool.from, request: { method: "GET", path: "/orders" } } };
    };
    for (const [tool, status, ends] of [
      [listOrders, 200, [null, true]],
      [listOrders, 204, [null, true]],
      [findOrder, 404, [null, false]],
      [listOrders, 404, [null, false]],
      [
        everyOrder,
        404,
        ["books answers, but it has nothing at the address of our first question", false],
      ],
      [everyOrder, 400, ["books answers, but it does not understand our first question", false]],
    ] as const)
      assert.deepEqual(await asked(tool(client.connection), status), ends, String(status));
  });

  test("a system that fails again and again is left alone for a while", async (context) => {
    const { client, standIn, states } = await clientUnderTest(context);
    standIn.fail({ kind: "failed", status: 503, isProcessed: false }, { times: 5 });
    for (let call = 0; call < 5; call += 1) await client.exchange(refund, signal);
    assert.deepEqual(states(), { "system books": "open" });
    const ended = await client.exchange(refund, signal);
    assert.equal(ended.kind, "unsent");
    await readFails(client, /left alone/);
    assert.equal(standIn.arrivals.length, 5);
  });

  test("an address that secrets must not be sent to is refused", async (context) => {
    const { client, standIn, environment } = await clientUnderTest(context);
    for (const [address, words] of [
      ["http://system.test", /https/],
      ["ftp://127.0.0.1", /https/],
      ["https://ann:pa55word@system.test", /credentials in it/],
      ["https://system.test/?key=pa55word", /not sent/],
      ["system", /no address/],
    ] as const) {
      environment["BOOKS_URL"] = address;
      assert.doesNotMatch(String(await readFails(client, words)), /pa55word/);
    }
    delete environment["BOOKS_URL"];
    await readFails(client, /BOOKS_URL is not set/);
    assert.equal(standIn.arrivals.length, 0);
  });
});

describe("how a change ended", () => {
  const kept = { carriesKey: true };

  test("only what was certainly not done may be sent again", async (context) => {
    const { client, standIn } = await clientUnderTest(context);
    const cases: readonly (readonly [StandInFault, string])[] = [
      [{ kind: "lost" }, "system.uncertain"],
      [{ kind: "cut" }, "system.uncertain"],
      [{ kind: "busy", retryAfter: "1" }, "system.unavailable"],
      [{ kind: "failed", status: 503, isProcessed: true }, "system.uncertain"],
      [{ kind: "failed", status: 401, isProcessed: false }, "system.unavailable"],
      [{ kind: "failed", status: 403, isProcessed: false }, "system.refused"],
      [{ kind: "failed", status: 409, isProcessed: false }, "system.uncertain"],
      [{ kind: "redirect", to: "/done" }, "system.uncertain"],
      [{ kind: "html" }, "system.uncertain"],
      [{ kind: "large", bytes: 1_000_000 }, "system.uncertain"],
    ];
    for (const [fault, code] of cases) {
      standIn.fail(fault);
      const ended = await client.exchange(refund, signal);
      assert.equal(changeFailure(client.connection, ended, kept)?.code, code, fault.kind);
    }
    // A change is sent once, whatever happens.
    assert.equal(standIn.arrivals.length, cases.length);
    standIn.answerWith(() => ({ status: 201, body: { id: "r1" } }));
    const done = await client.exchange(refund, signal);
    assert.equal(changeFailure(client.connection, done, kept), null);
  });

  test("a conflict without a key is a no", async (context) => {
    const { client, standIn } = await clientUnderTest(context);
    standIn.fail({ kind: "failed", status: 409, isProcessed: false });
    const conflict = await client.exchange(refund, signal);
    const without = { carriesKey: false };
    assert.equal(changeFailure(client.connection, conflict, without)?.code, "system.refused");
  });

  test("a system that cannot be reached has done nothing", async (context) => {
    const { client, environment } = await clientUnderTest(context);
    // Port 1 answers on no machine of ours.
    environment["BOOKS_URL"] = "http://127.0.0.1:1";
    const ended = await client.exchange(refund, signal);
    assert.equal(ended.kind, "unsent");
    assert.equal(changeFailure(client.connection, ended, kept)?.code, "system.unavailable");
  });

  test("the system's own reason is told, on one line and cut", async (context) => {
    const { client, standIn } = await clientUnderTest(context);
    for (const [body, said] of [
      [{ error: { message: "already\nrefunded" } }, /^books said no: already refunded$/],
      [{ errors: { base: ["too much"] } }, /too much/],
      [{ errors: [{ detail: "not\u202e like this" }] }, /not like this/],
      [{ message: "x".repeat(500) }, /^books said no: x{200}$/],
      [{ anything: 1 }, /status 422/],
      [[[[[["deep"]]]]], /status 422/],
    ] as const) {
      standIn.answerWith(() => ({ status: 422, body }));
      const ended = await client.exchange(refund, signal);
      assert.match(changeFailure(client.connection, ended, kept)?.message ?? "", said);
    }
  });
});
