/** Where cards go is named in the environment, by the names the policy gives places. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/errors.ts";
import { readConfig } from "#src/config.ts";
import { connectionsOf } from "#src/connections.ts";
import { loadPolicy } from "#policy/policy.ts";
import { readPolicyFile } from "#src/policy-file.ts";
import { silentLog } from "#test/store/bench.ts";
import { REAL } from "#test/support/real-parts.ts";

function placesWith(list: string): Readonly<Record<string, string>> | undefined {
  const config = readConfig({ ...REAL, SLACK_PLACES: list });
  const nobody = (): never => {
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
    store: { kind: "pglite", run: nobody, close: async () => undefined },
    clock: { now: () => new Date() },
    log: silentLog,
    policy: loadPolicy(readPolicyFile(config), "policy"),
    secrets: { chatIdentity: "", mail: "", instance: "", canary: "", audit: "" },
  }).slack?.places;
}

test("each place has the channel named for it, with spaces or without", () => {
  assert.deepEqual(placesWith("approvals-money=C0123, German desk = C0456"), {
    "approvals-money": "C0123",
    "German desk": "C0456",
  });
  assert.deepEqual(placesWith(""), {});
});

test("a list of another form is refused by name", () => {
  for (const list of ["C0123", "money=", "money=C1;german=C2", "=C0123", "money=C1,,"])
    assert.throws(
      () => placesWith(list),
      (error) => error instanceof DeskhandError && /SLACK_PLACES: must be/.test(error.message),
      list,
    );
});
