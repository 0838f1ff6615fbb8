/** The sample shop's own pages: what the guard lets in and what the output check lets out again. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Passage } from "#core/contracts/knowledge.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { pageChunks, readPages } from "#knowledge/pages.ts";
import { SAMPLE_PAGES } from "#knowledge/index.ts";
import { sandboxText } from "#test/policy/policy-files.ts";

const check = createOutputCheck({
  operations: [],
  linkHosts: ["help.ourshop.test"],
  contacts: ["support@ourshop.test"],
  ownAddresses: [],
  isCanary: () => false,
});

function findingsIn(text: string, passage: Omit<Passage, "score">) {
  return check.check(text, {
    toolResults: [],
    passages: [{ ...passage, score: 1 }],
    proposal: null,
    asked: "",
    requester: { level: 0, customerId: null, name: null, emailOnFile: null, reason: "unknown" },
    escalates: false,
    language: null,
    forbidden: [],
    today: new Date("2026-11-20T12:00:00Z"),
  }).findings;
}

const pages = await readPages(SAMPLE_PAGES);

describe("the sample shop's help pages", () => {
  const passages = pages.flatMap((page) => pageChunks(page).map((chunk) => ({ ...chunk, page })));

  test("the refund policy states the days that the sandbox's policy decides by", () => {
    const days = /after_days: (\d+)/.exec(sandboxText)?.[1];
    const page = pages.find(({ slug }) => slug === "refund-policy");
    assert.match(page?.text ?? "", new RegExp(`within ${days} days after delivery`));
  });

  test("every sentence, quoted with its page, passes the output check", () => {
    let sentences = 0;
    for (const { id, headings, text, page } of passages) {
      const passage = {
        id,
        title: page.title,
        url: page.url,
        text: `## ${headings.join(" › ")}\n\n${text}`,
      };
      const plain = text.replaceAll(/^\s*(?:-|\d+\.)\s+/gm, "");
      for (const sentence of plain.split(/(?<=[.!?])\s+|\n+/)) {
        sentences += 1;
        assert.deepEqual(
          findingsIn(`${sentence} (see ${page.title}, ${page.url})`, passage),
          [],
          id,
        );
      }
    }
    assert.ok(sentences > 300);
  });
});
