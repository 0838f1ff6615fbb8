import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { until, useShop } from "./bench.ts";

const bench = useShop();

test("an address changes before shipping, once for its key, and the contact on file is told", async () => {
  const wanted = { shipping_address: "Ann Fields, 9 New Road, Salem, OR 97301, US" };
  const first = await bench.post("/orders/456/address", "a1", wanted);
  const again = await bench.post("/orders/456/address", "a1", wanted);
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.deepEqual(again.json, first.json);
  assert.equal((await bench.call("/orders/456")).body.shipping_address, wanted.shipping_address);
  await until(() => bench.mails.length > 0);
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
  await until(() => bench.mails.length > 0);
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
