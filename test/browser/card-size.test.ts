/** How much of a screen a card takes in the sandbox's Slack, in a real browser. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { Card } from "#core/contracts/approval-desk.ts";
import { slack } from "#slack/index.ts";
import { browserMissing, startBrowser, type TestBrowser } from "#test/support/browser.ts";
import { aroundOf, refundCard } from "#test/slack/cards/card-samples.ts";
import { optionsFor } from "#test/slack/bench.ts";
import { startTestSlack, type TestSlack } from "#test/slack/local-slack.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const PHONE = { width: 390, height: 844 };

const ORDER = {
  orderId: "456",
  item: "desk lamp",
  paid: { minor: 6_000, currency: "USD" },
  paidBy: "",
  refunded: { minor: 0, currency: "USD" },
  status: "processing",
  shippedOn: null,
  dueOn: null,
  deliveredOn: null,
  returnSince: null,
};

/** An ordinary reply: a question about an order, and an answer with greeting and signature. */
const REPLY: Partial<Card> = {
  headline: "Reply · order 456, where is it · Ann Fields",
  asked: "Hello,\nwhere is my order 456? I need the lamp by Friday.\n\nAnn",
  actions: [],
  draft: {
    text: "Hello Ann,\n\norder 456 (desk lamp) is being prepared in our warehouse. You get a mail with a link as soon as it is on its way.\n\nKind regards\nOurShop Support",
    to: "ann@customer.test",
    sources: [],
    marks: [],
  },
  confirm: "",
  approveLabel: "Send",
  conversationLabel: "Order 456 · c_cab197",
  buttons: ["approve", "edit", "reject", "escalate", "claim", "redo", "take_over"],
  context: aroundOf({
    since: "2026-11-20T07:12:00.000Z",
    orders: [ORDER],
    citations: [
      { source: "order 456, from the shop", words: ["456", "desk lamp"], quote: "" },
      {
        source: "Shipping",
        words: [],
        quote: "We send a mail with a tracking link when your parcel leaves the warehouse.",
      },
    ],
  }),
};

describe("a card on a screen", { skip: browserMissing }, () => {
  const opened: { server?: TestSlack; browser?: TestBrowser } = {};
  before(async () => {
    opened.server = await startTestSlack();
    opened.browser = await startBrowser();
    const { desk } = slack(optionsFor(opened.server.apiUrl));
    await desk.post(refundCard(REPLY), "key", AbortSignal.timeout(PATIENCE_MS));
  });
  after(async () => {
    await opened.browser?.close();
    await opened.server?.close();
  });

  const open = async (size: typeof PHONE): Promise<Page> => {
    const { server, browser } = opened;
    assert.ok(server && browser);
    const { page } = await browser.openPage(server.url, size);
    await page.addStyleTag({ content: ".sidebar { display: none; }" });
    await page.locator(".msg", { hasText: "order 456, where is it" }).waitFor();
    return page;
  };
  const boxOf = async (page: Page, text: string) => {
    const box = await page.locator(".msg").getByText(text, { exact: true }).first().boundingBox();
    assert.ok(box, text);
    return box;
  };

  test("fits one screen of a phone from the headline to the buttons", async (context) => {
    const page = await open(PHONE);
    const [headline, send] = [
      await boxOf(page, "Reply · order 456, where is it · Ann Fields"),
      await boxOf(page, "Send"),
    ];
    const height = send.y + send.height - headline.y;
    context.diagnostic(`${height} pixels`);
    assert.ok(
      headline.y >= 0 && send.y + send.height <= PHONE.height,
      JSON.stringify([headline, send]),
    );
    const menu = page.locator(".msg select.bk-overflow");
    assert.deepEqual(await menu.locator("option").allTextContents(), [
      "⋯",
      "Escalate",
      "Claim",
      "Redo",
      "Take over",
      "Why?",
    ]);
    await page.context().close();
  });
});
