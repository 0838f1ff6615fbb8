import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyClick, type ApprovalStanding, type Click } from "#core/values/approval.ts";
import { runs } from "#test/support/tiers.ts";

const NOW = new Date("2026-11-20T12:00:00Z");

function standing(count: number, leads: number): ApprovalStanding {
  return {
    version: 1,
    state: "pending",
    needs: { count, leads },
    votes: [],
    expiresAt: "2026-11-20T20:00:00Z",
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
    button: fc.constantFrom<Click["button"]>("approve", "approve", "approve", "reject", "edit"),
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
        let now = standing(count, leads);
        for (const { person, button, version, hours } of clicks) {
          const at = new Date(NOW.getTime() + hours * 3_600_000);
          const result = applyClick(now, { button, version, at, ...person });
          if (result.kind === "refused") continue;
          assert.notEqual(person.role, null, "a person without a role counted");
          assert.equal(version, 1, "an old version counted");
          assert.equal(now.state, "pending", "a decided card moved");
          assert.ok(at.getTime() < Date.parse(now.expiresAt), "an expired card moved");
          now = result.standing;
          assert.equal(result.complete, now.state !== "pending");
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

test("each refusal says which one it is", () => {
  const click = {
    button: "approve",
    version: 1,
    voter: "sam@x",
    name: "Sam",
    role: "support",
    at: NOW,
  } as const;
  const code = (from: ApprovalStanding, over: Partial<Click> = {}) => {
    const result = applyClick(from, { ...click, ...over });
    return result.kind === "refused" ? result.code : "counted";
  };
  assert.equal(code(standing(1, 0), { role: null }), "forbidden");
  assert.equal(code(standing(1, 0), { version: 2 }), "stale");
  assert.equal(code(standing(1, 0), { at: new Date("2026-11-20T20:00:00Z") }), "expired");
  assert.equal(code({ ...standing(1, 0), state: "void" }), "decided");
  const once = applyClick(standing(2, 0), click);
  assert.ok(once.kind === "counted" && !once.complete);
  assert.equal(code(once.standing), "twice");
});

test("two supporters are not enough where one must be a lead", () => {
  const first = applyClick(standing(2, 1), {
    button: "approve",
    version: 1,
    voter: "sam@x",
    name: "Sam",
    role: "support",
    at: NOW,
  });
  assert.ok(first.kind === "counted");
  const second = applyClick(first.standing, {
    button: "approve",
    version: 1,
    voter: "dana@x",
    name: "Dana",
    role: "support",
    at: NOW,
  });
  assert.ok(second.kind === "counted" && !second.complete);
  const third = applyClick(second.standing, {
    button: "approve",
    version: 1,
    voter: "lea@x",
    name: "Lea",
    role: "lead",
    at: NOW,
  });
  assert.ok(third.kind === "counted" && third.complete);
});
