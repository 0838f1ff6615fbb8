import assert from "node:assert/strict";
import { readFile, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test, afterEach, beforeEach } from "node:test";
import { tmpdir } from "node:os";
import { z } from "zod";
import { startSampleShop, type SampleShop } from "#sandbox/shop/index.ts";
import { until } from "#test/support/waiting.ts";

/** The moment the sample world is made in these tests. */
const NOW = new Date("2026-03-20T12:00:00Z");

const ErrorBody = z.object({
  code: z.string(),
  message: z.string(),
  field: z.string().optional(),
});
const Body = z.looseObject({
  id: z.string().optional(),
  refunded: z.number().optional(),
  refunds: z.array(z.unknown()).optional(),
  shipping_address: z.string().default(""),
  error: ErrorBody.default({ code: "", message: "" }),
});

/** `body` is an object answered, `list` the objects of a list answered, `json` either as it came. */
interface Answer {
  readonly status: number;
  readonly json: unknown;
  readonly body: z.infer<typeof Body>;
  readonly list: z.infer<typeof Body>[];
  readonly headers: Headers;
}

/** What a call may set besides its path. */
interface CallOptions {
  readonly method?: string;
  readonly body?: string;
  readonly key?: string;
  readonly idempotencyKey?: string | undefined;
}

/** The shop of the running test, the mails it sent, and a switch that makes its mail server unreachable. */
interface Bench {
  shop: SampleShop;
  directory: string;
  mails: { to: string; subject: string; text: string }[];
  mailServerAway: boolean;
  /** Closes the shop and starts it on the same directory. */
  restart(now?: Date): Promise<void>;
  call(path: string, options?: CallOptions): Promise<Answer>;
  post(path: string, idempotencyKey: string | undefined, body: unknown): Promise<Answer>;
}

