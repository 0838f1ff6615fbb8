/** `npm run evals -- contradictions` counts which planted contradictions are found and which are made up. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { contradictionsCommand } from "#evals/contradictions/command.ts";
import { LabelledPage } from "#evals/contradictions/measure.ts";
import { readLabelled } from "#evals/labelled-lines.ts";
import { ranOn } from "./ran-on.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const PAGES = [
  { shop: "a", id: "returns", title: "Returns", text: "You have thirty days to return a lamp." },
  { shop: "a", id: "shop", title: "The shop", text: "Our shop for lamps is in Leeds." },
  {
    shop: "a",
    id: "mind",
    title: "Changed your mind",
    text: "A lamp can be returned for a fortnight.",
    planted: { kind: "period", against: ["returns"], words: "for a fortnight" },
  },
];

function run(context: TestContext, pages: readonly object[], ...options: string[]) {
  const text = pages.map((page) => JSON.stringify(page)).join("\n");
  return ranOn(context, ["pages.jsonl", text], (file, output) =>
    contradictionsCommand(["--file", file, ...options], output),
  );
}

test("requests are parked in a folder, and answers found there are counted by what was planted", async (context) => {
  const answers = temporaryFolder(context);
  const first = await run(context, PAGES, "--answers", answers);
  assert.match(first.printed, /^missed: a mind\nfound {8}0 of 1 \(period 0 of 1\)$/m);
  assert.match(first.printed, /asked {8}3 times, 3 without a usable answer; 1 of 1 were shown/);
  for (const file of readdirSync(answers)) {
    const { messages } = JSON.parse(readFileSync(join(answers, file), "utf8"));
    const asked: string = messages[1].content;
    const own = asked.slice(asked.lastIndexOf(" page>>"));
    const numbers = [...asked.matchAll(/passage (\d+)>>\n(.*)/g)];
    const numberOf = (title: string) => Number(numbers.find((found) => found[2] === title)?.[1]);
    const found = own.includes("fortnight")
      ? {
          other: numberOf("Returns"),
          page: "returned for a fortnight",
          sentence: "thirty days to return",
        }
      : {
          other: numberOf("The shop"),
          page: "thirty days to return",
          sentence: "lamps is in Leeds",
        };
    const contradictions = own.includes("Leeds") ? [] : [{ case: "a lamp", ...found }];
    const content = JSON.stringify({ contradictions });
    writeFileSync(join(answers, file.replace("request", "response")), JSON.stringify({ content }));
  }
  const { printed, code } = await run(context, PAGES, "--answers", answers);
  assert.equal(code, 0);
  assert.match(
    printed,
    /^not planted: shop\/returns#top “thirty days to return” and shop\/shop#top/m,
  );
  assert.match(printed, /^found {8}1 of 1 \(period 1 of 1\)\nfalse alarms 1 in 3 pages$/m);
  assert.match(printed, /asked {8}3 times, 0 without/);
});

test("values alone are compared where no model is to be asked, and a line that is no page is named", async (context) => {
  const { printed } = await run(context, PAGES);
  assert.match(printed, /false alarms 0 in 3 pages\n$/);
  const { code, told } = await run(context, [{ shop: "a" }]);
  assert.equal(code, 2);
  assert.match(told, /pages\.jsonl:1: id/);
});

test("the project's own set has 20 contradictions in 200 pages, each against a page of its shop", () => {
  const file = join(import.meta.dirname, "../../evals/contradictions/own/pages.jsonl");
  const pages = readLabelled(file, LabelledPage, "pages");
  const planted = pages.filter((page) => page.planted !== undefined);
  assert.deepEqual([pages.length, planted.length], [200, 20]);
  for (const { shop, text, planted: label } of planted) {
    assert.ok(text.includes(label?.words ?? "?"));
    for (const other of label?.against ?? [])
      assert.ok(pages.some((page) => page.shop === shop && page.id === other));
  }
});
