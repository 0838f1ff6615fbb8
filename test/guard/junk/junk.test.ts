/** How often junk is found, and how often a customer is taken for it, on mails that nothing was learnt from. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { readLabelled } from "#evals/labelled-lines.ts";
import { leansToJunk, readsLikeJunk } from "#guard/input/junk.ts";

const Mail = z.strictObject({
  label: z.enum(["phishing", "sales", "customer"]),
  from: z.string(),
  subject: z.string(),
  text: z.string(),
});
const mails = readLabelled(join("evals", "guard", "junk", "kept.jsonl"), Mail, "mails");
const customers = mails.filter(({ label }) => label === "customer");
const junk = mails.filter(({ label }) => label !== "customer");

test("of mails that were kept back, half of the junk is found and next to no customer is accused", (context) => {
  assert.ok(customers.length >= 130 && junk.length >= 100);
  const found = junk.filter((mail) => readsLikeJunk([mail]));
  const accused = customers.filter((mail) => readsLikeJunk([mail]));
  context.diagnostic(
    `${found.length} of ${junk.length} junk found, ${accused.length} of ${customers.length} customers accused`,
  );
  assert.ok(accused.length <= 1, accused.map(({ subject }) => subject).join("; "));
  assert.ok(found.length >= 0.4 * junk.length);
});

test("where a model read an offer, more of it is found, and few customers lean to it", () => {
  const found = junk.filter((mail) => leansToJunk([mail]));
  const accused = customers.filter((mail) => leansToJunk([mail]));
  assert.ok(accused.length <= 0.04 * customers.length, `${accused.length} accused`);
  assert.ok(found.length >= 0.65 * junk.length, `${found.length} found`);
});

test("a number of an order makes junk a customer's", () => {
  const mail = junk.find((one) => readsLikeJunk([one]));
  assert.ok(mail !== undefined);
  for (const own of ["This came after order 4711.", "See Bestellung 4711.", "It is about #4711."])
    assert.equal(readsLikeJunk([{ ...mail, text: `${mail.text} ${own}` }]), false, own);
});
