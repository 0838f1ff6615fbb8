import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { drawFrom } from "#sandbox/history/draw.ts";
import { readSeeds } from "#evals/guard/texts/seeds.ts";
import { textFiles } from "#evals/guard/texts/text-files.ts";

const FOLDER = new URL("../../../evals/guard/texts/", import.meta.url);
const BYTES_MAX = 3 * 1024 * 1024;
const made = textFiles(drawFrom);

const Row = z.strictObject({
  id: z.string().min(1),
  kind: z.enum(["benign", "hard-benign", "direct", "indirect", "jailbreak", "obfuscated"]),
  lang: z.string().length(2),
  text: z.string().min(1),
  segment: z.string().optional(),
  split: z.enum(["train", "test"]),
  payload: z.string().optional(),
});
const rows = [...made.values()].flatMap((text) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Row.parse(JSON.parse(line))),
);

test("the guard's own texts are what their seeds make, to the byte", () => {
  for (const [name, text] of made)
    assert.ok(readFileSync(new URL(name, FOLDER), "utf8") === text, `${name} is out of date`);
  const bytes = [...made.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  assert.ok(bytes <= BYTES_MAX, `the texts take ${bytes} bytes`);
});

test("each text has its own id, and hostile words are marked where they stand", () => {
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  for (const { id, text, payload } of rows)
    assert.ok(payload === undefined || text.includes(payload), id);
  assert.deepEqual(
    rows.filter(({ text }) => text.includes("{{")).map(({ id }) => id),
    [],
  );
});

const isHonest = ({ kind }: { readonly kind: string }) => kind.endsWith("benign");
const splits = ["train", "test"].map((split) => rows.filter((row) => row.split === split));

test("there are three thousand honest texts to train on, and honest twins in every language of the attacks", () => {
  assert.ok((splits[0] ?? []).filter(isHonest).length >= 3_000);
  for (const split of splits)
    for (const lang of new Set(split.map((row) => row.lang)))
      for (const kind of ["benign", "hard-benign", "direct", "jailbreak", "indirect"])
        assert.ok(
          split.some((row) => row.lang === lang && row.kind === kind),
          `${lang} has no ${kind} text`,
        );
});

test("what is tested on was not written from what is trained on", () => {
  const folders = ["train", "test"].map((split) =>
    readSeeds(fileURLToPath(new URL(`seeds/${split}`, FOLDER))),
  );
  const [train, tested] = folders.map(
    (seeds) => new Set([...seeds.values()].flat().map((seed) => seed.toLowerCase())),
  );
  assert.ok(train !== undefined && tested !== undefined && tested.size > 500);
  assert.deepEqual(
    [...tested].filter((seed) => train.has(seed)),
    [],
  );
});
