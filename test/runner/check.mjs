/**
 * `npm run check [-- NAME]`: everything that is checked without running the program, or one of it. The alerts need
 * Prometheus's `promtool`, and the adapters of other gates their packages, so they are checked only when they are named.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { main } from "../../src/bootstrap/child.mjs";
import { install, ROOT } from "../../src/bootstrap/install.mjs";

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

const CHECKS = {
  types: scripts.types,
  lint: scripts.lint,
  format: `${scripts.format} --check`,
  unused: "knip",
  rooms: "node test/runner/check-rooms.mjs",
  licences: "node test/release/main.ts licences",
};

const ON_REQUEST = {
  // Their packages are installed by `npm run faults -- gate`, and linked for the examples with `--examples`.
  "gate-systems": "tsc -p packages/gate-conformance/systems && tsc -p packages/gate/examples",
  alerts:
    "promtool check rules docs/prometheus/alerts.yml && promtool test rules docs/prometheus/alerts-test.yml",
};

/** Runs the checks in order until one fails; returns its exit code. */
function firstFailure(commands) {
  for (const command of commands) {
    const { status } = spawnSync(command, { cwd: ROOT, shell: true, stdio: "inherit" });
    if (status !== 0) return status ?? 1;
  }
  return 0;
}

const known = { ...CHECKS, ...ON_REQUEST };
const named = process.argv.slice(2);
const unknown = named.find((name) => !Object.hasOwn(known, name));
if (unknown === undefined)
  await main(async () => {
    await install({ development: true });
    process.exitCode = firstFailure(
      named.length === 0 ? Object.values(CHECKS) : named.map((name) => known[name]),
    );
  });
else {
  process.stderr.write(
    `npm run check knows no "${unknown}"; the names are ${Object.keys(known).join(", ")}.\n`,
  );
  process.exitCode = 2;
}
