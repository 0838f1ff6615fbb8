import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { openThread } from "#evals/worlds/open-thread.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

test("a world that cannot be opened in its thread says why, and its thread ends", async (context) => {
  const folder = temporaryFolder(context);
  await assert.rejects(openThread({ casesFolder: folder, model: null }), (error) => {
    assert.ok(error instanceof DeskhandError);
    assert.equal(error.code, "config.invalid");
    assert.match(error.message, /holds no cases/);
    return true;
  });
});
