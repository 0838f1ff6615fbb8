/** What the comparison with Zendesk's document makes of what the proxy finds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEVIATIONS } from "./deviations.ts";
import { judge } from "./judge.ts";
import type { Recorded } from "./recording.ts";
import type { Violation } from "./replay.ts";

function call(changed: Partial<Recorded> = {}, body: unknown = {}): Recorded {
  return {
    method: "GET",
    target: "/api/v2/tickets/35?include=users",
    requestType: null,
    status: 200,
    headers: {},
    body: JSON.stringify(body),
    ...changed,
  };
}

function wrong(message: string, ...location: (string | number)[]): Violation {
  return { severity: "Error", location, message };
}

test("what the sandbox refused as well is no violation; what it accepted is", () => {
  const found = [[wrong("Request body property x must be string", "request", "body", "x")]];
  assert.equal(judge([call({ status: 422 })], found, []).refused, 1);
  assert.equal(judge([call({ status: 200 })], found, []).violations.length, 1);
});

test("an endpoint the document does not have is a violation unless the list says so", () => {
  const found = [[wrong("Selected route not found", "request")]];
  const at = (target: string) => judge([call({ target })], found, DEVIATIONS).violations.length;
  assert.equal(at("/api/v2/webhooks/01J9/invocations"), 0);
  assert.equal(at("/api/v2/webhooked"), 1);
  assert.equal(at("/api/v2/webhooks.json"), 1);
  assert.equal(at("/api/v2/tickets/35.json"), 1);
  assert.equal(at("/api/v2/invented"), 1);
});
