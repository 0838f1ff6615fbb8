/** What stays the same between turns, so that a provider can keep it, and what must not. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { profileFor } from "#agent/wire/profile.ts";
import { requestBody } from "#agent/wire/request-body.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import type { ModelRequest } from "#core/contracts/model.ts";
import { canaryFinder, canaryMaker } from "#guard/output/canary.ts";
import { createOutputCheck } from "#guard/output/output-check.ts";
import { message, ours, turn, verified } from "#test/support/fixtures/turns.ts";
import { calls, escalated, lastTold, play, reply } from "./play.ts";

const SECRET = "a secret of this test";
const canary = canaryMaker(SECRET);
const output = createOutputCheck({
  operations: [],
  linkHosts: [],
  contacts: [],
  ownAddresses: [],
  isCanary: canaryFinder(SECRET),
});

/** Another day, customer, brand voice, history and hint. */
const OTHER: Partial<TurnInput> = {
  turnId: "turn-2",
  requester: verified("u456"),
  voice: { tone: "Short and dry.", forbidden: ["no worries"] },
  history: [message("Hello?"), ours("Hello.")],
  mayAsk: false,
  instruction: { hint: "Shorter.", draft: "A long draft." },
};

const written = (request: ModelRequest) =>
  JSON.stringify(requestBody("gpt-4.1", profileFor(""), request));

async function firstRequest(input: TurnInput, today: string): Promise<ModelRequest> {
  const parts = {
    canary,
    clock: { now: () => new Date(today) },
    ids: { next: (prefix: string) => `${prefix}-${input.turnId}` },
  };
  const { requests } = await play([{ text: "Sure." }], parts, input);
  const [first] = requests;
  assert.ok(first !== undefined);
  return first;
}

describe("two different turns", () => {
  test("share the rules and the tools letter by letter, as the beginning of what is sent", async () => {
    const one = await firstRequest(turn(["Where is my order 456?"]), "2026-11-20T10:00:00Z");
    const two = await firstRequest(turn(["I want a refund"], OTHER), "2026-12-24T10:00:00Z");
    assert.deepEqual(one.messages[0], two.messages[0]);
    assert.deepEqual(one.tools, two.tools);
    const bodies = [one, two].map(written);
    const [rules] = one.messages;
    const steady = JSON.stringify(rules?.content).length + JSON.stringify(one.tools).length;
    assert.ok(commonStart(bodies[0] ?? "", bodies[1] ?? "") >= steady);
  });

  test("are told below the rules how customers are addressed, where the voice says it", async () => {
    const day = "2026-11-20T10:00:00Z";
    const said = async (voice: TurnInput["voice"]) =>
      (await firstRequest(turn(["Hello"], { voice }), day)).messages[1]?.content ?? "";
    const voice = { tone: "", forbidden: [] };
    assert.match(await said({ ...voice, address: "familiar" }), /familiarly \(du, tu, tú\)/);
    assert.match(await said({ ...voice, address: "formal" }), /formally \(Sie, vous, usted\)/);
    assert.doesNotMatch(await said(voice), /Address the customer/);
  });

  test("have a canary each below the rules, and a reply that repeats it is found", async () => {
    const steps = [calls(reply(`Sure: ${canary("turn-1")}`)), calls(reply(canary("turn-1")))];
    const { result, requests } = await play(steps, { canary, output }, turn(["Hello"]));
    assert.match(requests[0]?.messages[1]?.content ?? "", new RegExp(canary("turn-1")));
    assert.match(lastTold(requests), /holds a part of the instructions/);
    escalated(result);
    assert.notEqual(canary("turn-1"), canary("turn-2"));
  });
});

function commonStart(one: string, two: string): number {
  let at = 0;
  while (at < one.length && one[at] === two[at]) at += 1;
  return at;
}
