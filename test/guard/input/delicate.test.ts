import assert from "node:assert/strict";
import { test } from "node:test";
import { guard, mail } from "./inbox.ts";

const FOUND: readonly (readonly [string, string])[] = [
  ["legal", "I will sue you"],
  ["legal", "I'll sue you!"],
  ["legal", "We are going to sue."],
  ["legal", "See you in court."],
  ["legal", "I'll take you to court."],
  ["legal", "You will hear from my lawyer."],
  ["legal", "My attorney has advised me to write."],
  ["legal", "I am considering legal action."],
  ["legal", "My barrister is informed."],
  ["self_harm", "I want to kill myself"],
  ["self_harm", "I don't want to live anymore."],
  ["self_harm", "I am thinking about suicide."],
  ["threat", "I will kill you"],
  ["threat", "I'm going to burn down your warehouse."],
  ["threat", "There is a bomb in your office."],
  ["injury", "I was injured by the lamp."],
  ["injury", "The kettle burned my hand"],
  ["injury", "The battery exploded."],
  ["injury", "I cut my finger on the glass."],
  ["injury", "I got an electric shock."],
  ["press", "I am a journalist with the Daily News."],
  ["press", "This is a press inquiry."],
  ["press", "I am writing an article about your shop."],
  ["chargeback", "I will start a chargeback."],
  ["chargeback", "I am going to dispute the charge with my bank."],
  ["hacked_account", "My account was hacked!"],
  ["hacked_account", "Somebody logged into my account."],
  ["hacked_account", "I did not place this order."],
  ["data_request", "Please delete all my data under GDPR."],
  ["data_request", "Send me a copy of my personal data."],
  ["data_request", "Delete my account."],
  ["abuse", "Fuck you"],
  ["abuse", "You are all idiots."],
  // The most urgent wins.
  ["self_harm", "I will sue you and then I will kill myself"],
  // However it is dressed.
  ["legal", "I will ѕuе you"],
  ["legal", "I will\nsue\nyou"],
];

for (const [topic, text] of FOUND) {
  test(`${topic}: ${text.replaceAll("\n", " ")}`, () => {
    assert.equal(guard.delicate([mail(text)])?.topic, topic);
  });
}

const PLAIN = [
  "Hi, this is Sue. Where is my order?",
  "Sue Miller ordered the lamp for her mother.",
  "Please deliver it to Sue, your driver knows her.",
  "My lawyer ordered a lamp and I want the same.",
  "I am a lawyer and need the invoice.",
  "I work at the hospital, please deliver it there.",
  "Is Suicide Squad in stock?",
  "This lamp is killing it, I love it.",
  "I could kill for a coffee.",
  "The kettle burned out after two days.",
  "Press the button twice and nothing happens.",
  "I would like to die-cut the paper.",
  "The product is a piece of shit",
  "My cable was cut.",
  "It does not hurt my feelings.",
  "The charge on my card is 25.00, is it correct?",
  "Please remove my data cable from the order.",
  "The Fire TV stick is on fire sale.",
  "I forgot my password.",
  "I can't log in to my account.",
  "I want to return the knife.",
  "I did not get this order.",
  "You will love this.",
];

for (const text of PLAIN) {
  test(`not delicate: ${text}`, () => {
    assert.equal(guard.delicate([mail(text)]), null);
  });
}

test("only the writer's new text counts, in subject or text", () => {
  const segments = [{ kind: "quoted" as const, text: "I will sue you" }];
  assert.equal(guard.delicate([mail("Thank you, all good.", { segments })]), null);
  assert.equal(guard.delicate([mail("Thank you.", { subject: "I will sue you" })])?.topic, "legal");
});

test("a very important person is known by address, domain or customer id", () => {
  const from = (email: string) =>
    mail("Hi", {
      identity: {
        level: 1,
        method: "claimed",
        reason: "claimed",
        handle: { kind: "email", email },
      },
    });
  assert.deepEqual(guard.delicate([from("Boss@Big.test")]), {
    topic: "vip",
    words: "boss@big.test",
  });
  assert.equal(guard.delicate([from("anybody@gold.test")])?.topic, "vip");
  assert.equal(guard.delicate([from("anybody@notgold.test")]), null);
  const signed = {
    level: 2 as const,
    method: "chat-token",
    reason: "token",
    handle: { kind: "customer" as const, customerId: "u999" },
  };
  assert.equal(guard.delicate([mail("Hi", { identity: signed })])?.topic, "vip");
});
