/** The tools of the sample shop are what the import makes of its document and our answers, and nothing else. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { importSampleShop, ROOT } from "./small-shop.ts";

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
  await importSampleShop(scratch);
  const [made, kept] = await Promise.all([filesIn(join(scratch, "sample-shop")), filesIn(KEPT)]);
  assert.ok(kept.has("refund-ourshop-order.yaml"));
  assert.deepEqual(made, kept);
});
