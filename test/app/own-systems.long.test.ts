/** Roles start with systems of the shop's own in place of the sample shop, several of them side by side. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { postgresMissing } from "#test/support/postgres.ts";
import {
  readiness,
  startRole,
  startSharedServices,
  type SharedServices,
  withoutZendesk,
} from "#test/support/processes.ts";
import { redisMissing } from "#test/support/redis.ts";

const TOOLS = "adapters/shops/sample-shop";

/** The sandbox's policy with the rules that stand beside these tools. */
function policyFor(shared: string, tools: string): string {
  const rules = readFileSync(tools, "utf8").split("operations:\n")[1] ?? "";
  const policy = readFileSync(shared, "utf8");
  const changed = policy.replace(/^operations:\n/m, (line) => `${line}${rules}`);
  assert.notEqual(changed, policy);
  return changed;
}

describe("own systems alone", { skip: postgresMissing || redisMissing }, () => {
  let shared: SharedServices;
  const folder = mkdtempSync(join(tmpdir(), "deskhand-own-systems-"));
  const policy = join(folder, "policy.yaml");
  before(async () => {
    shared = await startSharedServices();
    const { DESKHAND_POLICY = "" } = shared.environment;
    writeFileSync(policy, policyFor(DESKHAND_POLICY, join(TOOLS, "policy.yaml")));
  });
  after(async () => {
    await shared.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const role of ["web", "worker", "channels"] as const)
    test(`a ${role} process comes up without a shop`, async () => {
      const { SHOP_URL, SHOP_KEY, ...environment } = withoutZendesk(shared.environment);
      const started = await startRole(
        {
          ...environment,
          TOOLS,
          DESKHAND_POLICY: policy,
          OURSHOP_ADDRESS: SHOP_URL ?? "",
          OURSHOP_KEY: SHOP_KEY ?? "",
        },
        role,
      );
      try {
        assert.equal((await readiness(started.url)).http, 200, started.output());
      } finally {
        await started.end("SIGKILL");
      }
    });
});
