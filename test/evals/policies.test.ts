import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { readConfig } from "#config/environment.ts";
import { readPolicyFile } from "#config/policy-file.ts";
import { OWN_POLICIES, policiesOver } from "#evals/harness/policies.ts";

const policies = policiesOver(readPolicyFile(readConfig({})));

describe("policies of cases", () => {
  test("every one of the folder is a policy that could be in force", () => {
    for (const file of readdirSync(OWN_POLICIES)) {
      const policy = policies(file.replace(/\.yaml$/, ""));
      assert.notEqual(policy.version, policies(null).version, file);
    }
  });
});
