/** The context of a proposal, as Slack shows it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { renderCard } from "#slack/cards/render-card.ts";
import { aroundOf, KNOWN, refundCard, shownIn } from "./card-samples.ts";
import { plainFlag } from "#core/contracts/approval-desk.ts";

test("a card tells since when the customer waits and by whose clock, their records, and who reads the answer", () => {
  const around = aroundOf({
    since: "2026-11-20T07:12:00.000Z",
    records: { ...KNOWN, open: [...KNOWN.open] },
    copies: ["bob@elsewhere.test (Bob Reed)", "b", "c", "d", "e"],
    isShared: true,
  });
  const shown = shownIn(refundCard({ context: around }));
  for (const part of [
    "🕑 waiting since 20 Nov 07:12\n",
    "expires 20 Nov 16:03 (UTC)",
    "5 other open conversations · 2 refunds in 90 days, 145.00 USD",
    "• zendesk 4711 “Where is my phone?”, with people",
    "• chat c_19be20\n",
    "• and 3 more",
    "5 in copy: bob@elsewhere.test (Bob Reed), b, c, d and 1 more",
  ])
    assert.ok(shown.includes(part), part);
  const due = { at: "2026-11-20T12:00:00.000Z", by: "due date of ticket 12" };
  assert.match(
    shownIn(refundCard({ context: aroundOf({ due }) })),
    /🕑 due 20 Nov 12:00 \(due date of ticket 12\)\n/,
  );
  assert.match(
    shownIn(refundCard({ context: aroundOf({ isShared: true }) })),
    /Others may read it there/,
  );
  const stranger = aroundOf({ records: { kind: "unproven" } });
  assert.match(
    shownIn(refundCard({ context: stranger })),
    /not looked up: the sender is not verified/,
  );
  const plain = shownIn(refundCard());
  for (const absent of ["🗂", "👀", "📎", "waiting"]) assert.ok(!plain.includes(absent), absent);
});

test("files have one line with the way to our console, and no address but one a browser opens", () => {
  const files = "2 photos, not seen by the bot";
  const linked = (link: string) => {
    const card = refundCard({
      flags: [plainFlag("Odd"), { text: files, about: "files" }],
      context: aroundOf({ files, link }),
    });
    assert.equal(shownIn(card).split(files).length, 2, "told once");
    return JSON.stringify(renderCard(card).blocks);
  };
  const link = "https://desk.example.test/console#apr_1";
  assert.ok(linked(link).includes(`"url":"${link}"`));
  assert.match(linked(link), /"action_id":"link:files"/);
  for (const other of ["", "javascript:alert(1)", "not an address"])
    assert.doesNotMatch(linked(other), /"url"/);
});

test("what backs the draft has a small number behind its words and a line below, and is not part of the text", () => {
  const footnotes = [
    { source: "order 789, from the shop", words: ["789", "headphones"], quote: "" },
    { source: "refund of order 789, proposed here", words: ["120.00 USD"], quote: "" },
    { source: "Refund policy", words: [], quote: "within 30 days after delivery" },
    { source: "what the shop refunded", words: ["payment method"], quote: "" },
    { source: "Part of another amount", words: ["20.00 USD"], quote: "" },
    { source: "Gone with an edit", words: ["3 May 2027"], quote: "" },
  ];
  const card = refundCard({ context: aroundOf({ citations: footnotes }) });
  const shown = shownIn(card);
  assert.match(
    shown,
    /120\.00 USD² for your headphones \(order 789¹\) to your original payment method³/,
  );
  assert.match(
    shown,
    /¹ order 789, from the shop\n² refund of order 789, proposed here\n³ what the shop refunded\nSee also Refund policy: “within 30 days after delivery”/,
  );
  assert.doesNotMatch(shown, /Gone with an edit|Part of another|Sources:/);
  assert.doesNotMatch(card.draft?.text ?? "", /[¹²³]/);
});
