/** A port that something else still holds may be free a moment later: a supervisor has to try again. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { NODE_FLAGS } from "../../src/bootstrap/node-flags.mjs";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

test("a port that is taken at the moment does not end with the code after which nobody starts it again", async (context) => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  context.after(() => holder.close());
  const address = holder.address();
  assert.ok(address !== null && typeof address !== "string");
  const folder = temporaryFolder(context);
  const child = spawn(process.execPath, [...NODE_FLAGS, "src/main.ts"], {
    cwd: join(import.meta.dirname, "../.."),
    env: {
      ...BARE_ENVIRONMENT,
      HOME: folder,
      DESKHAND_DATA: folder,
      EMBEDDINGS: "off",
      DESKHAND_PORT: String(address.port),
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let error = "";
  child.stderr.on("data", (chunk) => (error += String(chunk)));
  const [code] = await once(child, "close");
  assert.match(error, /cannot be listened on/);
  assert.equal(code, 1);
});
