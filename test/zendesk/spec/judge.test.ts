/** What the comparison with Zendesk's document makes of what the proxy finds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEVIATIONS } from "./deviations.ts";
import { type Accepted, judge } from "./judge.ts";
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

test("the same mistake of many calls is one violation, counted, with ids and places taken out", () => {
  const users = { users: [{ id: 1 }, { id: "2" }] };
  const calls = [call({}, users), call({ target: "/api/v2/tickets/36" }, users)];
  const found = calls.map(() => [
    wrong(
      "Response body property users.1.id must be integer",
      "response",
      "body",
      "users",
      "1",
      "id",
    ),
  ]);
  const { violations } = judge(calls, found, []);
  assert.equal(violations.length, 1);
  const [{ path, where, calls: count } = { path: "", where: "", calls: 0 }] = violations;
  assert.deepEqual([path, where, count], ["/api/v2/tickets/{id}", "body.users.[].id", 2]);
});

test("what the sandbox refused as well is no violation; what it accepted is", () => {
  const found = [[wrong("Request body property x must be string", "request", "body", "x")]];
  assert.equal(judge([call({ status: 422 })], found, []).refused, 1);
  assert.equal(judge([call({ status: 200 })], found, []).violations.length, 1);
});

test("that no alternative fits is left out beside the reasons why, and told where there is none", () => {
  const alternatives = wrong(
    "Response body property user must match a schema in anyOf",
    "response",
    "body",
    "user",
  );
  const reason = wrong(
    "Response body property user.phone must be string",
    "response",
    "body",
    "user",
    "phone",
  );
  const body = { user: { phone: 5 } };
  const both = judge([call({}, body)], [[alternatives, reason]], []);
  assert.deepEqual(
    both.violations.map(({ where }) => where),
    ["body.user.phone"],
  );
  assert.equal(judge([call({}, body)], [[alternatives]], []).violations.length, 1);
});

test("null where nothing is set is accepted, another wrong value in the same place is not", () => {
  const found = [
    [
      wrong(
        "Response body property ticket.recipient must be string",
        "response",
        "body",
        "ticket",
        "recipient",
      ),
    ],
  ];
  const nothing = judge([call({}, { ticket: { recipient: null } })], found, DEVIATIONS);
  assert.equal(nothing.violations.length, 0);
  assert.deepEqual(
    nothing.accepted.map(({ name }) => name),
    ["nothing where nothing is set"],
  );
  const number = judge([call({}, { ticket: { recipient: 7 } })], found, DEVIATIONS);
  assert.equal(number.violations.length, 1);
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

test("an accepted deviation that nothing shows any more is named", () => {
  const never: Accepted = { name: "gone", reason: "none", covers: () => false };
  assert.deepEqual(judge([call()], [[]], [never]).stale, ["gone"]);
});
