/** How often junk is missed, and how often a customer is taken for it, on mails written for this. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { junkVerdict } from "#guard/input/junk.ts";

const Mail = z.strictObject({
  label: z.enum(["phishing", "sales", "customer"]),
  from: z.string(),
  subject: z.string(),
  text: z.string(),
});
type Mail = z.infer<typeof Mail>;

const mailsIn = (name: string): readonly Mail[] =>
  readFileSync(join(import.meta.dirname, `${name}-mails.jsonl`), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Mail.parse(JSON.parse(line)));

const verdictOn = ({ from, subject, text }: Mail): string => {
  const author = { kind: "requester" as const, id: `email:${from}`, name: from };
  return junkVerdict([{ subject, text, author }])?.kind ?? "customer";
};

for (const [set, missedMax] of [
  ["dev", 0.2],
  ["test", 0.4],
] as const)
  test(`on the ${set} mails no customer is taken for junk, and most junk is found`, (context) => {
    const mails = mailsIn(set);
    const customers = mails.filter(({ label }) => label === "customer");
    const junk = mails.filter(({ label }) => label !== "customer");
    assert.ok(customers.length >= 40 && junk.length >= 40);
    const accused = customers.filter((mail) => verdictOn(mail) !== "customer");
    const missed = junk.filter((mail) => verdictOn(mail) === "customer");
    context.diagnostic(
      `${set}: ${accused.length} of ${customers.length} customers accused, ${missed.length} of ${junk.length} junk missed`,
    );
    assert.deepEqual(
      accused.map(({ subject, text }) => `${subject}: ${text}`),
      [],
    );
    assert.ok(missed.length / junk.length <= missedMax, `${missed.length} of ${junk.length}`);
  });

test("what a customer says of their own order or account outweighs the same words in junk", () => {
  const junk =
    "Your account has been limited. Please confirm your details within 24 hours at http://paypa1-help.test/login.";
  const author = { kind: "requester" as const, id: "email:x@y.test", name: "x" };
  const kindOf = (text: string) => junkVerdict([{ subject: "", text, author }])?.kind ?? null;
  assert.equal(kindOf(junk), "phishing");
  for (const own of [
    `I got a mail: "${junk}" Is that really from you?`,
    `${junk} This came after I bought the lamp, order 4711.`,
    `${junk} That is what my account page says, and it does not work.`,
  ])
    assert.equal(kindOf(own), null, own);
});

test("who asks for minutes of time sells; who asks whether we have something buys", () => {
  const author = { kind: "requester" as const, id: "email:x@y.test", name: "x" };
  const kindOf = (text: string) => junkVerdict([{ subject: "", text, author }])?.kind ?? null;
  const offer = "We provide SEO audits for online stores.";
  for (const asked of [
    "Do you have 20 minutes to talk on Monday?",
    "Do you have a few minutes for a call?",
    "Do you have a moment? Pick a time with me here.",
  ])
    assert.equal(kindOf(`${offer} ${asked}`), "sales", asked);
  for (const bought of ["Do you have the lamp in black?", "Do you have a book on SEO?"])
    assert.equal(kindOf(`${offer} ${bought}`), null, bought);
});

test("what says that a mail is junk is named in words of ours, never in the writer's", () => {
  for (const mail of mailsIn("dev")) {
    const author = { kind: "requester" as const, id: "email:x@y.test", name: "x" };
    for (const reason of junkVerdict([{ ...mail, author }])?.reasons ?? [])
      assert.ok(reason.length <= 60 && !mail.text.includes(reason), reason);
  }
});
