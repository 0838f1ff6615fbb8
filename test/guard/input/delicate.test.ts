/** What only people answer: how much of it is found in messages that nothing was learnt from, and what is not taken for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { delicateRows, judgedMessages } from "#evals/guard/delicate/command.ts";
import { ownDelicateTexts } from "#evals/guard/delicate/texts.ts";
import { isAngryText, readTopic } from "#guard/input/delicate.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { guard, mail } from "./inbox.ts";

const kept = ownDelicateTexts("kept");

/** A little beside what was measured, so that a real loss shows. */
const FOUND_MIN = 0.55;
const FOUND_OF_A_TOPIC_MIN = 0.4;
const RIGHT_OF_FOUND_MIN = 0.9;
const CALM_TAKEN_MAX = 0.03;
const ANGRY_MIN = 0.55;

test("of messages that were kept back most delicate ones are found, under their topic, and hardly a calm one", (context) => {
  const rows = delicateRows(judgedMessages(kept));
  const delicate = rows.filter(({ topic }) => topic !== "calm" && topic !== "angry");
  const sum = (what: "of" | "delicate" | "right") =>
    delicate.reduce((all, row) => all + row[what], 0);
  const calm = rows.find(({ topic }) => topic === "calm");
  const angry = rows.find(({ topic }) => topic === "angry");
  assert.ok(delicate.length === 9 && calm !== undefined && angry !== undefined);
  context.diagnostic(
    `${sum("delicate")} of ${sum("of")} found, ${sum("right")} under their topic, ${calm.delicate} of ${calm.of} calm taken`,
  );
  assert.ok(sum("delicate") >= FOUND_MIN * sum("of"));
  assert.ok(sum("right") >= RIGHT_OF_FOUND_MIN * sum("delicate"));
  for (const { topic, of, delicate: found } of delicate)
    assert.ok(found >= FOUND_OF_A_TOPIC_MIN * of, `${topic}: ${found} of ${of}`);
  assert.ok(calm.delicate <= CALM_TAKEN_MAX * calm.of);
  assert.ok(angry.angry >= ANGRY_MIN * angry.of, `${angry.angry} of ${angry.of} angry`);
  assert.ok(calm.angry <= CALM_TAKEN_MAX * calm.of, `${calm.angry} calm called angry`);
});

test("nothing was learnt from what was kept back", () => {
  const learnt = new Set(
    [...ownDelicateTexts("learn"), ...ownDelicateTexts("calm-learn")].map(({ text }) => text),
  );
  assert.deepEqual(
    kept.filter(({ text }) => learnt.has(text)),
    [],
  );
});

const SAID: readonly (readonly [string, string])[] = [
  ["legal", "I will sue you and your company in court."],
  ["self_harm", "I want to kill myself"],
  ["self_harm", "Ich will nicht mehr leben."],
  ["self_harm", "Je n'ai plus envie de vivre."],
  ["threat", "I will kill you"],
  ["injury", "The kettle exploded and I burned my hand."],
  ["injury", "El hervidor explotó y me quemé"],
  ["press", "I am a journalist and writing an article about your shop."],
  ["chargeback", "I am going to dispute the charge with my bank."],
  ["hacked_account", "My account was hacked!"],
  ["data_request", "Please delete all my data under GDPR."],
  ["data_request", "Proszę usunąć moje dane"],
  ["abuse", "Fuck you, you are all idiots."],
  // Of several topics the gravest counts, however clearly another is said.
  ["self_harm", "I will sue you and then I will kill myself"],
  ["legal", "You fucking idiots! Fuck you. Also I will sue you!"],
  ["legal", "Also I will sue you!"],
  ["legal", "I will sue you. I demand all data you hold about me under GDPR. Delete all my data."],
  // However it is dressed.
  ["legal", "I will ѕuе you, see you in court"],
];

for (const [topic, text] of SAID)
  test(`${topic}: ${text}`, () => {
    assert.equal(guard.delicate([mail(text)])?.topic, topic);
  });

for (const text of [
  "I did not get this order.",
  "Hi, this is Sue. Where is my order?",
  "My lawyer ordered a lamp and I want the same.",
  "I work at the hospital, please deliver it there.",
  "Is Suicide Squad in stock?",
  "I could kill for a coffee.",
  "I forgot my password.",
  "Mein Mann ist Anwalt, das Paket geht an seine Kanzlei.",
  "¿Pueden mandar el pedido al hospital donde trabajo?",
  // A bank that has booked, honesty wished for and "I don't want" are no dispute and no despair.
  "my bank has already taken the money for order 456",
  "It says 'processing' at order 456. Is that my payment? Did it not go through? my bank has it booked",
  "I want somebody to tell me honestly what is going on. Order 456.",
  "I don't want it cancelled, what is going on with order 456",
  "I don't want it cancelled and I don't want a voucher. Order 456.",
  "I did the reset from the manual twice and tried them on my daughter's tablet, same thing. I don't want another pair, I've lost trust in them to be honest. Please refund order 789.",
])
  test(`not delicate: ${text}`, () => {
    assert.equal(guard.delicate([mail(text)]), null);
  });

