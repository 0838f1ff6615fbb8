/** Folders that Notion and Confluence export: titles, fields and text of their pages, and what is no page. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { documentReader } from "#knowledge/documents/reading-thread.ts";
import { readFolder } from "#knowledge/sources/folder-source.ts";
import { never } from "#test/knowledge/bench.ts";

const HOME = "0c2f4a6b8d1e43f5a7b9c1d3e5f70911";
const RETURNS = "1d3f5a7b9c1e4d2f8a6b4c2d0e1f3a5b";
const REPAIR = "2e4a6c8e0b1d4f3a9c7e5b3d1f0a2c4e";
const FAQ = "3f5b7d9f1c2e4a4b8d6f4c2e0a1b3d5f";
const LAMP = "4a6c8e0a2d3f4b5c9e7a5d3f1b2c4e6a";

/** The folder as a source reads it. */
async function read(context: TestContext, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-export-"));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const reader = documentReader();
  const { pages, leftOut } = await readFolder(folder, reader, {
    signal: never,
    progress: () => undefined,
  });
  await reader.close();
  return {
    pages: new Map(pages.map((page) => [page.title, page])),
    leftOut: leftOut.map(({ id, reason }) => `${id}: ${reason}`),
  };
}

test("Notion's Markdown: titles without ids, properties as fields, links to the web alone", async (context) => {
  const home = `Help centre ${HOME}`;
  const { pages, leftOut } = await read(context, {
    [`${home}.md`]: `# Help centre\n\nBegin with [Returns](Help%20centre%20${HOME}/Returns%20${RETURNS}.md) or write to [us](https://shop.test/contact).\n\n![Untitled](Help%20centre%20${HOME}/Untitled.png)\n`,
    [`${home}/Returns ${RETURNS}.md`]: `# Returns\n\nOwner: Ann of Returns\nTags: parcels, money\nLanguage: en\nValid until: December 31, 2026\nLast edited time: November 3, 2026 9:15 AM\n\n<aside>\n📦 Keep the box.\n</aside>\n\nA lamp goes back within 21 days.\n\n| Country | Fee |\n| --- | --- |\n| Norway | 9 USD |\n`,
    [`${home}/Repair ${REPAIR}.md`]: `# Repair\n\nStatus: Draft\n\nNot finished.\n`,
    [`${home}/Questions ${FAQ}.csv`]: `Name,Answer\nWhich bulb?,E27\n`,
    [`${home}/Questions ${FAQ}/Which bulb fits ${LAMP}.md`]: `# Which bulb fits\n\nAudience: Team\nAnswer: The Meadow floor lamp takes an E27 bulb of at most thirteen watts.\n\n`,
    [`${home}/Notes ${"5".repeat(32)}.md`]: `# Notes\n\nRemember: a sentence with a colon is text.\nAnd so is the next one.\n`,
  });
  assert.deepEqual([...pages.keys()].toSorted(), [
    "Help centre",
    "Notes",
    "Returns",
    "Which bulb fits",
  ]);
  const { text: start = "" } = pages.get("Help centre") ?? {};
  assert.match(start, /Begin with Returns or write to \[us\]\(https:\/\/shop\.test\/contact\)\./);
  assert.doesNotMatch(start, /Untitled|0c2f4a/);
  const returns = pages.get("Returns");
  assert.deepEqual(
    [returns?.owner, returns?.language, returns?.validUntil, returns?.updated],
    ["Ann of Returns", "en", "2026-12-31", "2026-11-03"],
  );
  assert.match(returns?.text ?? "", /Keep the box\.[^]*within 21 days/);
  assert.doesNotMatch(returns?.text ?? "", /Owner|Tags|Last edited|December/);
  const bulb = pages.get("Which bulb fits");
  assert.equal(bulb?.audience, "team");
  assert.match(bulb?.text ?? "", /\*\*Answer\*\*\n\nThe Meadow floor lamp takes an E27 bulb/);
  assert.match(pages.get("Notes")?.text ?? "", /Remember: a sentence with a colon is text\./);
  assert.deepEqual(leftOut, [`${home}/Repair ${REPAIR}.md: its status is draft`]);
});

