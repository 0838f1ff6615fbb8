import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Command } from "commander";
import { PolicyDocument } from "#policy/schema.ts";
import { addPolicyCommands } from "#cli/text-commands.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/policy.md"), "utf8");
const COMMAND = "$ npm run -s deskhand -- ";

/** Example blocks: the command on the first line, then what it prints; `…` stands for lines left out. */
const EXAMPLES = [...PAGE.matchAll(/^### (\d+\. .+)$[^#]*?^```text\n([^`]+)^```$/gm)].map(
  ([, title = "", block = ""]) => {
    const [command = "", ...output] = block.trimEnd().split("\n");
    return { title, command, output };
  },
);

async function printed(command: string): Promise<readonly string[]> {
  const argv = command.slice(COMMAND.length).split(" ");
  const lines: string[] = [];
  const program = new Command("deskhand").exitOverride();
  // An example names its file and reads no data, so that it reads the same for all.
  const none = (): Promise<never> => Promise.reject(new Error("an example reads no data"));
  const context = {
    store: { kind: "pglite", run: none, close: none },
    // An example that says no time must read the same whenever it is typed.
    clock: { now: () => new Date("2027-05-05T05:05:05Z") },
    folder: ROOT,
    print: (text: string) => void lines.push(...text.split("\n")),
  } as const;
  addPolicyCommands(program, context);
  await program.parseAsync(argv, { from: "user" });
  return lines;
}

test("the page has worked examples", () => {
  assert.ok(EXAMPLES.length >= 2);
});

for (const { title, command, output } of EXAMPLES)
  test(`the example "${title}" prints what the page says`, async () => {
    assert.ok(command.startsWith(COMMAND), command);
    const rest = [...(await printed(command))];
    assert.ok(output.filter((line) => line !== "…").length >= 3, "an example shows its result");
    let isGap = false;
    for (const line of output) {
      if (line === "…") isGap = true;
      else {
        const index: number = isGap ? rest.indexOf(line) : 0;
        assert.equal(rest[index], line, `${rest.join("\n")}\n\nhas no line\n\n${line}`);
        rest.splice(0, index + 1);
        isGap = false;
      }
    }
    if (!isGap) assert.deepEqual(rest, [], "lines are left out without a sign");
  });

test("every setting is explained on the page", () => {
  const { approvals, calendar } = PolicyDocument.shape;
  for (const part of [PolicyDocument, approvals, calendar])
    for (const setting of Object.keys(part.shape))
      assert.ok(PAGE.includes(`\`${setting}\``), `the page does not speak of ${setting}`);
});
