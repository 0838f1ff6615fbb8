import assert from "node:assert/strict";
import { test } from "node:test";
import { Approval } from "#store/approvals/approvals.ts";
import { Effect } from "#store/effects/ledger.ts";
import type { CardProgress } from "#store/approvals/progress.ts";
import { stepsOf } from "#server/start-page/mail-progress.ts";

const REFUND = {
  target: "shop",
  operation: "refund",
  arguments: { orderId: "789", amount: { minor: 12_000, currency: "USD" }, reason: "broke" },
} as const;
const REPLY = { target: "email", operation: "reply", arguments: {} } as const;
const NOTHING: CardProgress = { approval: null, effects: [], outcome: null, reason: "" };

function effect(
  action: Pick<Effect, "target" | "operation"> & { readonly arguments: object },
  state: string,
  more: object = {},
): Effect {
  return Effect.parse({
    key: action.operation,
    conversationId: "c",
    approvalId: "a",
    turnId: "t",
    bundle: "b",
    position: 0,
    target: action.target,
    operation: action.operation,
    action,
    facts: [],
    revision: null,
    approvedBy: "person",
    state,
    ref: null,
    error: null,
    attempts: 1,
    awayCount: 0,
    awaySince: null,
    notBefore: new Date(0),
    finishedAt: null,
    ...more,
  });
}

function approval(state: string, more: object = {}): Approval {
  return Approval.parse({
    id: "a",
    conversationId: "c",
    turnId: "t",
    kind: "proposal",
    version: 1,
    state,
    proposal: {
      actions: [REFUND, REPLY].map((action) => ({
        key: action.operation,
        action,
        label: "label",
        facts: [],
      })),
    },
    seal: "",
    revision: "",
    rules: [],
    needs: { count: 1, leads: 0 },
    votes: state === "approved" ? [vote("Sam Ortiz")] : [],
    expiresAt: new Date(0),
    undoUntil: null,
    asideShown: "",
    claim: null,
    claimUntil: null,
    redo: null,
    redos: 0,
    opinions: [],
    card: {
      approvalId: "a",
      version: 1,
      kind: "proposal",
      state: "pending",
      headline: "h",
      closing: "",
      requester: { name: "", address: "", verification: "", level: 2 },
      channel: "email",
      conversationLabel: "",
      asked: "",
      changes: [],
      actions: [],
      draft: null,
      flags: [],
      progress: "",
      expiresAt: null,
      buttons: [],
      approveLabel: "",
      confirm: "",
      model: "",
      traceId: "t",
    },
    closing: "",
    deskRef: null,
    postAttempts: 0,
    answers: [],
    ...more,
  });
}

function vote(name: string) {
  return { voter: name, name, role: "support", at: "2026-03-02T10:00:00Z" };
}

/** "✓ done · … now · ○ to do · ✗ problem", as on the page. */
function line(course: CardProgress | null, answers = 0, waitedMs: number | null = 3_000): string {
  const marks = { done: "✓", now: "…", todo: "○", problem: "✗" };
  return stepsOf(course, { name: "Ann", answers, waitedMs })
    .map(({ label, state }) => `${marks[state]} ${label}`)
    .join(" → ");
}

test("a mail goes from sent over card, approval and refund to the reply in the mailbox", () => {
  assert.equal(line(null), "✓ mail sent → … being read");
  assert.equal(line(NOTHING), "✓ mail sent → … being read");
  assert.equal(
    line({ ...NOTHING, approval: approval("pending") }),
    "✓ mail sent → ✓ card posted → … waits for a click → ○ refund of 120.00 USD → ○ reply in Ann's mailbox",
  );
  const effects = [effect(REFUND, "done"), effect(REPLY, "intended")];
  const begun = { ...NOTHING, approval: approval("approved"), effects };
  assert.equal(
    line(begun),
    "✓ mail sent → ✓ card posted → ✓ approved by Sam Ortiz → ✓ refund of 120.00 USD done → … reply in Ann's mailbox",
  );
});

test("a second pair of eyes, a rejection and a failed refund are told as they are", () => {
  const two = approval("pending", { needs: { count: 2, leads: 1 }, votes: [vote("Sam Ortiz")] });
  assert.match(line({ ...NOTHING, approval: two }), /… approved by Sam Ortiz, 1 of 2/);
  const rejected = approval("rejected", { closing: "Rejected: Wrong · Sam Ortiz" });
  assert.match(line({ ...NOTHING, approval: rejected }), /✓ Rejected: Wrong · Sam Ortiz$/);
  const failed = effect(REFUND, "failed", { error: "shop.refused: no" });
  assert.match(
    line({ ...NOTHING, approval: approval("approved"), effects: [failed] }),
    /✗ refund of 120\.00 USD failed: shop\.refused: no$/,
  );
});