test("a weak sign is told from a clear one, and despair is always clear", (context) => {
  for (const text of [
    "I'm seventy-four and I type with one finger.",
    "Who gets the money, him or me?",
  ])
    assert.equal(guard.delicate([mail(text)])?.isWeak, true, text);
  for (const text of [
    "The kettle exploded and I burned my hand.",
    "My lawyer will contact you.",
    "I am a journalist and writing an article about your shop.",
  ])
    assert.equal(guard.delicate([mail(text)])?.isWeak, undefined, text);
  const signs = kept.map(({ topic, subject, text }) => ({
    topic,
    sign: guard.delicate([mail(text, { subject })]),
  }));
  const despair = signs.filter(({ sign }) => sign?.topic === "self_harm");
  assert.ok(despair.length > 0 && despair.every(({ sign }) => sign?.isWeak === undefined));
  const atOnce = signs.filter(({ sign }) => sign !== null && sign.isWeak !== true);
  const calm = atOnce.filter(({ topic }) => topic === "calm" || topic === "angry");
  context.diagnostic(`${atOnce.length} at once, ${calm.length} of them calm or angry`);
  assert.ok(calm.every(({ sign }) => sign?.topic === "self_harm"));
});

const CALM =
  "The lamp came on Monday and looks lovely on the shelf. Could you send the invoice again? ";

test("one sentence in a long letter is found, and shown as it was written, in short and without secrets", () => {
  const said = "I WANT to kill myself and I do not want to live anymore.";
  const found = guard.delicate([mail(`${CALM.repeat(3)}${said} ${CALM.repeat(3)}`)]);
  assert.equal(found?.topic, "self_harm");
  assert.match(found.words, /I WANT to kill myself/);
  assert.doesNotMatch(found.words, /invoice/);
  const secret = guard.delicate([mail("I will sue you in court over card 4111 1111 1111 1111")]);
  assert.equal(secret?.topic, "legal");
  assert.doesNotMatch(secret.words, /4111/);
  const long = guard.delicate([
    mail(`I will sue you in court ${"and my lawyer will too ".repeat(90)}`),
  ]);
  assert.ok((long?.words.length ?? 999) <= 160);
  assert.equal(guard.delicate([mail(CALM.repeat(20))]), null);
});

test("an operator's own phrases count, before what is read otherwise", () => {
  assert.deepEqual(guard.delicate([mail("My barrister is informed.")]), {
    topic: "legal",
    words: "barrister",
  });
  const plain = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  assert.equal(plain.delicate([mail("The barrister liked the lamp.")]), null);
});

test("only the writer's new text counts, in subject or text, of any of the messages", () => {
  const said = "I will sue you in court";
  const segments = [{ kind: "quoted" as const, text: said }];
  assert.equal(guard.delicate([mail("Thank you, all good.", { segments })]), null);
  assert.equal(guard.delicate([mail("Thank you.", { subject: said })])?.topic, "legal");
  assert.equal(guard.delicate([mail("Thank you."), mail(said)])?.topic, "legal");
});

test("anger is told from patience", () => {
  for (const text of [
    "This is ridiculous. Third mail and nobody answers.",
    "Das ist eine Frechheit!",
    "Esto es inaceptable.",
  ])
    assert.ok(isAngryText(text), text);
  for (const text of ["Thank you so much!!!", "Could you please send the invoice again?"])
    assert.ok(!isAngryText(text), text);
});

test("a text without words is about nothing", () => {
  for (const text of ["", " \n", "…"]) {
    assert.equal(readTopic({ subject: "", text }), null);
    assert.equal(isAngryText(text), false);
  }
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
  const weak = { ...from("anybody@gold.test"), text: "Who gets the money, him or me?" };
  assert.equal(guard.delicate([weak])?.topic, "vip");
  assert.equal(guard.delicate([from("anybody@notgold.test")]), null);
  const signed = {
    level: 2 as const,
    method: "chat-token",
    reason: "token",
    handle: { kind: "customer" as const, customerId: "u999" },
  };
  assert.equal(guard.delicate([mail("Hi", { identity: signed })])?.topic, "vip");
});
