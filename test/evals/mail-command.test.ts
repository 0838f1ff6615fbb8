/** `npm run evals -- mail` prints what the rules for incoming mail make of the mails in a file. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { mailCommand } from "#evals/mail/command.ts";
import { ranOn } from "./ran-on.ts";

/** Strips the mails of a file with this text. */
async function strip(context: TestContext, text: string) {
  const said = await ranOn(context, ["mails.jsonl", text], (file, output) =>
    mailCommand(["strip", "--jsonl", file], output),
  );
  const lines = said.printed.split("\n").filter((line) => line !== "");
  return { ...said, lines: lines.map((line): unknown => JSON.parse(line)) };
}

test("strip says what is new in each mail of a file, and which line is wrong", async (context) => {
  const mails = [
    { id: "a", text: "Yes.\n\nOn Tue, 4 Feb 2025 Dana Poe wrote:\n> Red?\n" },
    { id: "b", text: "Only words\u2028and a line's end that is none in JSON." },
  ];
  const text = mails.map((mail) => `${JSON.stringify(mail)}\n`).join("");
  const { lines, code, told } = await strip(context, `${text}\n`);
  assert.deepEqual(lines, [
    { id: "a", reply: "Yes." },
    { id: "b", reply: mails[1]?.text },
  ]);
  assert.deepEqual([told, code], ["", 0]);
  const wrong = await strip(context, `${text}{"id":"c"}\n`);
  assert.equal(wrong.lines.length, 2);
  assert.match(wrong.told, /mails\.jsonl:3: text: /);
  assert.equal(wrong.code, 2);
});
