import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

/** Runs a measuring command on a file with this text; gives its exit code, and what it printed and told. */
export async function ranOn(
  context: TestContext,
  [name, text]: readonly [name: string, text: string],
  run: (
    file: string,
    output: {
      readonly print: (text: string) => void;
      readonly tell: (text: string) => void;
      readonly progress: () => void;
    },
  ) => Promise<number>,
) {
  const file = join(temporaryFolder(context), name);
  writeFileSync(file, text);
  const said = { printed: "", told: "" };
  const code = await run(file, {
    print: (more) => (said.printed += more),
    tell: (more) => (said.told += more),
    progress: () => undefined,
  });
  return { code, ...said };
}
