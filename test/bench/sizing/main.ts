/**
 * `npm run bench -- sizing [RESULT.json] [--assume FILE] [--prices FILE] [--json] [--write]`: how large an installation has to
 * be. The costs of a conversation come from a result of `npm run bench -- --json`, or without one from
 * docs/performance.md, which the benchmark wrote. `--write` writes the tables of docs/sizing.md.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { Result } from "#test/bench/result.ts";
import { CONVERSATION_BYTES } from "#test/bench/stored/compare-stored.ts";
import { costsOnPage, tablesOf, withTables } from "./page.ts";
import { Assumptions, Prices, sizeFor } from "./sizing.ts";

const DOCS = join(import.meta.dirname, "../../../docs");

/** The conversations a day the table is about. */
const SIZES = [1_000, 100_000, 1_000_000, 10_000_000];

/** The turn, the effect that is intended, and that it is done: a question that is answered unasked leaves these. */
const AUDIT_ENTRIES = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    assume: { type: "string" },
    prices: { type: "string" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

const read = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

const [result] = positionals;
const costs =
  result === undefined
    ? costsOnPage(readFileSync(join(DOCS, "performance.md"), "utf8"))
    : Result.parse(read(result)).costs.channels.read.paths;
const assumed = Assumptions.parse({
  bytesPerConversation: CONVERSATION_BYTES,
  auditPerConversation: AUDIT_ENTRIES,
  ...z.looseObject({}).parse(values.assume === undefined ? {} : read(values.assume)),
});
const prices = values.prices === undefined ? null : Prices.parse(read(values.prices));
const sizes = SIZES.map((perDay) => sizeFor(perDay, costs, assumed, prices));
const tables = tablesOf(sizes, assumed);
process.stdout.write(
  values.json ? `${JSON.stringify({ assumed, prices, sizes }, null, 2)}\n` : `${tables}\n`,
);
if (values.write) {
  const page = join(DOCS, "sizing.md");
  writeFileSync(page, withTables(readFileSync(page, "utf8"), "sizing", tables));
}
