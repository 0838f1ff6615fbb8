/** Rows of a long table stay whole, and say what their columns are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { pageChunks } from "#knowledge/pages.ts";
import { readDocument } from "#knowledge/documents/read-document.ts";
import { page } from "#test/knowledge/bench.ts";

const ROWS = Array.from({ length: 60 }, (_, at) => ({
  country: `Country${at}`,
  days: `${at + 1} to ${at + 3} business days`,
  price: `${at + 5}.90 EUR`,
}));

test("a row of a table from HTML is never cut in two", async () => {
  const html = `<html><body><main><h1>Delivery abroad</h1><table><tr><th>Country</th><th>Time</th><th>Price</th></tr>${ROWS.map(
    ({ country, days, price }) => `<tr><td>${country}</td><td>${days}</td><td>${price}</td></tr>`,
  ).join("")}</table></main></body></html>`;
  const { text } = await readDocument({
    path: "page.html",
    bytes: new TextEncoder().encode(html),
    part: async () => null,
  });
  const parts = pageChunks(page("abroad", text)).map((chunk) => chunk.text);
  assert.ok(parts.length > 1);
  const torn = ROWS.filter(
    ({ country, price }) =>
      !parts.some((part) =>
        part.split("\n").some((line) => line.includes(`${country} `) && line.includes(price)),
      ),
  );
  assert.deepEqual(torn, [], parts.map((part) => `…${part.slice(-60)}`).join("\n"));
});

test("each part of a table written in Markdown names its columns", () => {
  const lines = [
    "| Country | Time | Price |",
    "| --- | --- | --- |",
    ...ROWS.map(({ country, days, price }) => `| ${country} | ${days} | ${price} |`),
  ];
  const parts = pageChunks(page("abroad", `## Prices\n\n${lines.join("\n")}`)).map(
    ({ text }) => text,
  );
  assert.ok(parts.length > 1);
  for (const part of parts) assert.match(part, /Country \| Time \| Price/, part.slice(0, 80));
});

test("a table below a line of text names its columns once in a part, and a huge cell is cut", () => {
  const rows = Array.from(
    { length: 9 },
    (_, at) => `Row${at} | ${"word ".repeat(at === 4 ? 400 : 60)}`,
  );
  const parts = pageChunks(
    page(
      "wide",
      ["Our prices:", "Name | Text", "--- | ---", ...rows, "", "- one", "- two"].join("\n"),
    ),
  ).map(({ text }) => text);
  for (const part of parts.slice(0, -1)) assert.equal(part.split("Name | Text").length, 2, part);
  for (const [at, row] of rows.entries())
    assert.equal(parts.filter((part) => part.includes(row.trim())).length, at === 4 ? 0 : 1);
  assert.ok(parts.every((part) => part.split(/\s+/).length <= 260));
});

test("a paragraph whose lines are broken for the eye is cut between its sentences", () => {
  const line = "This is a line\nof a sentence. ";
  const parts = pageChunks(page("prose", line.repeat(60))).map(({ text }) => text);
  assert.ok(parts.length > 1);
  for (const part of parts) assert.match(part, /sentence\.$/);
});
