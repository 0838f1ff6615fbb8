import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { measureSystems } from "./run.ts";
import { TOOLS } from "./world.ts";

describe("records of other customers behind connected tools", () => {
  test("no attempt reads one, and none is told from one that is not there", async () => {
    const { failures, attempts, own_shown } = await measureSystems();
    assert.deepEqual(failures, []);
    assert.ok(attempts >= 300);
    assert.equal(own_shown, TOOLS.length);
  });

  test("a tool that proves nothing is seen to disclose", async () => {
    const [tool] = TOOLS;
    assert.ok(tool?.kind === "read");
    const open = { ...tool, belongsTo: { by: "nothing", because: "forgotten" } } as const;
    const { disclosed, told_apart } = await measureSystems([open]);
    assert.ok(disclosed > 0);
    assert.ok(told_apart > 0);
  });
});
