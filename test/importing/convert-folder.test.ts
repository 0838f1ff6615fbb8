/** Tools that version 0.3 wrote as programs become files that are read, and none of the programs is run. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { z } from "zod";
import { readTools } from "#connections/system-tools.ts";
import { convertFolder } from "#importing/convert/convert-folder.ts";
import type { SystemTool } from "#systems/contract.ts";
import { readyMadeTools } from "#test/shops/shops.ts";
import { importSampleShop } from "./small-shop.ts";

/** What version 0.3 noted of the sample shop: each file as it wrote it. */
const NOTED = await readFile(join(import.meta.dirname, "imported-by-0.3.json"), "utf8");
const OLD = z.object({ files: z.record(z.string(), z.string()) }).parse(JSON.parse(NOTED)).files;
const scratch = await mkdtemp(join(tmpdir(), "converted-"));
after(() => rm(scratch, { recursive: true, force: true }));

/** Converts a copy of the sample shop's tools as version 0.3 wrote them, with one file changed. */
async function converted(name: string, file = "", change = (text: string): string => text) {
  const folder = join(scratch, name, "sample-shop");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, ".imported.json"), NOTED);
  for (const [one, text] of Object.entries(OLD)) await writeFile(join(folder, one), text);
  if (file !== "")
    await writeFile(join(folder, file), change(await readFile(join(folder, file), "utf8")));
  const printed: string[] = [];
  const said = await convertFolder(join(name, "sample-shop"), {
    folder: scratch,
    terminal: null,
    print: (text) => void printed.push(text),
  }).then(
    () => "",
    (error: Error) => error.message,
  );
  return { folder, printed: printed.join("\n"), said };
}

/** All that a declaration says, with its schemas as JSON. */
function plain(tools: readonly SystemTool[]): unknown {
  return JSON.parse(
    JSON.stringify(tools, (_, value: unknown) =>
      value instanceof z.ZodType
        ? z.toJSONSchema(value, { io: "input", unrepresentable: "any" })
        : value,
    ),
  );
}

describe("a folder of tools of version 0.3", () => {
  test("declares the same as the import of today makes of the same document", async () => {
    const { folder, said } = await converted("same");
    assert.equal(said, "");
    // Version 0.3 did not say what amounts are.
    const today = readyMadeTools("sample-shop").map((tool) => {
      if (tool.kind === "write") return tool;
      const { money: _money, ...rest } = tool;
      return rest;
    });
    assert.deepEqual(plain(readTools([folder], [])), plain(today));
  });

  test("is imported again as if today's import had written it, but for what a person changed", async () => {
    const { folder } = await converted("again", "ourshop-order.ts", (text) =>
      text.replace("State, dates", "The state, dates"),
    );
    const told = await importSampleShop(join(folder, ".."));
    assert.match(told, /ourshop-order\.yaml: kept as a person changed it/);
    assert.match(told, /refund-ourshop-order\.yaml: changed/);
    assert.match(await readFile(join(folder, "ourshop-order.yaml"), "utf8"), /The state, dates/);
  });

  const CASES: Readonly<Record<string, readonly [string, (text: string) => string, RegExp]>> = {
    "a call": [
      "ourshop-order.ts",
      (text) => text.replace('name: "ourshop_order"', "name: process.exit(7)"),
      /ourshop-order\.ts:\d+: this is more than an import wrote/,
    ],
    "a statement": [
      "ourshop-order.ts",
      (text) => `${text}\nglobalThis.hacked = 1;\n`,
      /ourshop-order\.ts:\d+: /,
    ],
    "a transformation": [
      "ourshop-order.ts",
      (text) => text.replace("item: z.string()", "item: z.string().transform(String)"),
      /ourshop-order\.ts:\d+: /,
    ],
    "a pattern": [
      "refund-ourshop-order.ts",
      (text) => text.replace('label: "Refund of', 'label: /x/u, old: "Refund of'),
      /refund-ourshop-order\.ts:\d+: /,
    ],
    "a text without an end": [
      "connection.ts",
      (text) => text.replace('"OurShop",', '"OurShop,'),
      /connection\.ts:\d+: /,
    ],
  };
  for (const [what, [file, change, line]] of Object.entries(CASES))
    test(`that holds ${what} is named there, is not run, and the others are converted`, async () => {
      const { folder, said } = await converted(what.replaceAll(" ", "-"), file, change);
      assert.match(said, /1 of 6 files were not converted/);
      assert.match(said, line);
      const names = await readdir(folder);
      assert.ok(!names.includes(file.replace(".ts", ".yaml")));
      assert.ok(names.includes("ourshop-payments.yaml"));
    });

  test("that is none is said", async () => {
    const place = { folder: scratch, terminal: null, print: () => undefined };
    await assert.rejects(convertFolder("nowhere", place), /no folder that can be read/);
    await assert.rejects(convertFolder(".", place), /has no tools of version 0\.3/);
  });
});
