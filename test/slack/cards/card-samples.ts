import fc from "fast-check";
import type { Card } from "#core/contracts/approval-desk.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { type CardContext, NO_CARD_CONTEXT } from "#core/values/card-context.ts";

/** A refund that a teammate has to approve; tests change what they are about. */
export function refundCard(change: Partial<Card> = {}): Card {
  return {
    approvalId: "apr_1",
    version: 1,
    kind: "proposal",
    deskChannel: null,
    state: "pending",
    headline: "Refund 120.00 USD and reply · Ann Fields, order 789",
    notification: "",
    zone: "UTC",
    status: null,
    closing: "",
    requester: {
      name: "Ann Fields",
      address: "ann@customer.test",
      verification: "DKIM signature of customer.test matches the From address",
      level: 2,
      standing: "known",
    },
    channel: "email",
    conversationLabel: "conversation c_42",
    context: NO_CARD_CONTEXT,
    asked: "Hello,\nmy headphones broke after a week. Please refund order 789.\n\nAnn",
    changes: [],
    edits: [],
    actions: [
      {
        label: "Refund 120.00 USD to the original payment method, order 789",
        rule: "refund.standard: up to 200.00 USD, one teammate",
      },
    ],
    draft: {
      text: "Hello Ann,\n\nwe have refunded 120.00 USD for your headphones (order 789) to your original payment method.\n\nKind regards\nOurShop support",
      to: "ann@customer.test",
      sources: ["Order 789: delivered 12 days ago", "Refund policy, 30 days"],
      marks: [],
    },
    translation: null,
    flags: [],
    progress: "",
    expiresAt: "2026-11-20T16:03:00.000Z",
    buttons: ["approve", "edit", "reject", "escalate"],
    approveLabel: "Approve",
    confirm: "Do it?",
    model: "the rehearsal model",
    traceId: "turn_1",
    ...change,
  };
}

/** The context of a card; tests set only what they are about. */
export function aroundOf(change: Partial<CardContext>): CardContext {
  return { ...NO_CARD_CONTEXT, ...change };
}

/** Records of a customer with more open conversations than a card names. */
export const KNOWN = {
  kind: "known",
  openCount: 5,
  open: [
    {
      channel: "zendesk",
      called: "4711",
      subject: "Where is my phone?",
      isWithPeople: true,
      isSameOrder: false,
      delicate: "",
    },
    {
      channel: "chat",
      called: "c_19be20",
      subject: "",
      isWithPeople: false,
      isSameOrder: false,
      delicate: "",
    },
  ],
  refundDays: 90,
  refundCount: 2,
  refunded: ["145.00 USD"],
} as const satisfies Card["context"]["records"];

const line = fc.string({ unit: anyCharacter, maxLength: 600 });
const upTo = (max: number) => line.map((text) => text.slice(0, max));

/** A card context with every field. */
export const anyAround: fc.Arbitrary<CardContext> = fc
  .record({
    since: fc.constantFrom(null, "2026-11-20T07:12:00.000Z"),
    files: upTo(300),
    by: upTo(100),
    copies: fc.array(line, { maxLength: 30 }),
    sources: fc.array(upTo(400), { maxLength: 20 }),
    subjects: fc.array(upTo(200), { maxLength: 3 }),
  })
  .map(({ subjects, sources, by, ...rest }) => ({
    ...NO_CARD_CONTEXT,
    ...rest,
    link: "https://desk.example.test/console#apr_1",
    due: { at: "2026-11-20T12:00:00.000Z", by },
    citations: sources.map((source) => ({ source, words: ["word"], quote: source.slice(0, 200) })),
    records: {
      ...KNOWN,
      refunded: [...KNOWN.refunded],
      open: subjects.map((subject) => ({
        channel: "email",
        called: subject.slice(0, 100),
        subject,
        isWithPeople: true,
        isSameOrder: true,
        delicate: subject.slice(0, 60),
      })),
    },
  }));
