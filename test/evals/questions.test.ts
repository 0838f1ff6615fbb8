/** Labelled questions are asked of the search and of the whole agent, and counted by page and by answer. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { openWorld } from "#evals/harness/sample-world.ts";
import { plainBm25 } from "#evals/questions/bm25.ts";
import { questionsCommand } from "#evals/questions/command.ts";
import { type Asked, figuresOf } from "#evals/questions/measure.ts";
import type { LabelledQuestion } from "#evals/questions/read.ts";
import { ranOn } from "./ran-on.ts";
import { testLong } from "#test/support/tiers.ts";

const Figures = z.object({
  answerable: z.unknown(),
  unanswerable: z.unknown(),
  reliability: z.array(z.object({ n: z.number() })),
});

const REFUNDS: LabelledQuestion = {
  id: "refunds",
  lang: "en",
  question: "What is your refund policy?",
  answerable: true,
  page: "refund-policy",
  also: [],
  must_include: [["30 days", "thirty days"]],
  must_not_include: ["60 days"],
};

const BOATS: LabelledQuestion = {
  ...REFUNDS,
  id: "boats",
  question: "Do you rent boats on the river?",
  answerable: false,
  page: null,
  must_include: [],
  must_not_include: [],
};

function asked(question: LabelledQuestion, more: Partial<Asked> = {}): Asked {
  return { question, pages: [], byBm25: [], chance: 0, isHandedOver: false, text: "", ...more };
}

describe("labelled questions", () => {
  testLong(
    "the product is asked, and the figures are printed in the agreed form",
    async (context) => {
      const lines = [REFUNDS, BOATS].map((question) => JSON.stringify(question)).join("\n");
      const { code, printed, told } = await ranOn(
        context,
        ["questions.jsonl", lines],
        (file, output) =>
          questionsCommand(["--file", file, "--json"], {
            ...output,
            openWorld: () => openWorld({}, { EMBEDDINGS: "off" }),
          }),
      );
      assert.equal(told, "");
      assert.equal(code, 0);
      const { reliability, ...figures } = Figures.parse(JSON.parse(printed));
      assert.deepEqual(figures, {
        answerable: { n: 1, page_top1: 1, page_top3: 1, bm25_top3: 1, answered_right: 1 },
        unanswerable: { n: 1, answered: 0 },
      });
      assert.equal(
        reliability.reduce((sum, { n }) => sum + n, 0),
        2,
      );
    },
  );

  test("a page counts where it is found, and another page that answers as well counts too", () => {
    const pages = ["vouchers", "returns", "refund-policy", "shipping"];
    const third = figuresOf([asked(REFUNDS, { pages })]);
    assert.deepEqual([third.answerable.page_top1, third.answerable.page_top3], [0, 1]);
    const also = figuresOf([asked({ ...REFUNDS, also: ["vouchers"] }, { pages })]);
    assert.equal(also.answerable.page_top1, 1);
    const fourth = figuresOf([asked({ ...REFUNDS, page: "shipping" }, { pages })]);
    assert.equal(fourth.answerable.page_top3, 0);
  });

  test("plain BM25 is counted beside, and chances beside what came true", () => {
    const { answerable, reliability } = figuresOf([
      asked(REFUNDS, { pages: ["shipping"], byBm25: ["refund-policy"], chance: 0.7 }),
      asked(REFUNDS, { pages: ["refund-policy"], chance: 0.75 }),
      asked(BOATS, { pages: ["returns"], chance: 0.1 }),
    ]);
    assert.deepEqual([answerable.page_top3, answerable.bm25_top3], [0.5, 0.5]);
    assert.deepEqual(reliability, [
      { n: 1, stated: 0.1, right: 0 },
      { n: 2, stated: 0.725, right: 0.5 },
    ]);
  });

  test("BM25 finds the page that has the rarer word, and none that shares no word", () => {
    const page = (slug: string, text: string) => ({
      slug,
      title: slug,
      url: "",
      updated: "",
      text,
    });
    const search = plainBm25([
      page("refunds", "Refunds of orders are paid by card."),
      page("parcels", "Parcels of orders are late."),
      page("lamps", "Wash them."),
    ]);
    assert.deepEqual(search("Is my order refunded?"), ["refunds", "parcels"]);
  });

  test("an answer needs one wording of every group, and none that is wrong", () => {
    const right = (text: string): number | null =>
      figuresOf([asked(REFUNDS, { text })]).answerable.answered_right;
    assert.equal(right("Within THIRTY days."), 1);
    assert.equal(right("Within some days."), 0);
    assert.equal(right("Within 30 days, or 60 days for members."), 0);
    const both = { ...REFUNDS, must_include: [["photo"], ["order number"]] };
    const text = "Send us a photo.";
    assert.equal(figuresOf([asked(both, { text })]).answerable.answered_right, 0);
  });
});
