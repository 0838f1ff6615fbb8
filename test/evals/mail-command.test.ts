/** `npm run evals -- mail` prints what the rules for incoming mail make of the mails in a file. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { mailCommand } from "#evals/mail/command.ts";

const folder = mkdtempSync(join(tmpdir(), "evals-mail-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs the command on a file with this text. */
async function run(command: string, text: string) {
  const said = { code: 0, printed: "", told: "" };
  const file = join(folder, "mails.jsonl");
  writeFileSync(file, text);
  said.code = await mailCommand(
    [command, "--jsonl", file, "--inbox=help@shop.test"].slice(0, command === "strip" ? 3 : 4),
    {
      print: (more) => (said.printed += more),
      tell: (more) => (said.told += more),
    },
  );
  const lines = said.printed.split("\n").filter((line) => line !== "");
  return { ...said, lines: lines.map((line): unknown => JSON.parse(line)) };
}

test("strip says what is new in each mail of a file, and which line is wrong", async () => {
  const mails = [
    { id: "a", text: "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n" },
    { id: "b", text: "Only words\u2028and a line's end that is none in JSON." },
  ];
  const text = mails.map((mail) => `${JSON.stringify(mail)}\n`).join("");
  const { lines, code, told } = await run("strip", `${text}\n`);
  assert.deepEqual(lines, [
    { id: "a", reply: "Yes." },
    { id: "b", reply: mails[1]?.text },
  ]);
  assert.deepEqual([told, code], ["", 0]);
  const wrong = await run("strip", `${text}{"id":"c"}\n`);
  assert.equal(wrong.lines.length, 2);
  assert.match(wrong.told, /mails\.jsonl:3: text: /);
  assert.equal(wrong.code, 2);
});
