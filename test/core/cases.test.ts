/** Which conversations are one case, and how a matter ended. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type CaseFacts, placeInCase, unansweredNumber } from "#core/cases/same-case.ts";
import {
  type AskedElsewhere,
  conversationResolutions,
  type MatterEvent,
  type ResolutionFacts,
} from "#core/cases/resolution.ts";
import { assignedReason } from "#core/cases/ownership.ts";
import { runs } from "#test/support/tiers.ts";

const NOW = Date.parse("2026-03-01T10:00:00.000Z");

const MINUTE = 60_000;

function factsOf(minutes: number, more: Partial<CaseFacts> = {}): CaseFacts {
  return {
    customerId: "u123",
    isPrivate: true,
    brand: "default",
    writtenAt: new Date(NOW + minutes * MINUTE),
    orders: [],
    calledOrders: [],
    topic: "refund",
    words: new Set(),
    refersBack: "no",
    ...more,
  };
}

function placed(newer: CaseFacts, ...older: readonly CaseFacts[]) {
  const others = older.map((facts, at) => ({ conversationId: `c${at}`, caseId: null, facts }));
  const { kind, other } = placeInCase(newer, others);
  return [kind, other?.conversationId ?? null];
}

describe("placing a conversation in a case", () => {
  const named = (minutes: number, more: Partial<CaseFacts> = {}) =>
    factsOf(minutes, { orders: ["789"], ...more });

  test("one order is one case, whatever is asked; another order is another", () => {
    assert.deepEqual(placed(named(600, { topic: "address" }), named(0)), ["same", "c0"]);
    assert.deepEqual(placed(factsOf(600, { orders: ["790"] }), named(0)), ["apart", null]);
  });

  test("nothing else than the same proven customer, alone, at the same brand, within seven days", () => {
    const others: readonly Partial<CaseFacts>[] = [
      { customerId: "u456" },
      { customerId: null },
      { isPrivate: false },
      { brand: "outlet" },
      { writtenAt: new Date(NOW - 8 * 24 * 60 * MINUTE) },
    ];
    for (const other of others)
      assert.deepEqual(placed(named(0), named(0, other)), ["apart", null], JSON.stringify(other));
    assert.deepEqual(placed(named(0, { customerId: null }), named(0, { customerId: null })), [
      "apart",
      null,
    ]);
  });

  test("a channel without brands is at home with the brand that has no name", () => {
    assert.deepEqual(placed(named(1, { brand: "" }), named(0)), ["same", "c0"]);
    assert.deepEqual(placed(named(1, { brand: "" }), named(0, { brand: "outlet" })), [
      "apart",
      null,
    ]);
  });

  test("“still nothing” is about what waits alone; of several a teammate is asked", () => {
    const still = factsOf(600, { refersBack: "clearly" });
    assert.deepEqual(placed(still, named(0)), ["same", "c0"]);
    assert.deepEqual(placed(still, named(0), factsOf(1, { orders: ["790"] })), ["unsure", "c1"]);
    assert.deepEqual(placed(still, named(0), factsOf(1, { topic: "faq" })), ["same", "c0"]);
  });

  test("two mails within two minutes are one, unless the second is about something else", () => {
    assert.deepEqual(placed(factsOf(1), named(0)), ["same", "c0"]);
    assert.deepEqual(placed(factsOf(1, { topic: "password" }), named(0)), ["apart", null]);
    assert.deepEqual(placed(factsOf(1, { topic: "faq" }), named(0)), ["apart", null]);
    assert.deepEqual(placed(factsOf(1, { calledOrders: ["999"] }), named(0)), ["apart", null]);
  });
});

describe("the number of a message", () => {
  const at = (minutes: number, kind: "requester" | "bot") => ({
    author: { kind },
    visibility: "public" as const,
    sentAt: new Date(NOW + minutes * MINUTE).toISOString(),
  });

  test("counts what the customer wrote since the last answer, in whatever conversation", () => {
    assert.equal(unansweredNumber([], [at(0, "requester")]), 1);
    assert.equal(
      unansweredNumber([at(2, "requester"), at(1, "requester")], [at(3, "requester")]),
      3,
    );
    assert.equal(unansweredNumber([at(2, "bot"), at(1, "requester")], [at(3, "requester")]), 1);
  });
});

const DAY = 86_400_000;

const QUIET = 7 * DAY;

const asked = (at: number, more: Partial<Extract<MatterEvent, { kind: "asked" }>> = {}) =>
  ({
    kind: "asked",
    at,
    key: `a${at}`,
    thanks: false,
    escalated: false,
    orders: [],
    topic: "",
    ...more,
  }) as const;

const answered = (at: number, more: Partial<Extract<MatterEvent, { kind: "answered" }>> = {}) =>
  ({ kind: "answered", at, key: `r${at}`, by: "bot", asks: false, ...more }) as const;

function ends(events: readonly MatterEvent[], now: number, more: Partial<ResolutionFacts> = {}) {
  const none = { elsewhere: [], spent: [], worked: [], handedOverAt: null } as const;
  const facts = { events, ...none, owner: "bot", ...more } as const;
  return conversationResolutions(facts, { now, quietMs: QUIET });
}

const kinds = (...given: Parameters<typeof ends>) => ends(...given).map(({ kind }) => kind);

describe("how a matter ends", () => {
  test("an answer counts as durable only when the days are over", () => {
    const events = [asked(0), answered(DAY)];
    assert.deepEqual(kinds(events, DAY + QUIET - 1), [null]);
    assert.deepEqual(kinds(events, DAY + QUIET), ["durable"]);
    assert.equal(ends(events, DAY + QUIET)[0]?.solvedAt, DAY + QUIET);
  });

  test("thanks and a good rating confirm at once, and a bad rating never resolves", () => {
    const thanks = asked(2 * DAY, { thanks: true });
    assert.deepEqual(kinds([asked(0), answered(DAY), thanks], 2 * DAY), ["confirmed"]);
    const rated = (score: "good" | "bad") =>
      [asked(0), answered(DAY), { kind: "rated", score, at: 2 * DAY, key: "s" }] as const;
    assert.deepEqual(kinds(rated("good"), 2 * DAY), ["confirmed"]);
    assert.deepEqual(kinds(rated("bad"), 30 * DAY), ["abandoned"]);
    assert.deepEqual(kinds([asked(0), asked(DAY, { thanks: true })], 30 * DAY), [null]);
  });

  test("a click that solves is assumed until the days are over, and reopening takes it back", () => {
    const solved = { kind: "solved", automatic: false, at: 2 * DAY, key: "s" } as const;
    const events = [asked(0), answered(DAY), solved];
    assert.deepEqual(kinds(events, 3 * DAY), ["assumed"]);
    assert.deepEqual(kinds(events, DAY + QUIET), ["durable"]);
    const reopened = { kind: "reopened", at: 3 * DAY, key: "t" } as const;
    assert.deepEqual(kinds([...events, reopened], 3 * DAY), [null]);
  });

  test("what people answered or have is handed off, also when it was solved, and its feedback still counts", () => {
    const solved = { kind: "solved", automatic: false, at: 2 * DAY, key: "s" } as const;
    assert.deepEqual(kinds([asked(0), answered(DAY, { by: "teammate" }), solved], 3 * DAY), [
      "handed_off",
    ]);
    assert.deepEqual(kinds([asked(0), answered(DAY)], 30 * DAY, { owner: "human" }), [
      "handed_off",
    ]);
    assert.deepEqual(kinds([asked(0, { escalated: true })], DAY), ["handed_off"]);
    const [end] = ends([asked(0), answered(DAY, { by: "teammate" })], 30 * DAY);
    assert.equal(end?.solvedAt, DAY + QUIET);
  });

  test("a matter ends once: a surer sign that follows, or more from people, moves it into no other week", () => {
    const ended = (events: readonly MatterEvent[], now: number) =>
      ends(events, now).map(({ endedAt }) => endedAt);
    const solved = { kind: "solved", automatic: true, at: 4 * DAY, key: "s" } as const;
    const rated = { kind: "rated", score: "good", at: 20 * DAY, key: "r" } as const;
    const events = [asked(0), answered(DAY), solved];
    assert.deepEqual(ended(events, 5 * DAY), [4 * DAY]);
    assert.deepEqual(ended(events, DAY + QUIET), [4 * DAY]);
    assert.deepEqual(ended([asked(0), answered(DAY), rated], 30 * DAY), [DAY + QUIET]);
    const people = [asked(0), answered(DAY, { by: "teammate" })];
    assert.deepEqual(ended([...people, answered(9 * DAY, { by: "teammate" })], 10 * DAY), [DAY]);
    assert.deepEqual(ended([asked(0, { escalated: true }), ...people.slice(1)], 10 * DAY), [0]);
  });

  test("the first sign ends it, whatever is said or marked again, and people have it from when they took it", () => {
    const solved = (days: number) =>
      ({ kind: "solved", automatic: false, at: days * DAY, key: `s${days}` }) as const;
    const rated = (days: number) =>
      ({ kind: "rated", score: "good", at: days * DAY, key: `g${days}` }) as const;
    const thanks = (days: number) => asked(days * DAY, { thanks: true });
    const reopened = { kind: "reopened", at: 5 * DAY, key: "t" } as const;
    const rows: readonly (readonly [days: number, ...after: MatterEvent[]])[] = [
      [2, solved(2), thanks(5), reopened],
      [2, solved(2), thanks(5), reopened, solved(6)],
      [2, rated(2), rated(6)],
      [2, solved(2), solved(5)],
      [2, thanks(2), thanks(6)],
      [8, thanks(9), answered(9.5 * DAY)],
    ];
    for (const [days, ...after] of rows)
      assert.deepEqual(
        ends([asked(0), answered(DAY), ...after], 10 * DAY).map(({ endedAt }) => endedAt),
        [days * DAY],
      );
    const events = [asked(0), answered(DAY)];
    const more = [asked(4 * DAY), answered(6 * DAY, { by: "teammate" })];
    for (const given of [events, [...events, ...more]]) {
      const [end] = ends(given, 7 * DAY, { owner: "human", handedOverAt: 2 * DAY });
      assert.equal(end?.endedAt, 2 * DAY);
    }
  });

  test("a question of ours that is not answered ends as abandoned", () => {
    const events = [asked(0), answered(DAY, { asks: true })];
    assert.deepEqual(kinds(events, 3 * DAY), [null]);
    assert.deepEqual(kinds(events, 30 * DAY), ["abandoned"]);
  });

  test("the same matter within the days reopens, here and on another channel; another matter does not", () => {
    const first = [asked(0, { orders: ["456"] }), answered(DAY)];
    assert.deepEqual(kinds([...first, asked(3 * DAY)], 30 * DAY), [null]);
    assert.deepEqual(kinds([...first, asked(3 * DAY, { orders: ["789"] })], 30 * DAY), [
      "durable",
      null,
    ]);
    assert.deepEqual(kinds([...first, asked(20 * DAY)], 30 * DAY), ["durable", null]);
    const there = (more: Partial<AskedElsewhere>): readonly AskedElsewhere[] => [
      { at: 3 * DAY, conversationId: "c2", orders: ["456"], topic: "", ...more },
    ];
    const [end] = ends(first, 30 * DAY, { elsewhere: there({}) });
    assert.deepEqual([end?.kind, end?.continuedIn, end?.solvedAt], [null, "c2", null]);
    assert.deepEqual(kinds(first, 30 * DAY, { elsewhere: there({ orders: ["789"] }) }), [
      "durable",
    ]);
    assert.deepEqual(kinds(first, 30 * DAY, { elsewhere: there({ at: 20 * DAY }) }), ["durable"]);
  });

  test("each matter has its own cost and time of people, as far as they are known", () => {
    const events = [asked(0), answered(DAY), asked(20 * DAY), answered(21 * DAY)];
    const found = ends(events, 60 * DAY, {
      spent: [
        { at: 1, usd: 0.5 },
        { at: 2, usd: null },
        { at: 20 * DAY, usd: 0.25 },
      ],
      worked: [{ at: 20 * DAY, minutes: 3 }],
    });
    assert.deepEqual(
      found.map(({ usd, unpriced, humanMinutes }) => [usd, unpriced, humanMinutes]),
      [
        [0.5, 1, null],
        [0.25, 0, 3],
      ],
    );
  });

  const Event: fc.Arbitrary<MatterEvent> = fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.uuid(), fc.integer({ min: 0, max: 9 }))
    .map(([day, key, which]) => {
      const base = { at: day * DAY, key };
      if (which < 3)
        return {
          ...base,
          kind: "asked",
          thanks: which === 2,
          escalated: false,
          orders: which === 1 ? ["456"] : [],
          topic: "",
        };
      if (which < 6)
        return {
          ...base,
          kind: "answered",
          by: which === 5 ? "teammate" : "bot",
          asks: which === 4,
        };
      if (which < 8) return { ...base, kind: "solved", automatic: which === 7 };
      return which === 8
        ? { ...base, kind: "reopened" }
        : { ...base, kind: "rated", score: "good" };
    });

  test("the order of arrival makes no difference, and a later moment only ends what was open", () => {
    fc.assert(
      fc.property(
        fc.array(Event, { maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (events, numbers) => {
          const stirred = events.map((event) => ({ event, by: numbers.next().value ?? 0 }));
          const other = stirred.toSorted((a, b) => a.by - b.by).map(({ event }) => event);
          assert.deepEqual(ends(other, 60 * DAY), ends(events, 60 * DAY));
          // A kind is never without its moment, and nothing counts as ended in the future.
          for (const end of ends(events, 45 * DAY)) {
            assert.equal(end.kind === null, end.endedAt === null);
            assert.ok((end.endedAt ?? 0) <= 45 * DAY);
            if (end.kind === "handed_off") continue;
            const isConfirmed = ["confirmed", "durable"].includes(end.kind ?? "");
            assert.ok(!isConfirmed || end.solvedAt !== null);
          }
        },
      ),
      { numRuns: runs(300) },
    );
  });
});

test("a teammate who takes a ticket is named once, and one who gets it from a colleague beside them", () => {
  const event = {
    kind: "assigned",
    key: "k",
    to: "human",
    at: "2026-03-01T10:00:00.000Z",
    actor: "Dana Cole",
    assignee: "Dana Cole",
    automatic: false,
  } as const;
  assert.equal(assignedReason(event), "Dana Cole took it");
  assert.equal(
    assignedReason({ ...event, assignee: "Lee Park" }),
    "Dana Cole assigned it to Lee Park",
  );
});