test("Notion's HTML: the article's body without icon, properties and the list of all pages", async (context) => {
  const article = (id: string, title: string, rows: string, body: string): string =>
    `<html><head><title>${title}</title></head><body><article id="${id}" class="page sans"><header><div class="page-header-icon undefined"><span class="icon">📦</span></div><h1 class="page-title">${title}</h1><p class="page-description"></p><table class="properties"><tbody>${rows}</tbody></table></header><div class="page-body">${body}</div></article></body></html>`;
  const row = (name: string, value: string): string =>
    `<tr class="property-row"><th><span class="icon property-icon"></span>${name}</th><td>${value}</td></tr>`;
  const { pages, leftOut } = await read(context, {
    "index.html": `<html><body><ul><li><a href="Returns%20${RETURNS}.html">Returns</a></li></ul></body></html>`,
    [`Returns ${RETURNS}.html`]: article(
      "1d3f5a7b-9c1e-4d2f-8a6b-4c2d0e1f3a5b",
      "Returns",
      row("Owner", "Ann") +
        row("Valid until", "<time>@December 31, 2026</time>") +
        row("Answer", "A lamp goes back within 21 days, in its own box & with its shade."),
      `<p>See <a href="Repair%20${REPAIR}.html">Repair</a> and <a href="https://shop.test/fees">fees</a>.</p><h2>Boxes</h2><figure class="callout"><div>💡</div><div>Keep the box.</div></figure><ul class="toggle"><li><details><summary>Abroad</summary>Norway costs 9 USD.</details></li></ul>`,
    ),
    [`Repair ${REPAIR}.html`]: article(
      "2e4a6c8e-0b1d-4f3a-9c7e-5b3d1f0a2c4e",
      "Repair",
      row("Status", "Archived"),
      "<p>Old.</p>",
    ),
  });
  assert.deepEqual([...pages.keys()], ["Returns"]);
  const returns = pages.get("Returns");
  assert.deepEqual([returns?.owner, returns?.validUntil], ["Ann", "2026-12-31"]);
  for (const words of [
    "**Answer**\n\nA lamp goes back within 21 days, in its own box & with its shade.",
    "See Repair and [fees](https://shop.test/fees).",
    "## Boxes",
    "Keep the box.",
    "Norway costs 9 USD.",
  ])
    assert.ok(returns?.text.includes(words), `${words} in ${returns?.text}`);
  assert.doesNotMatch(returns?.text ?? "", /📦|Owner|Valid until|December/);
  assert.deepEqual(leftOut, [
    `Repair ${REPAIR}.html: its status is archived`,
    "index.html: it is the list of the export's pages",
  ]);
});

test("Confluence's HTML: the page without breadcrumbs, authors, attachments and footer", async (context) => {
  const page = (title: string, content: string): string =>
    `<!DOCTYPE html><html><head><title>Help : ${title}</title></head><body class="theme-default aui-theme-default"><div id="page"><div id="main" class="aui-page-panel"><div id="main-header"><div id="breadcrumb-section"><ol id="breadcrumbs"><li class="first"><span><a href="index.html">Help</a></span></li><li><span><a href="Parcels_1001.html">Parcels</a></span></li></ol></div><h1 id="title-heading" class="pagetitle"><span id="title-text">Help : ${title}</span></h1></div><div id="content" class="view"><div class="page-metadata">Created by <span class='author'> Ann Lee</span>, last modified by <span class='editor'> Bob Ray</span> on Nov 03, 2026</div><div id="main-content" class="wiki-content group">${content}</div><div class="pageSection group"><div class="pageSectionHeader"><h2 id="attachments" class="pageSectionTitle">Attachments:</h2></div><div class="greybox"><a href="attachments/1002/77.pdf">label.pdf</a> (application/pdf)<br/></div></div></div></div><div id="footer"><section class="footer-body"><p>Document generated by Confluence on Nov 20, 2026 10:00</p></section></div></div></body></html>`;
  const { pages, leftOut } = await read(context, {
    "HELP/index.html": `<html><body><div id="main-header"><h1 id="title-heading" class="pagetitle"><span id="title-text">Space Details:</span></h1></div><div id="content"><div id="main-content" class="pageSection"><table><tr><th>Key</th><td>HELP</td></tr></table></div><div class="pageSection"><div class="pageSectionHeader"><h2 class="pageSectionTitle">Available Pages:</h2></div><ul><li><a href="Returns_1002.html">Returns</a></li></ul></div></div></body></html>`,
    "HELP/Returns_1002.html": page(
      "Returns",
      `<div class="toc-macro"><ul><li><a href="#Returns-Fees">Fees</a></li></ul></div><p>A lamp goes back within 21 days, as <a href="Repair_1003.html">Repair</a> and <a href="https://shop.test/fees">fees</a> say.</p><h2 id="Returns-Fees">Fees</h2><div class="table-wrap"><table class="confluenceTable"><tbody><tr><th class="confluenceTh">Country</th><th class="confluenceTh">Fee</th></tr><tr><td class="confluenceTd">Norway</td><td class="confluenceTd">9 USD</td></tr></tbody></table></div>`,
    ),
    "HELP/attachments/1002/77.txt": "A label.",
  });
  assert.deepEqual([...pages.keys()], ["Returns"]);
  const returns = pages.get("Returns");
  assert.equal(returns?.updated, "2026-11-03");
  assert.equal(
    returns?.text,
    "A lamp goes back within 21 days, as Repair and [fees](https://shop.test/fees) say.\n\n## Fees\n\n-   Country: Norway · Fee: 9 USD",
  );
  assert.deepEqual(leftOut, [
    "HELP/attachments/1002/77.txt: it is an attachment of a page",
    "HELP/index.html: it is the list of the export's pages",
  ]);
});
