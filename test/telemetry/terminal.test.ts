/** What a person at a terminal sees of the log. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "../..");

test("beside a file a person at a terminal gets errors alone, as sentences that their terminal does not obey", async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, "deskhand.log");
  const program = `
    import { createLog } from ${JSON.stringify(join(ROOT, "src/telemetry/log.ts"))};
    const log = createLog("warn", { file: ${JSON.stringify(file)}, screen: "words" });
    log.warn("slow", {});
    log.error("an inbox needs login", { reason: "the password\\n was\\u001b[2J refused", inbox: "a" });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const shown = { text: "" };
  child.stderr.setEncoding("utf8").on("data", (chunk) => (shown.text += chunk));
  await once(child, "close");
  assert.equal(shown.text, "✗ an inbox needs login: the password  was [2J refused (inbox a)\n");
  assert.equal(readFileSync(file, "utf8").trim().split("\n").length, 2);
});
