import assert from "node:assert/strict";
import { test } from "node:test";
import { Card } from "#core/contracts/approval-desk.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { NO_CARD_CONTEXT } from "#core/values/card-context.ts";

const LIMIT = { name: "month", words: "once in 30 days for each customer" };
const SENTENCE = "People decide. The limit month (once in 30 days for each customer) is used up.";
const LINE = "Late parcel (late-parcel, version 3, step 2)";
const REFUND = "Refund 20.00 USD, order 7";

const CARD = refundCard({
  flags: [
    { text: "Unusual amount: people usually approve up to 5.00 USD", about: "unusual" },
    {
      text: `Amount 20.00 is from the customer's words (${REFUND})`,
      about: "amount",
      action: REFUND,
    },
    { text: "Guard: asks for a secret", about: "stopped" },
    { text: "Guard, caution (nothing may be changed): speaks to the model", about: "caution" },
    { text: "Check “5.00”: no record says so", about: "check" },
    { text: "Unbacked “It floats.”: no source", about: "unbacked" },
    { text: "The customer writes German, the draft is English", about: "language" },
    { text: "Read against its sources: nothing unbacked", about: "reading" },
    { text: "2 photos, not seen by the bot", about: "files" },
    { text: "Odd", about: "other" },
  ],
  actions: [
    { label: REFUND, rule: `refund.otherwise: ${SENTENCE}`, usedUp: [LIMIT] },
    { label: "Note", rule: "note.all: A note." },
  ],
  context: {
    ...NO_CARD_CONTEXT,
    files: "2 photos, not seen by the bot; 1 text, read by the bot",
    procedures: [{ name: "late-parcel", line: LINE }],
  },
});

const stored = (): Record<string, unknown> => Object(DOCUMENTS.card.encode(CARD));

test("a stored card keeps its lines as every version has them, and comes back as it was", () => {
  const row = stored();
  assert.deepEqual(
    row["flags"],
    CARD.flags.map(({ text }) => text),
  );
  assert.deepEqual(Object(row["around"]).procedures, [LINE]);
  assert.deepEqual(DOCUMENTS.card.decode(row), CARD);
});

test("a card of an older version, which has the lines alone, is read from their words", () => {
  const { flagKinds: _kinds, around, actions, ...older } = stored();
  const { procedureNames: _names, ...context } = Object(around);
  const alone = listed(actions).map(({ usedUp: _usedUp, ...action }) => action);
  assert.deepEqual(DOCUMENTS.card.decode({ ...older, around: context, actions: alone }), CARD);
});

test("a kind of flag that only a newer version knows is none of its own here", () => {
  const flagKinds = CARD.flags.map(() => ({ about: "tone" }));
  const { flags } = DOCUMENTS.card.decode({ ...stored(), flagKinds });
  assert.deepEqual(new Set(flags.map(({ about }) => about)), new Set(["other"]));
});

test("a card without flags and procedures is stored as before", () => {
  const plain = Card.parse({ ...CARD, flags: [], context: NO_CARD_CONTEXT });
  const row = Object(DOCUMENTS.card.encode(plain));
  assert.ok(!("flagKinds" in row) && !("procedureNames" in row.around));
});

function listed(actions: unknown): readonly Card["actions"][number][] {
  return Card.shape.actions.parse(actions);
}
