/**
 * Loaded first in every test file's process: node:test tells by the asynchronous context which test is running.
 *
 * It otherwise notes the test of every promise that is made and forgets it when the promise is collected, which costs
 * six times what the promise does. Node's own context is passed on for nothing. node:test takes what it uses of
 * `node:async_hooks` once, when it is loaded, so nobody else gets what is put there meanwhile.
 */
import hooks from "node:async_hooks";
import { isMainThread } from "node:worker_threads";

const { AsyncLocalStorage, AsyncResource, createHook, executionAsyncId } = hooks;

/** The resource of the running test, by its number. */
const running = new AsyncLocalStorage();

// Threads and forked programs load this too, but are no test files.
if (
  isMainThread &&
  process.env.NODE_TEST_CONTEXT !== undefined &&
  /\.test\.m?[jt]s$/u.test(process.argv[1] ?? "")
)
  await follow();

async function follow() {
  /** Tells node:test of a resource, which it keeps if that is a test. */
  let tell = () => undefined;

  class Followed extends AsyncResource {
    runInAsyncScope(work, self, ...given) {
      const id = this.asyncId();
      tell(id, this.constructor.name, 0, this);
      return super.runInAsyncScope(() => running.run(id, () => Reflect.apply(work, self, given)));
    }
  }

  Object.assign(hooks, {
    AsyncResource: Followed,
    createHook: ({ init }) => {
      tell = init;
      return { enable: () => undefined, disable: () => undefined };
    },
    executionAsyncId: () => running.getStore() ?? executionAsyncId(),
  });
  await import("node:test");
  Object.assign(hooks, { AsyncResource, createHook, executionAsyncId });
}
