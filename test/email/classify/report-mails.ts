/** Bounces and complaints, and mails of people who look like machines, in our own words: one row a mail. */

import { OURS, type Row, type Rows, withHeader } from "./automatic-mails.ts";

const DAEMON = "MAILER-DAEMON@mx.customer.test";
const GONE = "Nobody of that name lives here: 550 5.1.1 <ann@customer.test>";

function report(type: string, part: string, lead = "Some words."): string {
  return `From: The Mail Robot <robot@mx.customer.test>
To: support@ourshop.test
Subject: About your mail
Content-Type: ${type}

--b
Content-Type: text/plain

${lead}
--b
${part}
--b--
`;
}

const STATUS =
  "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ann@customer.test\nAction: failed\nStatus: 5.1.1\n";

export const BOUNCES: Rows = {
  "a report": report("multipart/report; report-type=delivery-status; boundary=b", STATUS),
  "a report in capitals": report('MULTIPART/REPORT; BOUNDARY="b"; REPORT-TYPE="x"', STATUS),
  "a report that calls itself mixed": report("multipart/mixed; boundary=b", STATUS),
  "a report without a content type": report("multipart/mixed; boundary=b", STATUS).replace(
    /^Content-Type: multipart.*\n/m,
    "",
  ),
  "a daemon that keeps X-Loop": withHeader("X-Loop", OURS, { from: DAEMON, text: GONE }),
  "a bare status": withHeader("Content-Type", "message/delivery-status"),
  "X-Failed-Recipients": withHeader("X-Failed-Recipients", "ann@customer.test"),
  "a daemon": { from: DAEMON, subject: "Sorry", text: GONE },
  "a daemon with a name": { from: `Mail Delivery System <x@customer.test>`, text: GONE },
  "a daemon with an encoded name": { from: "=?utf-8?Q?Mail_Delivery_Subsystem?= <x@y.test>" },
  "a daemon with no address": withHeader("From", "Mailer-Daemon <>", { text: GONE }),
  "a postmaster": { from: "postmaster@customer.test", subject: "Undeliverable: Your order" },
  "a postmaster with an empty return path": withHeader("Return-Path", "<>", {
    from: "Postmaster <postmaster@customer.test>",
    text: GONE,
  }),
  "a postmaster in German": { from: "postmaster@customer.test", subject: "Unzustellbar: Frage" },
  "a postmaster in Japanese": {
    from: "postmaster@customer.test",
    subject: "=?UTF-8?B?6YWN5L+h5LiN6IO9?=",
  },
  "words in HTML in base64": {
    from: "Mail Administrator <robot@customer.test>",
    subject: "Hm",
    headers: [
      ["Content-Type", "text/html; charset=utf-8"],
      ["Content-Transfer-Encoding", "base64"],
    ],
    text: Buffer.from("<p>Your message could not be delivered to Ann.</p>").toString("base64"),
  },
  "fields in plain text and a subject": {
    from: "robot@customer.test",
    subject: "Delivery failure",
    text: "Final-Recipient: rfc822; ann@customer.test\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 no",
  },
  "a program that is named by its address": {
    from: "Little_Mail_Server_7@customer.test",
    text: "The mail failed: no such box.",
  },
  post_master: {
    from: "post_master@mail.other.test",
    subject: "Undeliverable: your order",
    text: "Sorry.",
  },
  "a misspelt office": {
    from: "posstmaster@other.test",
    subject: "Delivery failed",
    text: "See below.",
  },
  "no sender at all": `To: support@ourshop.test\nSubject: Undelivered mail\n\n${GONE}\n`,
};

function complaint(type: string, lead = ""): string {
  return `${lead}To: support@ourshop.test
Subject: A report
Content-Type: ${type}

--b
Content-Type: text/plain

Somebody did not like it.
--b
Content-Type: message/feedback-report

Feedback-Type: abuse
Version: 1
--b--
`;
}

const FROM = "From: reports@provider.test\n";

