import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { DeskhandError } from "#core/values/errors.ts";
import { pageChunks, parsedPage } from "#knowledge/pages.ts";
import { page } from "./bench.ts";
import { runs } from "#test/support/tiers.ts";

const words = (count: number): string =>
  Array.from({ length: count }, (_, at) => `word${at}${at % 10 === 9 ? "." : ""}`).join(" ");

const count = (text: string): number => text.split(/\s+/).length;

describe("cutting a page", () => {
  test("each section is a passage named after page and heading, with the headings above it", () => {
    const text =
      "Intro.\n\n## Costs\n\nStandard is free.\n\n### Abroad\n\nMore.\n\n## Time\n\nFast.\n";
    assert.deepEqual(pageChunks(page("shipping", text)), [
      { id: "shipping#top", headings: [], text: "Intro." },
      { id: "shipping#costs", headings: ["Costs"], text: "Standard is free." },
      { id: "shipping#abroad", headings: ["Costs", "Abroad"], text: "More." },
      { id: "shipping#time", headings: ["Time"], text: "Fast." },
    ]);
  });

  test("an id stays the same when texts change and other sections come or go", () => {
    const before = pageChunks(page("p", "## Café & more\n\nOld.\n\n## Other\n\nText.\n"));
    const after = pageChunks(page("p", "## New\n\nFirst.\n\n## Café & more\n\nMended text.\n"));
    assert.equal(before[0]?.id, "p#cafe-more");
    assert.equal(after[1]?.id, "p#cafe-more");
  });

  test("no two passages of a page have one id, also where a heading ends in a number", () => {
    const text = `# Buds\n\n${words(600)}\n\n## Buds 2\n\nThe second.\n\n## Buds\n\nOnce more.\n`;
    const ids = pageChunks(page("p", text)).map(({ id }) => id);
    assert.deepEqual(ids, ["p#buds", "p#buds-2", "p#buds-3", "p#buds-2-2", "p#buds-4"]);
  });

  test("a hash sign inside a fenced block is no heading", () => {
    const chunks = pageChunks(page("p", "## A\n\n```\n# comment\n```\n"));
    assert.deepEqual(
      chunks.map(({ text }) => text),
      ["```\n# comment\n```"],
    );
  });

  test("a long section is cut between paragraphs, a long paragraph between sentences", () => {
    const chunks = pageChunks(page("p", `## A\n\n${words(200)}\n\n${words(180)}\n\n${words(600)}`));
    assert.ok(chunks.length >= 4);
    for (const { text } of chunks) assert.ok(count(text) <= 250, `${count(text)} words`);
    assert.equal(chunks[0]?.text, words(200));
    for (const { text } of chunks) assert.match(text, /\.$/);
  });

  test("text without spaces between words is cut as well, between sentences where it has any", () => {
    const sentence = "订单发货后三十天内可以退货，退款会退回原来的付款方式。";
    for (const text of [sentence.repeat(500), Array(40).fill(sentence.repeat(12)).join("\n\n")]) {
      const chunks = pageChunks(page("p", text)).map((chunk) => chunk.text);
      for (const chunk of chunks) {
        assert.ok(chunk.length < 600, `${chunk.length} characters`);
        assert.match(chunk, /。$/);
      }
      assert.equal(chunks.join("").replaceAll(/\s/g, ""), text.replaceAll(/\s/g, ""));
      assert.ok(!chunks.some((chunk) => chunk.includes(" ")));
    }
    const thai = pageChunks(page("p", "สินค้า".repeat(500)));
    assert.ok(thai.length > 3 && thai.every((chunk) => chunk.text.length <= 1_000));
  });

  test("no word is lost or said twice, whatever the page", () => {
    const line = fc.oneof(
      fc.string({ maxLength: 60 }).filter((text) => !/[#`~\r\n]/.test(text)),
      fc.integer({ min: 1, max: 700 }).map(words),
      fc.constant(""),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join("\n");
        const kept = pageChunks(page("p", text)).map((chunk) => chunk.text);
        assert.deepEqual(
          kept.join(" ").split(/\s+/).filter(Boolean),
          text.split(/\s+/).filter(Boolean),
        );
      }),
      { numRuns: runs(100) },
    );
  });
});

describe("reading a page", () => {
  const front = "title: Returns\nurl: https://help.test/returns\nupdated: 2026-01-31";

  test("front matter gives title, address and day", () => {
    assert.deepEqual(parsedPage("returns.md", `---\n${front}\n---\n\nText.\n`), {
      slug: "returns",
      title: "Returns",
      url: "https://help.test/returns",
      updated: "2026-01-31",
      text: "\nText.\n",
    });
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ["no front matter", "# Returns\n", /returns\.md.*front matter/],
    ["a missing field", "---\ntitle: Returns\nupdated: 2026-01-31\n---\nText", /returns\.md.*url/],
    ["an unknown field", `---\n${front}\nauthor: me\n---\nText`, /returns\.md.*author/],
    ["a link that runs code", `---\n${front.replace("https:", "javascript:")}\n---\nText`, /url/],
    ["no day", `---\n${front.replace("2026-01-31", "lately")}\n---\nText`, /updated/],
    ["no YAML", "---\ntitle: [\n---\nText", /returns\.md/],
  ];
  for (const [name, file, words] of broken)
    test(`${name} is named with the page`, () => {
      assert.throws(
        () => parsedPage("returns.md", file),
        (error) =>
          error instanceof DeskhandError &&
          error.code === "config.invalid" &&
          words.test(error.message),
      );
    });
});
