/**
 * Loaded first in every test file's process: fails a test file that leaves something open.
 *
 * An open server or socket would keep the process, and with it the whole run, alive for ever; this reports what is
 * open.
 */
import { after } from "node:test";
import { isMainThread } from "node:worker_threads";

/** From the end of the last test and of what its process shared: time for connections to close. */
const GRACE_MS = 60_000;

// Threads and forked programs load this too, but are no test files.
if (
  isMainThread &&
  process.env.NODE_TEST_CONTEXT !== undefined &&
  process.argv[1]?.endsWith(".test.ts")
) {
  after(() => {
    const timer = setTimeout(() => {
      const open = process
        .getActiveResourcesInfo()
        .filter((name) => !/^(TTYWrap|PipeWrap)$/.test(name));
      process.stderr.write(
        `Left open ${GRACE_MS / 1000} s after the last test: ${open.join(", ")}\n`,
      );
      process.exit(1);
    }, GRACE_MS);
    timer.unref();
  });
}
