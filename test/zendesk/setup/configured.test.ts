/** What the environment says about an account's customers and brands, as the channel gets it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { connectionsWith } from "#test/connections/connections-with.ts";

function zendeskWith(variables: Readonly<Record<string, string>>) {
  return connectionsWith(variables).zendesk;
}

test("senders are taken for unproven and the account for one of one brand, unless it says otherwise", () => {
  const plain = zendeskWith({});
  assert.deepEqual([plain?.senderAuthentication, plain?.brands], [false, undefined]);
  const told = zendeskWith({
    ZENDESK_SENDER_AUTHENTICATION: "on",
    ZENDESK_BRANDS: "360001=ourshop, 360002 = other brand",
  });
  assert.equal(told?.senderAuthentication, true);
  assert.deepEqual(told.brands, { "360001": "ourshop", "360002": "other brand" });
});

test("an account's macros are passages unless it says otherwise", () => {
  assert.equal(zendeskWith({})?.macros, true);
  assert.equal(zendeskWith({ ZENDESK_MACROS: "off" })?.macros, false);
});

test("a list of brands of another form is refused by name", () => {
  for (const list of ["ourshop", "360001", "360001=", "a=ourshop", "1=a;2=b", "1=a,,"])
    assert.throws(
      () => zendeskWith({ ZENDESK_BRANDS: list }),
      (error) => error instanceof DeskhandError && /ZENDESK_BRANDS: must be/.test(error.message),
      list,
    );
});
