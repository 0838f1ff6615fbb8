import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { castVote, type Ballot } from "#jobs/approval/ballot.ts";
import { refusalText } from "#jobs/approval/refusals.ts";
import { runs } from "#test/support/tiers.ts";

const NOW = new Date("2026-11-20T12:00:00Z");

type Click = Parameters<typeof castVote>[1];

function ballot(count: number, leads: number): Ballot {
  return {
    kind: "card",
    version: 1,
    state: "pending",
    needs: () => ({ count, leads }),
    votes: [],
    expiresAt: new Date("2026-11-20T20:00:00Z"),
    isForLeads: false,
    overLimit: () => null,
  };
}

const People = fc.constantFrom(
  { voter: "sam@x", name: "Sam", role: "support" as const },
  { voter: "dana@x", name: "Dana", role: "support" as const },
  { voter: "lea@x", name: "Lea", role: "lead" as const },
  { voter: "ned@x", name: "Ned", role: null },
);
const Clicks = fc.array(
  fc.record({
    person: People,
    meaning: fc.constantFrom<Click["meaning"]>("yes", "yes", "yes", "rejected", "none"),
    version: fc.constantFrom(1, 1, 1, 2),
    hours: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 12 },
);

test("whatever is clicked in whatever order, approved means enough different people with a role, leads among them", () => {
  fc.assert(
    fc.property(
      Clicks,
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 1 }),
      (clicks, count, leads) => {
        let now = ballot(count, leads);
        for (const { person, meaning, version, hours } of clicks) {
          const at = new Date(NOW.getTime() + hours * 3_600_000);
          const click = { meaning, version, at, ...person, teammate: { id: person.voter } };
          const result = castVote(now, click);
          if ("refusal" in result) continue;
          assert.notEqual(person.role, null, "a person without a role counted");
          assert.equal(version, 1, "an old version counted");
          assert.equal(now.state, "pending", "a decided card moved");
          assert.ok(at.getTime() < now.expiresAt.getTime(), "an expired card moved");
          now = { ...now, ...result };
        }
        if (now.state !== "approved") return;
        assert.equal(new Set(now.votes.map(({ voter }) => voter)).size, now.votes.length);
        assert.ok(now.votes.length >= count);
        assert.ok(now.votes.filter(({ role }) => role === "lead").length >= leads);
      },
    ),
    { numRuns: runs(2_000) },
  );
});

const SAM: Click = {
  meaning: "yes",
  version: 1,
  voter: "sam@x",
  name: "Sam",
  role: "support",
  at: NOW,
  teammate: { id: "U1", groups: ["team"] },
};

/** The ballot after a press that counts. */
function after(from: Ballot, over: Partial<Click> = {}): Ballot {
  const result = castVote(from, { ...SAM, ...over });
  assert.ok(!("refusal" in result), JSON.stringify(result));
  return { ...from, ...result };
}

test("each refusal says which one it is", () => {
  const why = (from: Ballot, over: Partial<Click> = {}) => {
    const result = castVote(from, { ...SAM, ...over });
    return "refusal" in result ? result.refusal.why : "counted";
  };
  assert.equal(why(ballot(1, 0), { role: null }), "forbidden");
  assert.equal(why(ballot(1, 0), { version: 2 }), "stale");
  assert.equal(why(ballot(1, 0), { at: new Date("2026-11-20T20:00:00Z") }), "expired");
  assert.equal(why({ ...ballot(1, 0), state: "void" }), "decided");
  assert.equal(why({ ...ballot(1, 0), kind: "policy", isForLeads: true }), "forbidden");
  const once = after(ballot(2, 0));
  assert.equal(once.state, "pending");
  assert.equal(why(once), "twice");
  assert.equal(why(once, { voter: "U9", name: "Dana" }), "unclear", "they may be one person");
  const limit = { minor: 500, currency: "USD" };
  const over = { operation: "refund", limit, amount: { ...limit, minor: 900 }, isSum: false };
  assert.equal(why({ ...ballot(1, 0), overLimit: () => over }), "limit");
});

test("a yes keeps what it takes to judge it again later; an end keeps who ended it", () => {
  const [vote] = after(ballot(1, 0)).votes;
  assert.deepEqual([vote?.deskId, vote?.groups], ["U1", ["team"]]);
  const ended = after(ballot(2, 0), { meaning: "rejected" });
  assert.deepEqual([ended.state, ended.votes.map(({ voter }) => voter)], ["rejected", ["sam@x"]]);
});

test("two supporters are not enough where one must be a lead", () => {
  const second = after(after(ballot(2, 1)), { voter: "dana@x", name: "Dana" });
  assert.equal(second.state, "pending");
  assert.equal(after(second, { voter: "lea@x", name: "Lea", role: "lead" }).state, "approved");
});

test("a late press says who decided, and when", () => {
  const decided = after(ballot(1, 0));
  const late = castVote(decided, { ...SAM, voter: "dana@x", name: "Dana" });
  assert.ok("refusal" in late);
  assert.equal(refusalText(late.refusal), "This card is approved already, by Sam at 12:00 UTC.");
});
