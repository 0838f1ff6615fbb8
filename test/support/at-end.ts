/**
 * What the tests of a process share is closed after its last test. The runner loads this file before every test file:
 * a hook that is made inside a suite would end with that suite.
 */
import { after } from "node:test";
import { isMainThread } from "node:worker_threads";

const closers: (() => Promise<void>)[] = [];

/** Calls `close` after the last test of this process. */
export function atEndOfProcess(close: () => Promise<void>): void {
  closers.push(close);
}

// Threads and forked programs load this too, but are no test files.
if (
  isMainThread &&
  process.env["NODE_TEST_CONTEXT"] !== undefined &&
  process.argv[1]?.endsWith(".test.ts") === true
)
  after(async () => {
    for (const close of closers.splice(0)) await close();
  });
