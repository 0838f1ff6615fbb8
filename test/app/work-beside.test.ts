/** Work that nothing waits for ends with its process, before what it uses is closed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { besideUntilClosed } from "#app/shutdown.ts";

test("the end aborts what is under way, waits for it, closes the rest, and starts nothing more", async () => {
  const told: string[] = [];
  const { beside, close } = besideUntilClosed(async () => void told.push("closed"));
  beside(async () => void told.push("done at once"));
  beside(async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    await new Promise((resolve) => setTimeout(resolve, 5));
    told.push("ended");
  });
  await close();
  assert.deepEqual(told, ["done at once", "ended", "closed"]);
  beside(async () => void told.push("too late"));
  await close();
  assert.equal(told.includes("too late"), false);
});
