/** Four processes with nothing to do: how soon another one leads, and how soon a policy holds everywhere. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { z } from "zod";
import { postgresMissing } from "#test/support/postgres.ts";
import {
  startRole,
  startSharedServices,
  withoutZendesk,
  type SharedServices,
} from "#test/support/processes.ts";
import type { RoleProcess } from "#test/support/role-process.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { redisMissing } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

const Holder = z.array(z.object({ holder: z.string() }));

describe("an idle installation", { skip: postgresMissing || redisMissing }, () => {
  let shared: SharedServices;
  let database: pg.Client;
  const processes: RoleProcess[] = [];
  const folder = mkdtempSync(join(tmpdir(), "deskhand-idle-"));
  const policyFile = join(folder, "policy.yaml");
  before(async () => {
    shared = await startSharedServices();
    writeFileSync(policyFile, readFileSync(SANDBOX_POLICY, "utf8"));
    const environment = {
      ...withoutZendesk(shared.environment),
      EMBEDDINGS: "off",
      DESKHAND_POLICY: policyFile,
    };
    // One after the other, as a machine that is busy with other things needs it.
    for (const role of ["web", "worker", "worker", "worker"] as const)
      processes.push(await startRole(environment, role));
    database = new pg.Client({ connectionString: shared.databaseUrl });
    database.on("error", () => undefined);
    await database.connect();
  });
  after(async () => {
    await Promise.all(processes.map((one) => one.end("SIGKILL")));
    await database.end();
    await shared.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a policy that comes into force in one process holds in the others at once", async () => {
    const stricter = readFileSync(policyFile, "utf8").replace("up_to: 200.00", "up_to: 150.00");
    writeFileSync(policyFile, stricter);
    await until("the new policy", async () => {
      const { rows } = await database.query(
        "select 1 from policy_change where state = 'superseded'",
      );
      return rows.length > 0;
    });
    const began = performance.now();
    const knows = (one: RoleProcess) => one.output().includes("The policy changed.");
    await until("all processes to follow", async () => processes.every(knows));
    const tookMs = performance.now() - began;
    assert.ok(tookMs < 6_000, `${tookMs} ms`);
  });

  test("when the leader is killed, another process leads within seconds", async () => {
    const leader = async () => {
      const { rows } = await database.query(
        "select holder from duty where name = 'reconciler' and until > now()",
      );
      const [row] = Holder.parse(rows);
      return processes.find(({ worker }) => row?.holder.startsWith(worker));
    };
    const first = await until("a leader", leader);
    await first.end("SIGKILL");
    const began = performance.now();
    await until("another leader", async () => {
      const now = await leader();
      return now !== undefined && now !== first;
    });
    const tookMs = performance.now() - began;
    assert.ok(tookMs < 6_000, `${tookMs} ms`);
  });
});
