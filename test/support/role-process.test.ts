/** What a process of a run says of itself: which life it is ready in, how that one ended, and what it takes. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { measuredMb } from "./processor-time.ts";
import { roleProcess, type RoleProcess } from "./role-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Says that it is ready. Asked to end it prints more than is kept, and ends with 7; forgotten it ends by itself. */
const PROGRAM = `
import { writeFileSync } from "node:fs";
import { join } from "node:path";
writeFileSync(join(process.env.DESKHAND_DATA, "worker"), "w_1");
process.on("SIGTERM", () => process.stdout.write("much ".repeat(50_000), () => process.exit(7)));
setTimeout(() => process.exit(9), 20_000);
console.log("It answers at http://127.0.0.1:9.");
`;

function talkative(context: TestContext): RoleProcess {
  const root = temporaryFolder(context);
  mkdirSync(join(root, "src"));
  writeFileSync(join(root, "src/main.ts"), PROGRAM);
  const started = roleProcess({ name: "it", role: "web", folder: root, environment: {}, root });
  context.after(() => started.end("SIGKILL"));
  return started;
}

test("a process is ready in its second life, too, however much it printed in its first", async (context) => {
  const it = talkative(context);
  await it.start();
  await it.end("SIGTERM");
  assert.equal(it.output().length, 200_000);
  await it.start();
  assert.deepEqual([it.isRunning(), it.worker], [true, "w_1"]);
});

test("the end of a process is told with its own code when it was started again meanwhile", async (context) => {
  const it = talkative(context);
  await it.start();
  const again = it.ended().then(() => it.start());
  const { code, signal } = await it.end("SIGTERM");
  assert.deepEqual([code, signal], [7, null]);
  await again;
  assert.equal((await it.end("SIGKILL")).signal, "SIGKILL");
});

test("the memory of a process that has ended is no figure", async (context) => {
  const it = talkative(context);
  await it.start();
  const pid = it.pid() ?? 0;
  assert.ok(measuredMb(pid, "VmHWM") > 1);
  await it.end("SIGKILL");
  assert.equal(it.memoryMb(), null);
  assert.throws(() => measuredMb(pid, "VmRSS"), /process \d+ does not run/);
});
