/** The commands about the policy: files are read from the current folder, waiting cards where the data is. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startControl, type CommandResult } from "#cli/control.ts";
import { runCommand } from "#cli/program.ts";
import { openPolicyBench } from "#test/jobs/policy/bench.ts";
import { type PolicyBench } from "#test/jobs/policy/bench-contract.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { typed } from "./typed-command.ts";
import { testLong } from "#test/support/tiers.ts";

const SANDBOX = readFileSync(SANDBOX_POLICY, "utf8");
const TWO_PEOPLE = SANDBOX.replace("up_to: 200.00", "up_to: 100.00");

describe("commands about the policy", () => {
  let bench: PolicyBench;
  let folder: string;
  let data: string;
  let control: { close(): Promise<void> };
  before(async () => {
    bench = await openPolicyBench();
    folder = mkdtempSync(join(tmpdir(), "deskhand-policy-"));
    data = mkdtempSync(join(tmpdir(), "deskhand-running-"));
    writeFileSync(join(folder, "old.yaml"), SANDBOX);
    writeFileSync(join(folder, "new.yaml"), TWO_PEOPLE);
    const { store, clock } = bench;
    const policy = { kind: "file", name: "deskhand.policy.yaml" } as const;
    control = await startControl(data, (call) =>
      runCommand({ store, clock, policy, folder: call.folder }, call.argv),
    );
  });
  after(async () => {
    await control.close();
    await bench.close();
    for (const one of [folder, data]) rmSync(one, { recursive: true, force: true });
  });

  const running = (...argv: string[]): Promise<CommandResult> =>
    typed(data, argv, { cwd: folder, home: folder });

  test("diff names what differs, what would be permitted, and the waiting cards of the running Deskhand", async () => {
    const asked = await bench.ask("My headphones broke, please refund order 789");
    const stricter = await running("policy", "diff", "old.yaml", "new.yaml");
    assert.deepEqual([stricter.exitCode, stricter.stderr], [0, ""]);
    assert.match(stricter.stdout, /operations\.refund\.rules\.usual\.up_to: 200 → 100/);
    assert.match(stricter.stdout, /Nothing is permitted that was not permitted before/);
    assert.match(stricter.stdout, new RegExp(`1 of 1 waiting card[^]*${asked.id}`));
    const laxer = await running("policy", "diff", "new.yaml", "./old.yaml");
    assert.match(laxer.stdout, /permits more than the old one/);
  });

  testLong(
    "diff compares two files where nothing is configured, and makes no database for it",
    async () => {
      const nowhere = join(folder, "data");
      const compared = await typed(nowhere, ["policy", "diff", "old.yaml", "new.yaml"], {
        cwd: folder,
        home: folder,
      });
      assert.deepEqual([compared.exitCode, compared.stderr], [0, ""]);
      assert.match(compared.stdout, /up_to: 200 → 100/);
      assert.equal(existsSync(nowhere), false);
      const broken = await typed(nowhere, ["policy", "diff", "old.yaml", "new.yaml"], {
        cwd: folder,
        home: folder,
        environment: {
          DESKHAND_PORT: "many",
        },
      });
      assert.equal(broken.exitCode, 0);
      assert.match(broken.stdout, /up_to: 200 → 100/);
      assert.match(broken.stderr, /waiting cards could not be looked at.*DESKHAND_PORT/s);
    },
  );

  testLong("a file that is not there, or has mistakes, is named", async () => {
    writeFileSync(join(folder, "wrong.yaml"), SANDBOX.replace("verdict: deny", "verdict: denied"));
    for (const argv of [
      ["policy", "diff", "old.yaml", "wrong.yaml"],
      ["policy", "check", "wrong.yaml"],
    ]) {
      const { exitCode, stderr } = await running(...argv);
      assert.equal(exitCode, 1);
      assert.match(stderr, /wrong\.yaml:\d+ operations\.refund\.rules\[0\]\.verdict/);
    }
    const missing = await running("policy", "diff", "old.yaml", "none.yaml");
    assert.equal(missing.exitCode, 1);
    assert.match(missing.stderr, /none\.yaml/);
  });

  testLong(
    "check and explain work anywhere; explain goes by the policy in force when no file is named",
    async () => {
      const nowhere = join(folder, "data");
      const checked = await typed(nowhere, ["policy", "check", "new.yaml"], {
        cwd: folder,
        home: folder,
      });
      assert.equal(checked.exitCode, 0, checked.stderr);
      const question = ["--operation", "refund", "--amount", "120", "--order-age", "12"];
      const own = await running("policy", "explain", ...question, "--file", "new.yaml");
      assert.match(own.stdout, /refund\.large/);
      const inForce = await running("policy", "explain", ...question);
      assert.equal(inForce.exitCode, 0, inForce.stderr);
      assert.match(inForce.stdout, /refund\.usual/);
      assert.equal(existsSync(nowhere), false);
    },
  );
});
