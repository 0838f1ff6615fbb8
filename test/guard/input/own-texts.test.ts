import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { drawFrom } from "#sandbox/history/draw.ts";
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

test("there are three thousand honest texts to train on, and honest twins in every language of the attacks", () => {
  const train = rows.filter(({ split }) => split === "train");
  const isHonest = ({ kind }: { readonly kind: string }) => kind.endsWith("benign");
  assert.ok(train.filter(isHonest).length >= 3_000);
  for (const lang of new Set(train.map((row) => row.lang)))
    for (const kind of ["benign", "hard-benign", "direct", "jailbreak", "indirect"])
      assert.ok(
        train.some((row) => row.lang === lang && row.kind === kind),
        `${lang} has no ${kind} text`,
      );
});
