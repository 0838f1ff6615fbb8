/** A log whose disk is full. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");

test("a full disk under the log costs lines, not the process, and is told", async () => {
  const program = `
    import { createLog } from ${JSON.stringify(join(ROOT, "src/telemetry/log.ts"))};
    import { logTrouble } from ${JSON.stringify(join(ROOT, "src/telemetry/log.ts"))};
    const log = createLog("info", { file: "/dev/full" });
    for (let line = 0; line < 3; line += 1) log.warn(\`line \${line}\`);
    setTimeout(() => process.stdout.write(\`on: \${logTrouble()}\`), 50);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const shown = { text: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk) => (shown.text += chunk));
  await once(child, "close");
  assert.match(shown.text, /^on: log lines cannot be written \(ENOSPC/);
});
