/** Mails of machines, in our own words: one row a mail. */

import { type Written, written } from "#test/email/mails.ts";

/** What a mail is, and what it is made of. */
export type Row = readonly [name: string, mail: Written | string];

/** The bytes of a row; one given as text is the whole mail. */
export function rawOf([, mail]: Row): Buffer {
  return typeof mail === "string" ? Buffer.from(mail.replaceAll(/\r?\n/g, "\r\n")) : written(mail);
}

/** The mail with one header more. */
export function withHeader(name: string, value: string, mail: Written = {}): Written {
  return { ...mail, headers: [[name, value], ...(mail.headers ?? [])] };
}

const AWAY = { text: "I am not here and read your mail when I am back." };

export const AUTO_REPLIES: readonly Row[] = [
  ["Auto-Submitted: auto-replied", withHeader("Auto-Submitted", "auto-replied", AWAY)],
  ["Auto-Submitted with a comment", withHeader("Auto-Submitted", "auto-generated (alarm)")],
  ["X-Autoreply", withHeader("X-Autoreply", "yes")],
  ["X-Auto-Reply-From", withHeader("X-Auto-Reply-From", "ann@customer.test")],
  ["X-Autoresponder", withHeader("X-Autoresponder", "on")],
  ["X-Vacation", withHeader("X-Vacation", "true")],
  ["X-Cron-Env", withHeader("X-Cron-Env", "<SHELL=/bin/sh>")],
  ["X-FC-MachineGenerated", withHeader("X-FC-MachineGenerated", "true")],
  ["Precedence: auto-reply", withHeader("Precedence", "Auto-Reply")],
  ["X-Precedence", withHeader("X-Precedence", "auto_response")],
  ["a vacation program", withHeader("X-Mailer", "vacation 1.2")],
  ["an empty return path", withHeader("Return-Path", "<>", AWAY)],
  [
    "a read receipt",
    withHeader(
      "Content-Type",
      "multipart/report; boundary=b; report-type=disposition-notification",
    ),
  ],
  [
    "a read receipt by its part",
    {
      headers: [["Content-Type", "multipart/mixed; boundary=b"]],
      text: "--b\nContent-Type: text/plain\n\nSeen.\n--b\nContent-Type: message/disposition-notification\n\nDisposition: automatic-action/MDN-sent-automatically; displayed\n--b--",
    },
  ],
  [
    "a calendar answer in base64",
    {
      headers: [["Content-Type", "multipart/alternative; boundary=b"]],
      text: `--b\nContent-Type: text/calendar\nContent-Transfer-Encoding: base64\n\n${Buffer.from("BEGIN:VCALENDAR\nMETHOD:REPLY\n").toString("base64")}\n--b--`,
    },
  ],
];

const SUBJECTS: readonly (readonly [string, readonly string[]])[] = [
  [
    "English",
    [
      "Automatic reply: Your parcel",
      "Out of office: back on Monday",
      "Out of Office until 3 May",
      "Auto-Reply: Re: Your order",
      "[Auto-Reply] Your order",
      "AUTO: Ann Fields is out of the office (returning 05/03/2027)",
      "Ann Fields is out of the office.",
      "Vacation reply",
      "Auto: Re: Your order",
      "On vacation until 3 May",
      "On holiday",
      "Re: Out of Office Re: Your order",
    ],
  ],
  [
    "French",
    ["Réponse automatique : Votre commande", "Absence du bureau", "Absent jusqu'au 3 mai"],
  ],
  ["Italian", ["Risposta automatica: ordine", "Fuori ufficio: ordine", "Assenza dall'ufficio"]],
  ["Dutch", ["Automatisch antwoord: bestelling", "Afwezigheidsbericht", "Afwezig tot 3 mei"]],
  ["Polish", ["Odpowiedź automatyczna: zamówienie", "Nieobecność: zamówienie", "Poza biurem"]],
  ["Turkish", ["Otomatik Yanıt: sipariş", "Ofis dışında"]],
  ["Japanese", ["自動返信: ご注文", "不在のお知らせ", "【自動応答】ご注文"]],
  ["Korean", ["자동 회신: 주문", "부재 중: 주문"]],
];

export const ABSENCES: readonly Row[] = SUBJECTS.flatMap(([language, subjects]) =>
  subjects.flatMap((subject): readonly Row[] => [
    [`${language}: ${subject}`, { ...AWAY, subject }],
    [
      `${language}, encoded: ${subject}`,
      { ...AWAY, subject: `=?UTF-8?B?${Buffer.from(subject).toString("base64")}?=` },
    ],
  ]),
);

export const BULK: readonly Row[] = [
  ...[
    ["List-Id", "<talk.customer.test>"],
    ["List-Id", "Talk <talk.customer.test>"],
    ["List-Post", "<mailto:talk@customer.test>"],
    ["List-Unsubscribe", "<mailto:off@customer.test>"],
    ["List-Help", "<mailto:help@customer.test>"],
    ["Mailing-List", "contact talk-help@customer.test"],
    ["X-Mailing-List", "talk@customer.test"],
    ["X-BeenThere", "talk@customer.test"],
    ["X-Mailman-Version", "2"],
    ["X-ML-Name", "talk"],
    ["X-Google-Group-Id", "77"],
    ["Precedence", "bulk"],
    ["Precedence", "list"],
    ["Precedence", "Junk"],
    ["X-Precedence", "bulk"],
    ["Feedback-ID", "spring:7:provider"],
    ["X-CampaignID", "spring"],
  ].map(([name = "", value = ""]): Row => [`${name}: ${value}`, withHeader(name, value)]),
  ...[
    "noreply@customer.test",
    "No Reply <no-reply@customer.test>",
    "do_not_reply@customer.test",
    "shop-noreply@customer.test",
    "noreply+77@customer.test",
    "nicht-antworten@customer.test",
    "ne-pas-repondre@customer.test",
    "newsletter@customer.test",
  ].map((from): Row => [from, { from }]),
];

/** The address of our own inbox. */
export const OURS = "support@ourshop.test";

export const LOOPS: readonly Row[] = [
  ...["r.1", "x", "r.0123456789abcdef0123456789abcdef", "7.8.9"].flatMap((id): readonly Row[] => [
    [`our own id ${id}`, { from: OURS, messageId: `<${id}@ourshop.test>` }],
    [`our own id ${id}, named`, { from: `Our Shop <${OURS}>`, messageId: `<${id}@ourshop.test>` }],
  ]),
  ["in capitals", { from: "SUPPORT@OURSHOP.TEST", messageId: "<r.1@ourshop.test>" }],
  ["X-Loop with our address", withHeader("X-Loop", OURS)],
  ["X-Loop with our address among others", withHeader("X-Loop", `a@b.test, ${OURS}`)],
  ["X-Loop with the receiver", withHeader("X-Loop", "box@x.test", { to: "Box <box@x.test>" })],
  [
    "X-Loop with the mailbox",
    {
      headers: [
        ["X-Loop", "box@x.test"],
        ["Delivered-To", "box@x.test"],
      ],
    },
  ],
  ...["> Hello Ann", "> Hello Ann\n>\n> Our Shop", "\n\n> Hello\n"].map((text): Row => [
    `only a quotation: ${JSON.stringify(text)}`,
    withHeader("In-Reply-To", "<r.1@ourshop.test>", { text }),
  ]),
];
