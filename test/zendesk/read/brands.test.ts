/** More than one brand on one account, and fields the account wants filled in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { replying } from "#test/jobs/turn-results.ts";
import { inOffice, type Office } from "#test/zendesk/office.ts";

const BRAND = { own: 4_300_000_001, other: 4_300_000_101, unlisted: 4_300_000_102 };

/** Answers are signed with their brand's name here. */
function sign(office: Office): string[] {
  const brands: string[] = [];
  office.desk.rule({ sign: (words, { brand }) => `${words}\n-- ${brand}` });
  office.desk.answer(({ conversation }) => {
    brands.push(conversation.brand);
    return replying("It is on its way.");
  });
  return brands;
}

async function told(office: Office, ticketId: number): Promise<readonly string[]> {
  const comments = await office.comments(ticketId);
  const { bot } = office.sandbox.users;
  return comments
    .filter(({ public: shown, author_id }) => shown && author_id === bot)
    .map(({ body }) => body);
}

const move = (office: Office, ticketId: number, brand: number) =>
  office.as("dana", "PUT", `/tickets/${ticketId}`, { ticket: { brand_id: brand } });

inOffice(
  "an account with several brands",
  (office) => {
    test("a brand that changed after the yes, which no event told of, gets nothing in the name of the one before", async () => {
      sign(office);
      const ticketId = await office.ask("Where is 456?");
      await office.settle();
      const id = await office.conversationOf(ticketId);
      await office.desk.press("approve", id);
      await office.control("POST", "webhook-faults", { drop: 20 });
      await move(office, ticketId, BRAND.other);
      await office.settle();
      assert.deepEqual(await told(office, ticketId), []);
      assert.match(JSON.stringify((await office.desk.pending(id))?.proposal), /-- otherbrand/);
    });

    test("an unlisted brand is never written to; people hear of it once, and a ticket that leaves it is worked on", async () => {
      const brands = sign(office);
      const more = { brandId: BRAND.unlisted };
      const first = await office.mail("ann@customer.test", "Where is my lamp?", more);
      await office.settle();
      await office.mail("bob@elsewhere.test", "Where is 1001?", more);
      await office.settle();
      assert.deepEqual([brands.length, office.writes().length], [0, 0]);
      assert.deepEqual(
        office.desk.alerts().map(({ text }) => /brand 4300000102 .*ZENDESK_BRANDS/.test(text)),
        [true],
      );
      await move(office, first, BRAND.own);
      await office.settle();
      assert.deepEqual(brands, ["ourshop"]);
      assert.equal(office.writes().length, 1);
    });
  },
  {
    brands: { [String(BRAND.own)]: "ourshop", [String(BRAND.other)]: "otherbrand" },
  },
);
