/** What a language model once answered about our own replies is judged again by the code of today. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { DECLARED_TOOLS } from "#tools/index.ts";
import { toolOperations } from "#guard/claims/operations.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { repliesCommand } from "#evals/replies/command.ts";
import { checkingJudge, recordedReader, verifyingJudge } from "#evals/replies/verifying-judge.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const RECORDING = join(import.meta.dirname, "..", "fixtures", "read-replies");

async function figures(context: TestContext, verifier: "on" | "off") {
  // A request that is not in the recording would be written beside it.
  const answers = temporaryFolder(context);
  cpSync(join(RECORDING, "answers.jsonl"), join(answers, "answers.jsonl"));
  const check = createOutputCheck({
    operations: toolOperations(DECLARED_TOOLS),
    linkHosts: ["help.ourshop.test"],
    contacts: [],
    ownAddresses: ["support@ourshop.test"],
    isCanary: () => false,
  });
  let out = "";
  const options = ["--verifier", verifier, "--answers", answers, "--json"];
  const code = await repliesCommand(["--file", join(RECORDING, "replies.jsonl"), ...options], {
    judge: checkingJudge(check),
    verifyingJudge: (folder) => verifyingJudge(check, recordedReader(folder ?? answers)),
    print: (text) => (out += text),
    tell: assert.fail,
    progress: () => undefined,
  });
  assert.equal(code, 0);
  return JSON.parse(out);
}

test("a recorded reading finds every false reply in eight languages and holds no honest one", async (context) => {
  const { supported, unsupported, unverified, tokens } = await figures(context, "on");
  assert.deepEqual(
    { supported, unsupported, unverified },
    {
      supported: { n: 15, flagged: 0, wait: 0 },
      unsupported: { n: 17, missed: 0, wait: 0 },
      unverified: 0,
    },
  );
  assert.ok(tokens.input < 2_500 && tokens.output < 250, JSON.stringify(tokens));
});

test("without it invented places, products and causes pass, which is why it is asked", async (context) => {
  const { unsupported } = await figures(context, "off");
  assert.ok(unsupported.missed >= 3, JSON.stringify(unsupported));
});
