/** What ends the waiting for a login. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loginStates } from "#email/login/sign-in.ts";
import { silentLog } from "#test/store/bench.ts";

test("only a login that was refused before wakes those who wait for it", () => {
  const clock = { now: () => new Date(0) };
  const watch = loginStates([{ address: "support@shop.test" }], { clock, log: silentLog }).of(
    "support@shop.test",
    "IMAP",
  );
  let woken = 0;
  watch.onAccepted(() => (woken += 1));
  watch.accepted();
  // Two who fail for another reason than the login would otherwise wake each other without a pause.
  assert.equal(woken, 0);
  watch.refused("wrong password", new Error("no"));
  watch.accepted();
  assert.equal(woken, 1);
});
