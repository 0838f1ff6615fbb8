import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyMail, type MailClass } from "#email/classify/classify-mail.ts";
import { bounceReport } from "#email/classify/bounces.ts";
import { processorClock } from "#test/support/processor-time.ts";
import {
  ABSENCES,
  AUTO_REPLIES,
  BULK,
  LOOPS,
  rawOf,
  type Rows,
  type Row,
} from "./automatic-mails.ts";
import { BOUNCES, FEEDBACK, PEOPLE } from "./report-mails.ts";
import { MAILINGS, WRITERS } from "./unmarked-mailings.ts";

const OWN = { messageIdDomain: "ourshop.test", inboxes: ["support@ourshop.test"] };

const CLASSES: readonly (readonly [MailClass, string, Rows])[] = [
  ["auto-reply", "answers of machines", AUTO_REPLIES],
  ["auto-reply", "words of absence", ABSENCES],
  ["bounce", "bounces", BOUNCES],
  ["feedback", "complaints", FEEDBACK],
  ["bulk", "lists and senders who take no answers", BULK],
  ["loop", "mail that came back", LOOPS],
  ["human", "people, also those who look like machines", PEOPLE],
];

/** Line ends as servers and files have them. */
const ENDS = ["\r\n", "\n", "\r", "\r\r\n"];

for (const [wanted, name, rows] of CLASSES)
  test(`${name} are told right, whatever ends their lines`, () => {
    const all = Object.entries(rows);
    assert.ok(all.length >= 3, `${all.length} rows`);
    for (const row of all)
      for (const end of ENDS) {
        const raw = rawOf(row).toString("latin1").replaceAll("\r\n", end);
        const told = classifyMail(Buffer.from(raw, "latin1"), OWN);
        assert.equal(
          told.class,
          wanted,
          `${row[0]} ${JSON.stringify(end)}: ${told.reasons.join()}`,
        );
        assert.ok(told.reasons.every((reason) => /^\w.{8,}$/.test(reason)));
      }
  });

test("no input is slow to tell", () => {
  const half = 500_000;
  for (const [name, raw] of [
    ["one line", "From: a@b.test\r\nSubject: " + "auto ".repeat(half / 5)],
    ["brackets", "Subject: " + "=?utf-8?B?".repeat(half / 10)],
    ["X-Loop", "X-Loop: " + "a@".repeat(half / 2)],
    ["words", "\r\n" + "your message ".repeat(half / 13)],
    [
      "open parts",
      'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + "--b\r\n".repeat(half / 5),
    ],
    ["dashes", "\r\n" + "-".repeat(half)],
    ["empty lines", "\r\n\r\n--b\r\ncontent-type: text/plain\r\n" + "\r\n ".repeat(half / 3)],
    ["status", "X-Failed-Recipients: x\r\n\r\n" + "5.".repeat(half / 2)],
  ] as const) {
    const tookMs = processorClock();
    const bytes = Buffer.from(raw);
    classifyMail(bytes, OWN);
    bounceReport(bytes, OWN.messageIdDomain);
    const ms = tookMs();
    assert.ok(ms < 400, `${name}: ${ms} ms`);
  }
});

const ID = `r.${"ab".repeat(16)}@ourshop.test`;

function bounced(fields: string, returned = `Message-ID: <${ID}>`): Buffer {
  return rawOf([
    "",
    `From: MAILER-DAEMON@mx.test\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n${fields}\n--b\nContent-Type: text/rfc822-headers\n\n${returned}\n--b--\n`,
  ]);
}

test("a report says which of our mails did not arrive, and whether for good", () => {
  const failed = bounced(
    "Final-Recipient: rfc822; Ann@Customer.test\nAction: failed\nStatus: 5.1.1",
  );
  assert.deepEqual(bounceReport(failed, "ourshop.test"), {
    about: [ID],
    action: "failed",
    status: "5.1.1",
    isCopy: false,
    permanent: true,
  });
  assert.deepEqual(bounceReport(failed, "elsewhere.test").about, []);
  for (const [fields, action, status, permanent] of [
    ["Action: delayed\nStatus: 4.4.7", "delayed", "4.4.7", false],
    ["Action: failed\nStatus: 4.2.2 (full)", "failed", "4.2.2", false],
    ["Action: delivered\nStatus: 2.0.0", "delivered", "2.0.0", false],
    ["Action: Failed\nDiagnostic-Code: smtp; 550 5.7.1 no", "failed", "5.7.1", true],
    ["Action: failed\nDiagnostic-Code: smtp; 452 too much", "failed", "4.0.0", false],
    ["Action: delivered\nStatus: 2.0.0\n\nAction: failed\nStatus: 5.1.2", "failed", "5.1.2", true],
  ] as const) {
    const told = bounceReport(bounced(`Final-Recipient: rfc822; a@b.test\n${fields}`), "x");
    assert.deepEqual([told.action, told.status, told.permanent], [action, status, permanent]);
  }
});

test("who did not get it tells whether the customer can be reached", () => {
  const returned = `Message-ID: <${ID}>\nTo: ann@b.test\nCc: Bob <bob@b.test>, eve@b.test`;
  const group = (address: string): string =>
    `Final-Recipient: rfc822; <${address}>\nAction: failed\nStatus: 5.1.1\n`;
  for (const [addresses, isCopy] of [
    [["Bob@b.test"], true],
    [["eve@b.test", "bob@b.test"], true],
    [["bob@b.test", "ann@b.test"], false],
    [["ann@elsewhere.test"], false],
  ] as const) {
    const raw = bounced(addresses.map(group).join("\n"), returned);
    const told = bounceReport(raw, "ourshop.test");
    assert.deepEqual([told.isCopy, told.permanent], [isCopy, !isCopy], addresses.join());
  }
  const toBoth = returned.replace("Cc: ", "Cc: Ann@b.test, ");
  assert.equal(bounceReport(bounced(group("ann@b.test"), toBoth), "x").permanent, true);
});

test("the returned mail is found in base64 and in what the report answers", () => {
  const encoded = Buffer.from(`Message-ID: <${ID}>\n`).toString("base64");
  const inParts = rawOf([
    "",
    `From: MAILER-DAEMON@mx.test\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n${encoded}\n--b--\n`,
  ]);
  const answered = rawOf(["", `From: MAILER-DAEMON@mx.test\nIn-Reply-To: <${ID}>\n\nNo.\n`]);
  for (const raw of [inParts, answered])
    assert.deepEqual(bounceReport(raw, "ourshop.test").about, [ID]);
});

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
});
