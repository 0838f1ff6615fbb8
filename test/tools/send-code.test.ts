import assert from "node:assert/strict";
import { test } from "node:test";
import { SendCodeArguments } from "#core/values/action.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import { STRANGER, verified } from "#test/support/fixtures/turns.ts";
import { sendCode } from "#tools/account-tools.ts";
import { contextOf } from "./tool-bench.ts";

const ANN = "ann@customer.test";

async function proposed(requester: BoundRequester, changes: Partial<ToolContext> = {}) {
  const tool = sendCode();
  return tool.propose(tool.input.parse({}), contextOf(requester, changes));
}

async function planned(requester: BoundRequester, changes: Partial<ToolContext> = {}) {
  const proposal = await proposed(requester, changes);
  assert.ok(proposal.kind === "proposed", JSON.stringify(proposal));
  return proposal.planned;
}

test("it takes nothing from the model", () => {
  assert.ok(!sendCode().input.safeParse({ address: ANN }).success);
});

test("it proposes a code for the claimed address, bound to the conversation and the messages that ask", async () => {
  const { action, key, facts } = await planned(STRANGER, { claimedAddress: ANN });
  assert.equal(action.target, "identity");
  assert.equal(action.operation, "send_code");
  const { challengeId, ...rest } = SendCodeArguments.parse(action.arguments);
  assert.deepEqual(rest, { conversationId: "c1", address: ANN, answers: ["m1"] });
  assert.match(challengeId, /^code_[0-9a-f]{32}$/);
  assert.match(key, /^code:c1:/);
  assert.deepEqual(facts, []);
});

test("an address without an account gives the same proposal, letter for letter", async () => {
  const strip = async (address: string, requester = STRANGER) => {
    const { label, action, facts } = await planned(requester, { claimedAddress: address });
    return { label, facts, arguments: Object.keys(action.arguments), target: action.target };
  };
  const known: BoundRequester = { ...STRANGER, level: 1, emailOnFile: ANN };
  assert.deepEqual(await strip("nobody@nowhere.test"), await strip(ANN));
  assert.deepEqual(await strip(ANN, known), await strip(ANN, { ...known, emailOnFile: null }));
});

test("how the address on file is written decides nothing below level 2", async () => {
  const known: BoundRequester = { ...STRANGER, level: 1, emailOnFile: "Ann@Customer.test" };
  const one = await planned(known, { claimedAddress: ANN });
  const other = await planned({ ...known, emailOnFile: null }, { claimedAddress: ANN });
  assert.deepEqual(one, other);
});

test("the same messages ask for the same code, others for another", async () => {
  const id = async (changes: Partial<ToolContext>) =>
    (await planned(STRANGER, { claimedAddress: ANN, ...changes })).key;
  const first = await id({ answers: ["m1", "m2"] });
  assert.equal(await id({ answers: ["m2", "m1"] }), first);
  assert.notEqual(await id({ answers: ["m1"] }), first);
  assert.notEqual(await id({ answers: ["m1", "m2"], conversationId: "c2" }), first);
  assert.notEqual(await id({ answers: ["m1", "m2"], claimedAddress: "b@b.test" }), first);
});

test("a proven customer gets it at the address on file, whatever they name", async () => {
  const { action } = await planned(verified("u123"), { claimedAddress: "bob@elsewhere.test" });
  assert.equal(action.arguments["address"], ANN);
});

test("without an address, or for a customer who has entered a code, there is none to send", async () => {
  for (const [requester, reason] of [
    [STRANGER, /e-mail address of the account/],
    [{ ...verified("u123"), emailOnFile: null }, /known who writes/],
    [{ ...verified("u123"), level: 3 }, /entered a code already/],
  ] as const) {
    const proposal = await proposed(requester);
    assert.ok(proposal.kind === "impossible");
    assert.match(proposal.reason, reason);
  }
});
