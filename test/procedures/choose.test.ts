/** Which procedures a message finds: the labelled messages of this folder, and what is filtered out before. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkProcedures } from "#procedures/check.ts";
import { chosen } from "#procedures/choose.ts";
import type { CaseWords } from "#core/contracts/knowledge.ts";
import { profileFor } from "#agent/wire/profile.ts";
import { requestBody } from "#agent/wire/request-body.ts";
import { procedureLines } from "#agent/follow-procedures.ts";
import { calls, play, reply } from "#test/agent/play.ts";
import { turn } from "#test/support/fixtures/turns.ts";
import { FRESH_MESSAGES } from "./fresh-messages.ts";
import { MESSAGES } from "./messages.ts";
import { sampleProcedures, worldOf } from "./world.ts";

const { procedures } = checkProcedures(sampleProcedures(), worldOf());

function found(text: string, changes: Partial<CaseWords> = {}, among = procedures): string[] {
  const asked = { text, channel: "email" as const, brand: "", language: null, ...changes };
  return chosen(among, asked).map(({ name }) => name);
}

test("at least 95 of 100 labelled messages find their procedure, with at most 1.3 shown and few to others", () => {
  const labelled = MESSAGES.filter(([, procedure]) => procedure !== "");
  const others = MESSAGES.filter(([, procedure]) => procedure === "");
  const missed = labelled.filter(([text, procedure]) => !found(text).includes(procedure));
  assert.ok(missed.length <= labelled.length * 0.05, JSON.stringify(missed));
  const shown = labelled.reduce((sum, [text]) => sum + found(text).length, 0);
  assert.ok(shown / labelled.length <= 1.3, `${shown / labelled.length} shown each`);
  const needless = others.filter(([text]) => found(text).length > 0);
  assert.ok(needless.length <= others.length * 0.2, JSON.stringify(needless));
});

test("messages the words were not made for: half find their procedure, and few others get one", () => {
  const labelled = FRESH_MESSAGES.filter(([, procedure]) => procedure !== "");
  const others = FRESH_MESSAGES.filter(([, procedure]) => procedure === "");
  const right = labelled.filter(([text, procedure]) => found(text).includes(procedure));
  assert.ok(right.length >= 20, `${right.length} of ${labelled.length}`);
  const shown = labelled.reduce((sum, [text]) => sum + found(text).length, 0);
  assert.ok(shown / labelled.length <= 1.3, `${shown / labelled.length} shown each`);
  const needless = others.filter(([text]) => found(text).length > 0);
  assert.ok(needless.length <= 4, JSON.stringify(needless));
});

test("procedures make the first call of a turn longer by less than a tenth, over all labelled messages", async () => {
  const asked = turn(["Where is my order 456?"]);
  const { requests } = await play([calls(reply("Sure."))], {}, asked);
  const [first] = requests;
  assert.ok(first !== undefined);
  const sent = JSON.stringify(requestBody("gpt-4.1", profileFor(""), first)).length;
  const added = [...MESSAGES, ...FRESH_MESSAGES].map(([text]) => {
    const fitting = chosen(procedures, { text, channel: "email", brand: "", language: null });
    const shown = fitting.map((procedure) => ({ ...procedure, version: 1 }));
    return procedureLines(shown, "nonce").join("\n").length;
  });
  const mean = added.reduce((sum, length) => sum + length, 0) / added.length;
  assert.ok(mean > 0 && mean < sent * 0.1, `${mean} of ${sent} characters`);
});

test("three at most are shown, however long the message", () => {
  const all = procedures.map(({ title, when }) => `${title} ${when}`).join(" ");
  assert.ok(found(all).length <= 3);
  assert.ok(found(all.repeat(500)).length <= 3);
  assert.deepEqual(found(""), []);
  assert.deepEqual(found("1001 2001 !!! 🎈"), []);
});

test("channel, brand and language are conditions, and an unknown language rules nothing out", () => {
  const only = procedures.map((procedure) => ({
    ...procedure,
    channels: ["chat" as const],
    brands: ["Nordlicht"],
    languages: ["de"],
  }));
  const text = "Bitte stornieren Sie meine Bestellung.";
  const fits = { channel: "chat", brand: "Nordlicht", language: "de" } as const;
  assert.deepEqual(found(text, fits, only), ["cancellation"]);
  assert.deepEqual(found(text, { ...fits, language: null }, only), ["cancellation"]);
  assert.deepEqual(found(text, { ...fits, language: "fr" }, only), []);
  assert.deepEqual(found(text, { ...fits, channel: "email" }, only), []);
  assert.deepEqual(found(text, { ...fits, brand: "" }, only), []);
});
