/** The tools of the sample shop are what the import makes of its document and our answers, and nothing else. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { test } from "node:test";
import { importTools } from "#importing/command/import-tools.ts";
import { openOpenApi } from "#importing/openapi/open.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const KEPT = join(ROOT, "adapters", "shops", "sample-shop");

async function filesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
}

test("importing the sample shop's document again gives the same bytes", async (context) => {
  const scratch = temporaryFolder(context);
  const opened = await openOpenApi(join(ROOT, "packages/sandbox/shop/openapi.yaml"), {
    inspect: () => null,
    isLocal: true,
  });
  await importTools(
    opened,
    {
      only: [],
      out: relative(ROOT, scratch),
      name: "sample-shop",
      answersFile: "adapters/shops/sample-shop.answers.yaml",
    },
    { folder: ROOT, terminal: null, print: () => undefined },
  );
  const [made, kept] = await Promise.all([filesIn(join(scratch, "sample-shop")), filesIn(KEPT)]);
  assert.ok(kept.has("refund-ourshop-order.yaml"));
  assert.deepEqual(made, kept);
});