async function speak(
  shop: SampleShop,
  path: string,
  { key = shop.key, idempotencyKey, method = "GET", body }: CallOptions,
): Promise<Answer> {
  const response = await fetch(`${shop.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body }),
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    },
  });
  const json: unknown = await response.json();
  return {
    status: response.status,
    json,
    body: Body.parse(Array.isArray(json) ? {} : json),
    list: z.array(Body).parse(Array.isArray(json) ? json : []),
    headers: response.headers,
  };
}

/** Gives every test of a file a fresh shop. */
function useShop(): Bench {
  const start = (now: Date) =>
    startSampleShop({
      directory: bench.directory,
      now: () => now,
      sendMail: (mail) => {
        if (bench.mailServerAway) return Promise.reject(new Error("connection refused"));
        bench.mails.push(mail);
        return Promise.resolve();
      },
    });
  const none: SampleShop = { url: "", openapi: "", key: "", close: () => Promise.resolve() };
  const bench: Bench = {
    shop: none,
    directory: "",
    mails: [],
    mailServerAway: false,
    restart: async (now = NOW) => {
      await bench.shop.close();
      bench.shop = await start(now);
    },
    call: (path, options = {}) => speak(bench.shop, path, options),
    post: (path, idempotencyKey, body) =>
      bench.call(path, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body ?? {}),
        idempotencyKey,
      }),
  };
  beforeEach(async () => {
    bench.directory = await mkdtemp(join(tmpdir(), "shop-"));
    bench.mails = [];
    bench.mailServerAway = false;
    bench.shop = await start(NOW);
  });
  afterEach(async () => {
    await bench.shop.close();
    await rm(bench.directory, { recursive: true });
  });
  return bench;
}

const bench = useShop();

test("without the right key nothing is answered but the document", async () => {
  for (const key of [
    "",
    "wrong",
    `${bench.shop.key}x`,
    bench.shop.key.slice(1),
    bench.shop.key.slice(0, -1),
  ]) {
    const answer = await bench.call("/orders/789", { key });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.error.code, "unauthorized");
  }
  assert.equal((await bench.call("/_sandbox/journal", { key: "wrong" })).status, 401);
  assert.equal((await fetch(bench.shop.openapi)).status, 200);
});

test("no order is due on a Sunday, on which the shop does not deliver", async () => {
  assert.equal(NOW.getUTCDay(), 5, "two days later is a Sunday");
  const { json } = await bench.call("/orders/2001");
  assert.equal(z.object({ due_on: z.string() }).parse(json).due_on, "2026-03-23");
});

test("a restart days later finds key, dates, refunds and keys again", async () => {
  await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" });
  const before = (await bench.call("/orders/789")).json;
  const { key } = bench.shop;
  await bench.restart(new Date("2026-04-20T12:00:00Z"));
  assert.equal(bench.shop.key, key);
  assert.deepEqual((await bench.call("/orders/789")).json, before);
  assert.equal(
    (await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" })).status,
    200,
  );
  assert.equal(
    (await bench.post("/orders/789/refunds", "k2", { amount: 100.01, currency: "USD" })).status,
    422,
  );
});

test("an address changes before shipping, once for its key, and the contact on file is told", async () => {
  const wanted = { shipping_address: "Ann Fields, 9 New Road, Salem, OR 97301, US" };
  const first = await bench.post("/orders/456/address", "a1", wanted);
  const again = await bench.post("/orders/456/address", "a1", wanted);
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.deepEqual(again.json, first.json);
  assert.equal((await bench.call("/orders/456")).body.shipping_address, wanted.shipping_address);
  await until("the mail", async () => bench.mails.length > 0);
  assert.deepEqual(
    bench.mails.map(({ to }) => to),
    ["ann@customer.test"],
  );
  assert.match(
    bench.mails[0]?.text ?? "",
    /It was:\nAnn Fields, 12 Orchard Lane[^]*It is now:\nAnn Fields, 9 New Road/,
  );
  const operation = (await bench.call("/operations/a1")).body;
  assert.equal(operation["operation"], "changeAddress");
  assert.deepEqual(operation["result"], first.json);
});

test("a reset link goes to the address on file only, and is told nowhere else", async () => {
  const first = await bench.post("/customers/u123/password-reset", "r1", {});
  const again = await bench.post("/customers/u123/password-reset", "r1", undefined);
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.equal(first.body["sent_to"], "a***@customer.test");
  await until("the mail", async () => bench.mails.length > 0);
  assert.deepEqual(
    bench.mails.map(({ to }) => to),
    ["ann@customer.test"],
  );
  assert.match(bench.mails[0]?.text ?? "", /open this link within 60 minutes:\n\nhttp/);
  const link =
    /http\S+\/reset\/\S+/.exec(bench.mails[0]?.text ?? "")?.[0] ??
    assert.fail("the mail has no link");
  const token = link.slice(link.lastIndexOf("/") + 1);
  const told = JSON.stringify([
    first.json,
    (await bench.call("/operations/r1")).json,
    (await bench.call("/_sandbox/journal")).json,
  ]);
  assert.ok(!told.includes(token));
  assert.ok(!(await readFile(join(bench.directory, "shop.json"), "utf8")).includes(token));
  assert.equal((await fetch(link)).status, 200);
  assert.equal((await fetch(`${bench.shop.url}/reset/guess`)).status, 404);
  const elsewhere = await bench.post("/customers/u123/password-reset", "r2", {
    email: "eve@evil.test",
  });
  assert.equal(elsewhere.body.error.field, "email");
});

test("a refund is made once for its key and answered again for the same request", async () => {
  const first = await bench.post("/orders/789/refunds", "k1", { amount: 20.5, currency: "USD" });
  const again = await bench.post("/orders/789/refunds", "k1", { currency: "USD", amount: 20.5 });
  assert.equal(first.status, 201);
  assert.equal(first.body["payment_id"], "pay_789");
  assert.equal(again.status, 200);
  assert.equal(again.headers.get("idempotent-replay"), "true");
  assert.deepEqual(again.json, first.json);
  const order = (await bench.call("/orders/789")).body;
  assert.equal(order.refunded, 20.5);
  assert.deepEqual(order.refunds, [
    {
      id: first.body.id,
      amount: 20.5,
      currency: "USD",
      idempotency_key: "k1",
      created_at: NOW.toISOString(),
    },
  ]);
  assert.deepEqual(
    (await bench.call("/orders/789/refunds?idempotency_key=k1")).json,
    order.refunds,
  );
  assert.deepEqual((await bench.call("/orders/789/refunds?idempotency_key=k2")).json, []);
});

test("a key used for another amount, order or operation is refused and changes nothing", async () => {
  await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" });
  const attempts = [
    await bench.post("/orders/789/refunds", "k1", { amount: 21, currency: "USD" }),
    await bench.post("/orders/1002/refunds", "k1", { amount: 5, currency: "USD" }),
    await bench.post("/customers/u123/password-reset", "k1", {}),
  ];
  for (const { status, body } of attempts) {
    assert.equal(status, 409);
    assert.equal(body.error.code, "idempotency_conflict");
  }
  assert.equal((await bench.call("/orders/789")).body.refunded, 20);
  assert.deepEqual(bench.mails, []);
});

test("never more goes back than was paid less what went back, to the last cent", async () => {
  assert.equal(
    (await bench.post("/orders/1002/refunds", "a", { amount: 0.1, currency: "USD" })).status,
    201,
  );
  assert.equal(
    (await bench.post("/orders/1002/refunds", "b", { amount: 0.2, currency: "USD" })).status,
    201,
  );
  const over = await bench.post("/orders/1002/refunds", "c", { amount: 8.71, currency: "USD" });
  assert.equal(over.status, 422);
  assert.equal(over.body.error.code, "amount_exceeds_refundable");
  assert.equal(over.body.error.field, "amount");
  assert.match(over.body.error.message, /8\.70/);
  // The refused attempt used up nothing: the same key may carry the corrected amount.
  assert.equal(
    (await bench.post("/orders/1002/refunds", "c", { amount: 8.7, currency: "USD" })).status,
    201,
  );
  assert.equal((await bench.call("/orders/1002")).body.refunded, 9);
});
