/**
 * Loaded ahead of a process under test by NODE_OPTIONS: writes down every module it loads, one address a line, into the
 * folder named by TEST_LOADED_MODULES.
 */
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { isMainThread } from "node:worker_threads";

// A thread is a program of its own, with a memory that ends with it.
const folder = isMainThread ? process.env.TEST_LOADED_MODULES : undefined;
if (folder !== undefined) {
  const file = join(folder, `${process.pid}.txt`);
  registerHooks({
    load(url, context, nextLoad) {
      appendFileSync(file, `${url}\n`);
      return nextLoad(url, context);
    },
  });
}
