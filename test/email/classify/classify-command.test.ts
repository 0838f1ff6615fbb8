import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { mailCommand } from "#evals/mail/command.ts";
import { rawOf } from "./automatic-mails.ts";
import { BOUNCES, PEOPLE } from "./report-mails.ts";

const Printed = z.strictObject({
  id: z.string(),
  class: z.string(),
  reasons: z.array(z.string()).min(1),
});

async function classified(lines: string, ...more: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-mails-"));
  const said = { stdout: "", stderr: "" };
  try {
    const file = join(folder, "mails.jsonl");
    await writeFile(file, lines);
    const exitCode = await mailCommand(["classify", "--jsonl", file, ...more], {
      print: (text) => void (said.stdout += text),
      tell: (text) => void (said.stderr += text),
    });
    return { ...said, exitCode };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function lineOf(id: string, raw: Uint8Array): string {
  return JSON.stringify({ id, label: "ignored", raw_latin1: Buffer.from(raw).toString("latin1") });
}

test("each mail of a file is said to be something, in its order, without any data", async () => {
  const rows = [BOUNCES[0], PEOPLE[0], BOUNCES[1]].flatMap((row) => (row ? [rawOf(row)] : []));
  const odd = [Buffer.from([]), Buffer.from([0, 255, 13, 13, 10, 61, 63])];
  const lines = [...rows, ...odd].map((raw, index) => lineOf(`m${index}`, raw));
  const { stdout, exitCode } = await classified(`${lines.join("\n")}\n\n`);
  assert.equal(exitCode, 0);
  const printed = stdout.trim().split("\n");
  assert.deepEqual(
    printed.map((line) => Printed.parse(JSON.parse(line))).map((one) => [one.id, one.class]),
    [
      ["m0", "bounce"],
      ["m1", "human"],
      ["m2", "bounce"],
      ["m3", "human"],
      ["m4", "human"],
    ],
  );
});
