/** People whose mails look like mailings, in our own words. The rules were built with these. */

import type { Rows } from "./automatic-mails.ts";
import { links, page, PIXEL, PREHEADER } from "./unmarked-forms.ts";

const SHOP_LETTER =
  "View in browser: https://ourshop.test/v/1\n\nNew lamps!\n\nUnsubscribe: https://ourshop.test/u\n© 2026 OurShop. All rights reserved.";

/** People, also those whose programs, signatures and words look like a mailing's. */
export const WRITERS: Rows = {
  "wants no newsletter": {
    subject: "Newsletter",
    text: "Please unsubscribe me from your newsletter, the link https://ourshop.test/u does not work.",
  },
  "wants none, in German": {
    subject: "Abmelden",
    text: "Bitte melden Sie mich ab, der Abmelden-Link im Newsletter geht nicht.",
  },
  "replies to our newsletter": {
    subject: "Re: New lamps!",
    text: `Where is my order?\n\nOn Mon, 2 Nov 2026 at 10:00, OurShop <news@ourshop.test> wrote:\n\n${SHOP_LETTER.replaceAll(/^/gm, "> ")}`,
  },
  "replies in HTML": page(
    `<div>Where is my order?</div><div class="gmail_quote"><div class="gmail_attr">On Mon, 2 Nov 2026, OurShop wrote:</div><blockquote>${PREHEADER}${links(12)}<p>Unsubscribe © 2026 OurShop</p>${PIXEL}</blockquote></div>`,
    { subject: "New lamps!" },
  ),
  "answers us by a list's address": {
    from: "Post <news@paper.test>",
    headers: [
      ["In-Reply-To", "<r.1@ourshop.test>"],
      ["Return-Path", "<bounce-1@mail.host.test>"],
    ],
    text: "Yes, send it please.",
  },
  "writes from news@ with Gmail": {
    from: "Nora Ews <news@paper.test>",
    messageId: "<CAF77@mail.gmail.com>",
    text: "Hello, where is our order 1042? Nora",
  },
  "has a signature with links": page(
    `<p>My lamp flickers. What can I do?</p><p>Ann Fields<br>${links(7, "https://social.test")}</p>`,
  ),
  "has a tracking signature": page(`<p>Could you send the invoice again?</p>${PIXEL}`),
  "has a German company's footer": {
    text: "Guten Tag,\n\nwo bleibt die Lieferung?\n\nMit freundlichen Grüßen\nAnna Feld\nFeld GmbH, Lange Straße 12, 12345 Berlin\nGeschäftsführer: A. Feld, HRB 1234, Amtsgericht Berlin",
  },
  "advertises below the name": {
    text: "Can I change the colour?\n\nBen\n--\nBen's Bikes – 20 % off in May!\nhttps://bikes.test\nSubscribe to our newsletter: https://bikes.test/n",
  },
  "was sent with BATV": {
    headers: [["Return-Path", "<prvs=1234567890=ann@customer.test>"]],
    text: "Please stop sending these e-mails, I want to unsubscribe.",
  },
  "asks about many products": {
    text: [
      "Which of these fits a hallway?",
      ...Array.from({ length: 9 }, (_, at) => `https://ourshop.test/p/${at}`),
    ].join("\n"),
  },
  "asks about our daily deal": {
    subject: "Daily deal not applied",
    text: "I used the weekly deal and it was not taken off.",
  },
  "asks why an answer is automatic": {
    text: "I got a message that says it was sent automatically and not to reply. Is that you?",
  },
  "uses a form on a web site": {
    headers: [
      ["X-Mailer", "PHPMailer 6"],
      ["Return-Path", "<www-data@web4.host.test>"],
    ],
    text: "Name: Ann\nQuestion: where is order 1042?",
  },
  "writes by a desk of her own": {
    headers: [["X-SG-EID", "77"]],
    text: "Hello, we still wait for order 1042.\n\nMia, Other Shop",
  },
  "is called Alert": { from: "Max Alert <max.alert@customer.test>", text: "The lamp came broken." },
  "is called Feed": {
    from: "Ann Feedman <feedman@customer.test>",
    text: "The lamp came broken. https://photos.test/1",
  },
  "writes in Spanish about the web": {
    text: "Hola, no puedo ver mi pedido en el navegador. ¿Qué hago?",
  },
  "cannot see our mail": {
    subject: "Your mail",
    text: "I can't see the pictures in your e-mail, and the online version is empty.",
  },
};