export const FEEDBACK: Rows = {
  ...Object.fromEntries(
    [
      "multipart/report; report-type=feedback-report; boundary=b",
      "Multipart/Report; Report-Type=Feedback-Report; Boundary=b",
      "multipart/report; boundary=b",
      'multipart/mixed; boundary = "b"',
      "multipart/report; report-type=delivery-status; boundary=b",
    ].flatMap((type): readonly Row[] => [
      [`${type} from a person's address`, complaint(type, "From: Ann <ann@customer.test>\n")],
      [`${type} from a service`, complaint(type, `Return-Path: <>\n${FROM}`)],
    ]),
  ),
  "without content type": complaint("x", FROM).replace(/^Content-Type: x\n/m, ""),
  "a report on domains": withHeader("Content-Type", "application/zip", {
    from: "noreply-dmarc-support@provider.test",
    subject: "Report Domain: ourshop.test Submitter: provider.test Report-ID: 7",
  }),
  "a report on encryption": withHeader(
    "Content-Type",
    "multipart/report; report-type=tlsrpt; boundary=b",
  ),
  "a complaint passed on": {
    from: "feedbackloop@provider.test",
    subject: "Abuse report for 192.0.2.1",
  },
  "a complaint in the old form": {
    from: "staff@hotmail.com",
    subject: "complaint about message from 192.0.2.1",
  },
};

const RETURNED =
  "Received: from a.test by b.test; Tue, 3 Nov 2026 10:12:00 +0100\nMessage-ID: <77@b.test>\nFrom: support@ourshop.test\nTo: ann@customer.test\nSubject: Your order\n\nIt was sent.";

