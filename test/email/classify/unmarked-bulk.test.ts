/** Mailings that do not say that they are mailings, and people who must not be taken for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyMail } from "#email/classify/classify-mail.ts";
import { rawOf, type Row, type Rows } from "./automatic-mails.ts";
import { JUDGED_WRITERS } from "#test/email/parse/judged-people.ts";
import { MAILINGS } from "./unmarked-mailings.ts";
import { WRITERS } from "./unmarked-people.ts";

const OWN = { messageIdDomain: "ourshop.test", inboxes: ["support@ourshop.test"] };

/** The Message-ID is of the sender's own domain unless the row says otherwise, so that it is no sign by accident. */
function atHome([name, mail]: Row): Row {
  if (typeof mail === "string" || mail.messageId !== undefined) return [name, mail];
  const domain = /@([\w.-]+)/.exec(mail.from ?? "ann@customer.test")?.[1] ?? "";
  return [name, { ...mail, messageId: `<m1@${domain}>` }];
}

function missed(rows: Rows, wanted: "bulk" | "human"): readonly string[] {
  const all = Object.entries(rows);
  assert.ok(all.length >= 10);
  return all.flatMap((row) => {
    const told = classifyMail(rawOf(atHome(row)), OWN);
    return told.class === wanted ? [] : [`${row[0]}: ${told.class}, ${told.reasons.join("; ")}`];
  });
}

test("mailings without the headers of lists are told by two signs that agree", () => {
  assert.deepEqual(missed(MAILINGS, "bulk"), []);
});

test("people are never taken for a mailing, whatever their signatures, programs and quotes hold", () => {
  assert.deepEqual(missed(WRITERS, "human"), []);
  assert.deepEqual(missed(JUDGED_WRITERS, "human"), []);
});
