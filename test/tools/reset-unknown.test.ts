/** Who is proven by address and known to connected systems alone has no account in the shop to reset. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { verified } from "#test/support/fixtures/turns.ts";
import { contextOf, propose } from "./tool-bench.ts";

test("a reset for somebody the shop does not know is no proposal, and no key of the ledger has an address", async () => {
  const carl = {
    ...verified("u123"),
    emailOnFile: "carl@nowhere.test",
    customerId: "email:carl@nowhere.test",
  };
  const { planned } = await propose("reset_password", {}, contextOf(carl));
  assert.doesNotMatch(JSON.stringify(planned?.key ?? ""), /@/);
  assert.equal(planned, null);
});
