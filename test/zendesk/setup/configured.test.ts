/** What the environment says about an account's customers and brands, as the channel gets it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { readConfig } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { connectionsOf } from "#connections/connect-all.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { silentLog } from "#test/store/bench.ts";
import { REAL_ENVIRONMENT } from "#test/support/real-parts.ts";

function zendeskWith(more: Readonly<Record<string, string>>) {
  const config = readConfig({ ...REAL_ENVIRONMENT, ...more });
  const notCalled = (): never => {
    throw new Error("nothing is asked while connections are made");
  };
  return connectionsOf({
    config,
    embedded: {
      redisUrl: null,
      slack: null,
      slackUnavailable: null,
      zendesk: null,
      mail: null,
      shop: null,
      close: async () => undefined,
    },
    store: { kind: "pglite", run: notCalled, close: async () => undefined },
    clock: { now: () => new Date() },
    log: silentLog,
    policy: loadPolicy(readPolicyFile(config), "policy"),
    secrets: { chatIdentity: "", mail: "", instance: "", canary: "", audit: "" },
  }).zendesk;
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
