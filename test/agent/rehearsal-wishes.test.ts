/** The built-in model and what customers only tell, take back, correct or ask in other words. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { TurnInput } from "#core/contracts/agent.ts";
import { agentUnderTest, turn, verified } from "#test/support/fixtures/turns.ts";
import { rehearsalModel } from "#sandbox/rehearsal/rehearsal.ts";
import type { Transcript } from "#sandbox/rehearsal/transcript.ts";
import { requestPhrasesOf, wordsFor } from "#sandbox/rehearsal/wishes.ts";

describe("rehearsal model: what is asked, and what is only told", () => {
  const LANE = "18 Orchard Lane, Eugene, OR 97401, US";
  const BIRCH = "61 Birch Street, Tacoma, WA 98402, US";
  const bob = { requester: verified("u456") };
  const subject = (words: string) => ({
    conversation: { ...turn([]).conversation, subject: words },
  });
  const CASES: readonly (readonly [
    says: string,
    messages: readonly string[],
    changes: Partial<TurnInput>,
    proposed: readonly string[],
    ending: RegExp,
  ])[] = [
    [
      "a mail that speaks of a password asks for no reset",
      [
        "Got an email with your logo this morning: 'confirm your password within 24h or your account is closed'. I haven't clicked. Was that you??",
      ],
      {},
      [],
      /./,
    ],
    ["who forgot it does", ["I forgot my password, can you help?"], {}, ["reset_password"], /link/],
    [
      "a house number and a ZIP are no order's, and the address ends with its sentence",
      [
        `hello! we're getting the keys to the new place tomorrow so the lamp shouldn't go to the old one anymore. please send order 456 to ${LANE} instead. everything else stays as is :)`,
      ],
      {},
      [`change_address ${LANE}`],
      /of order 456 to 18 Orchard Lane/,
    ],
    [
      "thanks and a colon are no part of an address",
      [`Please send order 456 to the new address : ${LANE}. Thanks! Ann`],
      {},
      [`change_address ${LANE}`],
      /to 18 Orchard[^:]*97401, US\./,
    ],
    [
      "the later of two addresses counts",
      [
        "Please send order 456 to 16 Birch Street, Tacoma, WA 98402, US.",
        `Sorry, me again. It's 61, not 16. I always do that. So ${BIRCH}.`,
      ],
      {},
      [`change_address ${BIRCH}`],
      /61 Birch Street/,
    ],
    [
      "monthly payments in general are no payment of theirs",
      [
        "My nephew swears you do monthly payments. Is that so? And if there's a student price on top I'd get him a laptop for Christmas.",
      ],
      { requester: verified("u789") },
      [],
      /^(?!.*was paid by)/,
    ],
    [
      "a return is started",
      [
        "I'd like to return the laptop from order 1001. Please send me the return label, I'll drop it off on my way to work.",
      ],
      bob,
      ["start_return"],
      /started the return of order 1001/,
    ],
    [
      "what is sent back is not refunded at once as well",
      ["I want to return order 789. Please refund me."],
      {},
      ["start_return"],
      /started the return of order 789/,
    ],
    [
      "a late one is denied with the reason",
      [
        "please start a return for order 790 and mail me the label, I was in hospital most of October",
      ],
      {},
      [],
      /can't start a return of order 790.*30 days/,
    ],
    [
      "an invoice is sent again",
      ["please send me the invoice for order 1001 again. (Coffee. All of it.)"],
      bob,
      ["resend_invoice"],
      /sent the invoice for order 1001/,
    ],
    [
      "the last day stands in the record",
      [
        "not unhappy with the headphones (789), just undecided. whats the last day i can change my mind",
      ],
      {},
      [],
      /last day to return order 789 .* 8 December 2026/,
    ],
    [
      "the order of the subject counts",
      ["Hi, is it coming in time?"],
      subject("Order 456"),
      [],
      /Order 456 \(desk lamp\)/,
    ],
    [
      "so does what the subject names",
      ["Hi, is it coming in time?"],
      subject("Lamp for Monday"),
      [],
      /Order 456 \(desk lamp\)/,
    ],
    [
      "what a later message takes back is not proposed",
      [
        "my headphones won't turn on at all. 789. Please refund order 789",
        "oh wait",
        "ok never mind, they were just empty … forget the refund",
      ],
      {},
      [],
      /"needless":"settled"/,
    ],
    [
      "a parcel months old is on no way, and a person is offered",
      ["Where is my order 123?"],
      {},
      [],
      /was shipped on 10 January 2025, and no delivery of it.*a person from our team/,
    ],
    ["a machine says it is one", ["am i talking to a machine?"], {}, [], /Yes, a machine/],
  ];
  for (const [says, messages, changes, proposed, ending] of CASES)
    test(says, async () => {
      const result = await agentUnderTest({ model: rehearsalModel() }).agent.run(
        turn(messages, changes),
      );
      const done = result.actions.map(({ planned: { action } }) =>
        typeof action.arguments["address"] === "string"
          ? `${action.operation} ${action.arguments["address"]}`
          : action.operation,
      );
      assert.deepEqual(done, proposed, JSON.stringify(result.ending));
      assert.match(JSON.stringify(result.ending), ending);
      assert.doesNotMatch(JSON.stringify(result.ending), /is on its way to you/);
    });

  test("each of two refunds comes with the words that name its order", () => {
    const mail =
      "Please refund order 1002, the cable is torn. Also refund order 1003, it is cracked.";
    const transcript: Transcript = {
      today: "2026-11-20",
      subject: "",
      earlier: [],
      unread: [mail],
      askedBefore: false,
      unverified: false,
      inChat: false,
      code: null,
      offered: new Set(),
      result: () => ({ made: false }),
    };
    const asked = requestPhrasesOf(transcript).map((wish) => [
      wish.orderId,
      wordsFor(wish, transcript),
    ]);
    assert.deepEqual(asked, [
      ["1002", "Please refund order 1002, the cable is torn."],
      ["1003", "Also refund order 1003, it is cracked."],
    ]);
  });
});