export const PEOPLE: Rows = {
  ...Object.fromEntries(
    [
      ["Delivery delayed", "The delivery is delayed again. Order 1001?"],
      ["Delivery failure", "Your message said today, but the delivery failed."],
      ["Invalid address", "It says address not found, but that is where I live."],
      ["Zustellung fehlgeschlagen", "Die Zustellung ist fehlgeschlagen. Delivery failed."],
      ["My order", "Hi. This is the third time I write. Your mail was not delivered."],
    ].map(([subject = "", text = ""]): Row => [`complains: ${subject}`, { subject, text }]),
  ),
  "pastes headers by Outlook": withHeader("X-Mailer", "Microsoft Outlook 16.0", {
    subject: "Help",
    text: `Your message could not be opened. Here it is:\n\n${RETURNED}`,
  }),
  "works at a post office": {
    from: "Pia Master <pia.postmaster-hill@customer.test>",
    subject: "Order",
    text: "Where is it?",
  },
  "says it is no machine": withHeader("Auto-Submitted", "no"),
  "says so with a comment": withHeader("Auto-Submitted", "No (typed by hand)"),
  "says so and writes about absence": withHeader("Auto-Submitted", "no", { subject: "Absence" }),
  ...Object.fromEntries(
    ["All", "OOF", "DR, NDR, RN, NRN, OOF, AutoReply"].map((value): Row => [
      `wishes no automatic answers: ${value}`,
      withHeader("X-Auto-Response-Suppress", value, { headers: [["X-Mailer", "Outlook 16"]] }),
    ]),
  ),
  "writes by a form on the company's site": {
    from: OURS,
    messageId: "<6vJkXw@ourshop.test>",
    headers: [["Reply-To", "Ann <ann@customer.test>"]],
  },
  ...Object.fromEntries(
    ["Ann (Shopify) <mailer@shopify.test>", "form-submission@sites.test"].map((from): Row => [
      `writes by the form of a service: ${from}`,
      {
        from,
        messageId: "<1@ip-10-0-0-1>",
        headers: [
          ["Reply-To", "Ann <ann@customer.test>"],
          ["X-SG-EID", "7"],
        ],
      },
    ]),
  ),
  "writes to an inbox that is a group of Google's": {
    headers: [
      ["Precedence", "list"],
      ["Mailing-list", "list support@ourshop.test; contact support+owners@ourshop.test"],
      ["List-ID", "<support.ourshop.test>"],
      ["X-Google-Group-Id", "77"],
      ["List-Post", "<https://groups.google.com/a/ourshop.test/group/support/post>"],
      ["List-Help", "<https://support.google.com/a/ourshop.test/bin/topic.py?topic=25838>"],
      ["List-Unsubscribe", "<mailto:googlegroups-manage+77+unsubscribe@googlegroups.com>"],
    ],
  },
  "says X-Autoreply: no": withHeader("X-Autoreply", "no"),
  "writes by Amazon SES": withHeader("Feedback-ID", "1.eu-west-1.7=:AmazonSES"),
  "was forwarded by a filter": withHeader("X-Loop", "ann@elsewhere.test"),
  "was handed on by ten servers": {
    headers: Array.from({ length: 10 }, () => ["Received", "from a by b"] as const),
  },
  "answers our automatic answer": withHeader("In-Reply-To", "<r.1@ourshop.test>", {
    subject: "Re: Automatic reply: My order",
  }),
  "writes about an automatic reply": { subject: "Your automatic reply was wrong" },
  "asks for office chairs": { subject: "Out of office chairs in blue?" },
  "asks whether a person is away": { subject: "Ann is out of the office? Who helps me?" },
  "tells of the own absence": { text: "I'm out of office next week. Please deliver later." },
  "complains of a parcel": { subject: "Delivery failed", text: "My parcel was not delivered!" },
  "asks for a status": { subject: "Delivery status of order 77", text: "Where is it?" },
  "answers about a bounce": {
    subject: "Re: Undelivered mail",
    text: "I got this back.\n> Your message was not delivered",
  },
  "forwards a bounce": {
    subject: "Fwd: Undelivered mail returned to sender",
    text: `---------- Forwarded message ---------\nFrom: ${DAEMON}\n\nThis is the mail system at host mx.`,
  },
  "attaches a bounce": {
    subject: "What does this mean?",
    headers: [["Content-Type", "multipart/mixed; boundary=b"]],
    text: `--b\nContent-Type: text/plain\n\nWhat is this?\n--b\nContent-Type: message/rfc822\n\nFrom: ${DAEMON}\nContent-Type: multipart/report; boundary=c\n\n--c\n${STATUS}\n--c--\n--b--`,
  },
  "pastes the fields of a bounce": {
    text: "I got:\nFinal-Recipient: rfc822; x@y.test\nAction: failed\nStatus: 5.1.1",
  },
  "got a mail that could not be read": {
    subject: "Your mail",
    text: "Your mail of Monday. I could not open what was attached.",
  },
  "misses a parcel we wrote about": {
    subject: "Delivery failed",
    text: "Your mail says the parcel could not be delivered. Why?",
  },
  "has a car": { subject: "Auto: Sitzbezüge in Blau?" },
  ...Object.fromEntries(
    [
      "On holiday - please deliver later",
      "On vacation from July 3",
      "Urlaub vom 3. bis 10. August",
      "Abwesenheit 3.-10. August",
      "En congés jusqu'au 15 août",
      "My neighbour is on holiday until Monday",
    ].map((subject): Row => [`writes of an absence: ${subject}`, { subject }]),
  ),
  ...Object.fromEntries(
    [
      ["List-Unsubscribe", "<mailto:off@customer.test>"],
      ["List-ID", "<buyers.customer.test>"],
      ["Feedback-ID", "spring:7:provider"],
    ].map(([name = "", value = ""]): Row => [
      `answers us by a program that writes ${name}`,
      withHeader(name, value, {
        headers: [["In-Reply-To", "<r.0123456789abcdef0123456789abcdef@ourshop.test>"]],
        subject: "Re: order 1001",
        text: "Yes please go ahead with the refund.",
      }),
    ]),
  ),
  "asks about an absence": { subject: "Absence of a manual in the box" },
  "is called Postmaster": { from: "postmaster@customer.test" },
  "is an administrator": { from: "Administrator <admin@customer.test>", subject: "Licences" },
  "is called Daemon": { from: "Daemon Hill <daemon.hill@customer.test>" },
  "reports abuse": { subject: "Abuse report", text: "Somebody sells copies of your lamps." },
  "invites us": {
    headers: [["Content-Type", "multipart/alternative; boundary=b"]],
    text: "--b\nContent-Type: text/plain\n\nSee you?\n--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\n--b--",
  },
  "answers below our words": withHeader("In-Reply-To", "<r.1@ourshop.test>", {
    text: "> Hello Ann\n\nThank you, but no.",
  }),
  "quotes another person alone": withHeader("In-Reply-To", "<1@x.test>", { text: "> Really?" }),
  "writes from our own address": { from: OURS, messageId: "<1@phone.test>" },
  "is named like no-reply": { from: "Norbert Eply <n.o.reply@customer.test>" },
};
