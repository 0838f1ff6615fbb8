/** The requests that the ready-made shops declare, as their stand-ins read and answer them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { type StartedShop, startShop } from "#sandbox/shops/index.ts";
import type { Connection, RequestTemplate } from "#systems/contract.ts";
import { prepareRequest } from "#systems/http/prepare-request.ts";
import { fieldAt, type RequestValues } from "#systems/request-values.ts";
import { READY_MADE, type ReadyMade, readOf, refundOf } from "./shops.ts";

const EMAIL = "ann@customer.test";

/** Sends one declared request, signed as the connection says, and gives the JSON that came back. */
async function sent(
  { settings, url }: StartedShop,
  connection: Connection,
  template: RequestTemplate,
  values: RequestValues,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const prepared = prepareRequest(template, values);
  if (prepared.kind === "refused") throw new Error(prepared.reason);
  const { path, method, query, headers, body } = prepared.request;
  const response = await fetch(
    `${settings[connection.addressFrom] ?? url}${path}?${new URLSearchParams(Object.fromEntries(query)).toString()}`,
    {
      method,
      headers: {
        ...headers,
        ...(await signed(connection, settings)),
        "content-type": body?.type ?? "",
      },
      body: body?.text ?? null,
    },
  );
  return { status: response.status, body: await response.json() };
}

async function signed(
  { addressFrom, authentication }: Connection,
  settings: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  if (authentication.kind === "client-credentials") {
    const asked = await fetch(new URL(authentication.tokenUrl, settings[addressFrom]), {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: settings[authentication.client] ?? "",
        client_secret: settings[authentication.secret] ?? "",
      }),
    });
    const { access_token } = z.object({ access_token: z.string() }).parse(await asked.json());
    return { [authentication.header ?? ""]: access_token };
  }
  if (authentication.kind === "bearer")
    return { authorization: `Bearer ${settings[authentication.secret]}` };
  if (authentication.kind === "api-key")
    return { [authentication.name]: settings[authentication.secret] ?? "" };
  assert.equal(authentication.kind, "basic");
  if (authentication.kind !== "basic") return {};
  const pair = `${settings[authentication.user]}:${settings[authentication.secret]}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function valuesOf(shop: ReadyMade, more: Partial<RequestValues> = {}): RequestValues {
  const requester = { customer_id: null, email: EMAIL, system_id: shop.customer };
  return { input: {}, requester, record: null, key: null, ...more };
}

for (const shop of READY_MADE)
  test(`${shop.name} shows the customer's orders and takes and finds a refund by its key`, async () => {
    const running = await startShop(shop.name);
    try {
      const read = readOf(shop);
      const listed = await sent(running, read.connection, read.from.request, valuesOf(shop));
      const records = read.from.record.array().parse(fieldAt(listed.body, read.from.at));
      assert.equal(records.length, 4);
      assert.ok(!JSON.stringify(records).includes("never shown"));
      const refund = refundOf(shop);
      const { about, commit, find, connection } = refund;
      const unit = shop.name === "stripe" ? 2500 : "25.00";
      const input = refund.input.parse({ ...shop.input("1001"), amount: "25.00" });
      const values = valuesOf(shop, { input: { ...input, amount: unit }, key: "key-1" });
      const seen = await sent(running, connection, about.from.request, values);
      const record = about.from.record.parse(fieldAt(seen.body, about.from.at));
      const booked = await sent(running, connection, commit.request, { ...values, record });
      const receipt = commit.receipt.parse(booked.body);
      assert.equal(find.by, "key");
      if (find.by !== "key") return;
      const again = await sent(running, connection, find.from.request, { ...values, record });
      const kept = find.from.record.array().parse(fieldAt(again.body, find.from.at));
      assert.deepEqual(
        kept
          .filter((one) => fieldAt(one, find.keyField) === "key-1")
          .map((one) => fieldAt(one, find.ref)),
        [fieldAt(receipt, commit.ref)],
      );
      assert.equal(running.refunds().length, 1);
    } finally {
      await running.close();
    }
  });
