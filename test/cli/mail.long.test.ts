import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { text } from "node:stream/consumers";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Runs the command line where nothing is configured and no data is. */
async function deskhand(
  folder: string,
  ...argv: readonly string[]
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, [join(ROOT, "src/cli/main.ts"), ...argv], {
    cwd: folder,
    env: { ...BARE_ENVIRONMENT },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    closed,
  ]);
  return { code, stdout, stderr };
}

test("mail strip says what is new in each mail of a file, without a running Deskhand or its data", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cli-mail-"));
  try {
    const mails = [
      { id: "a", text: "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n" },
      { id: "b", text: "Only words\u2028and a line's end that is none in JSON." },
    ];
    const lines = mails.map((mail) => JSON.stringify(mail));
    await writeFile(join(folder, "mails.jsonl"), `${lines.join("\n")}\n\n`);
    const told = await deskhand(folder, "mail", "strip", "--jsonl", "mails.jsonl");
    assert.deepEqual(
      told.stdout
        .trim()
        .split("\n")
        .map((line): unknown => JSON.parse(line)),
      [
        { id: "a", reply: "Yes." },
        { id: "b", reply: mails[1]?.text },
      ],
    );
    assert.deepEqual([told.stderr, told.code], ["", 0]);

    await writeFile(join(folder, "wrong.jsonl"), `${lines[0]}\n{"id":"c"}\n`);
    const wrong = await deskhand(folder, "mail", "strip", "--jsonl", "wrong.jsonl");
    assert.match(wrong.stdout, /"id":"a"/);
    assert.match(wrong.stderr, /wrong\.jsonl, line 2: text /);
    assert.equal(wrong.code, 1);

    const absent = await deskhand(folder, "mail", "strip", "--jsonl", "absent.jsonl");
    assert.match(absent.stderr, /absent\.jsonl/);
    assert.equal(absent.code, 1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
