/** Where cards go is named in the environment, by the names the policy gives places. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { connectionsWith } from "#test/connections/connections-with.ts";

function slackWith(variables: Readonly<Record<string, string>>, policyText?: string) {
  return connectionsWith(variables, policyText).slack;
}

function placesWith(list: string): Readonly<Record<string, string>> | undefined {
  return slackWith({ SLACK_PLACES: list })?.places;
}

test("a list of another form is refused by name", () => {
  for (const list of ["C0123", "money=", "money=C1;german=C2", "=C0123", "money=C1,,"])
    assert.throws(
      () => placesWith(list),
      (error) => error instanceof DeskhandError && /SLACK_PLACES: must be/.test(error.message),
      list,
    );
});

test("each trusted workspace has its mail domains, several where it is named more than once", () => {
  const list = "T0123=customer.example, T0123=b.example,E0456 = org.test";
  assert.deepEqual(
    slackWith({ SLACK_CONNECT_TRUSTED: list })?.trusted,
    new Map([
      ["T0123", new Set(["customer.example", "b.example"])],
      ["E0456", new Set(["org.test"])],
    ]),
  );
  assert.deepEqual(slackWith({})?.trusted, new Map());
});

test("a list of trusted workspaces that cannot be read stops the start and says how it is written", () => {
  for (const wrong of [
    "customer.example",
    "T0123",
    "T0123=",
    "T0123=@customer.example",
    "T0123=customer",
    "C0123=customer.example",
    "T0123=a.example T0456=b.example",
    "T0123=*.example",
  ])
    assert.throws(
      () => slackWith({ SLACK_CONNECT_TRUSTED: wrong }),
      /SLACK_CONNECT_TRUSTED: must be workspace id=mail domain/,
      wrong,
    );
});
