/** Mailings without the headers of lists, and mails of people that look like them, in our own words. The rules were built with these. */

import type { Rows } from "./automatic-mails.ts";

/** A mail that is one HTML page. */
function page(html: string, mail: Written = {}): Written {
  const type = ["Content-Type", "text/html; charset=utf-8"] as const;
  return { ...mail, headers: [...(mail.headers ?? []), type], text: html };
}

/** This many links with a word each. */
function links(count: number, host = "https://links.other.test"): string {
  return Array.from({ length: count }, (_, at) => `<a href="${host}/c/${at}">Offer ${at}</a>`).join(
    "\n",
  );
}

const PIXEL = '<img src="https://open.other.test/o.gif?u=77" width="1" height="1" alt="">';
const PREHEADER =
  '<html><body><div style="display:none;max-height:0">Everything that is new this week, and a little more</div>';

/** The header a server writes for the envelope sender. */
function returned(address: string): NonNullable<Written["headers"]> {
  return [["Return-Path", `<${address}>`]];
}

import type { Written } from "#test/email/mails.ts";

/** Newsletters, feeds and notifications of others. */
export const MAILINGS: Rows = {
  "a newsletter from a list's name": {
    from: "Garden Post <newsletter-team@other.test>",
    subject: "Spring is here",
    text: "Dear reader,\n\nthe first seeds can go out now.\n\nTo unsubscribe, go to https://other.test/out",
  },
  "a bounce address": {
    from: "Lamp World <hello@lampworld.test>",
    subject: "20 % off everything",
    headers: returned("bounce-7781@mta.lampworld.test"),
    text: "Twenty per cent off until Sunday.\n\nView this email in your browser: https://lampworld.test/v/1",
  },
  "an entry of a feed with a header": {
    from: "Boats <boats@hub.test>",
    subject: "New: tar or no tar",
    headers: [["X-RSS-Feed", "https://boats.test/rss"]],
    text: "Tar has its friends.\n\nContinue reading: https://boats.test/tar",
  },
  "a shop's offer in HTML": page(
    `${PREHEADER}<p>New lamps</p>${links(9)}<p>© 2026 Other Ltd. All rights reserved. <a href="https://other.test/u">Unsubscribe</a></p></body></html>`,
    { from: "Other <info@other.test>", subject: "New lamps" },
  ),
  "an order somewhere else, in HTML": page(
    `<p>Thank you for your order</p>${PIXEL}<p>Track it: <a href="https://t.other.test/1">here</a></p><p>© 2026 Other Inc., 12 Long Street, Springfield</p>`,
    { from: "Other <shipping@other.test>", subject: "Shipped: order 88-12" },
  ),
  "a mailing program": {
    from: "Tom <tom@other.test>",
    subject: "Our autumn",
    headers: [["X-Mailer", "MailKing 5"]],
    text: "Dear customers,\n\nautumn is here.\n\nTo stop receiving these e-mails, click https://other.test/x",
  },
  "a carrier for programs": page(`<p>Ten new jobs for you</p>${links(10)}`, {
    from: "Jobs <jobs@work.test>",
    subject: "Ten new jobs",
    headers: [["X-SG-EID", "abcdef"]],
  }),
  German: {
    from: "Lichtblick <rundbrief@lichtblick.test>",
    subject: "Rundbrief Nr. 12",
    text: "Liebe Leserinnen und Leser,\n\nes wird Winter.\n\nSie erhalten diese E-Mail, weil Sie sich angemeldet haben. Abmelden: https://lichtblick.test/ab",
  },
  French: {
    from: "Le Fil <infolettre@lefil.test>",
    subject: "Les nouvelles du mois",
    text: "Bonjour,\n\nvoici nos nouvelles.\n\nPour vous désabonner : https://lefil.test/d",
  },
  Spanish: {
    from: "La Tienda <ofertas@latienda.test>",
    subject: "Rebajas",
    text: "Hola:\n\nempiezan las rebajas.\n\nSi no quiere recibir más correos, puede darse de baja en https://latienda.test/b",
  },
  Dutch: {
    from: "De Winkel <nieuwsbrief-actie@winkel.test>",
    subject: "Korting",
    text: "Beste lezer,\n\nalles is goedkoper.\n\nUitschrijven kan op https://winkel.test/u",
  },
  Polish: {
    from: "Sklep <oferty@sklep.test>",
    subject: "Wyprzedaż",
    text: "Dzień dobry,\n\nwszystko taniej.\n\nAby zrezygnować z subskrypcji, wypisz się: https://sklep.test/w",
  },
  "a host for mailings": page(`<p>News of the museum</p>${links(8)}`, {
    from: "Museum <info@news.museum.test>",
    subject: "This month",
  }),
  "a survey": page(
    `<p>How did we do?</p><p><a href="https://s.test/1">Answer</a></p><p>You received this e-mail because you bought at Other.</p>${PIXEL}`,
    {
      from: "Other <feedback@other.test>",
      subject: "How did we do?",
      headers: returned("bounces+881-support=ourshop.test@em.s.test"),
    },
  ),
  "nothing of sending, three signs of words": page(
    `<p><a href="https://o.test/v">View in browser</a></p><p>Sale</p>${links(12)}<p><a href="https://o.test/u">Unsubscribe</a></p>`,
    { from: "Otto <otto@o.test>", subject: "Sale" },
  ),
};

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
  "answers us from a role's address by a desk": {
    from: "Builder Ltd <orders@builder.test>",
    subject: "Re: Offer",
    headers: [
      ["In-Reply-To", "<r.77@ourshop.test>"],
      ["X-Mailgun-Sid", "Wy"],
      ["Return-Path", "<bounce+1@mg.builder.test>"],
    ],
    text: "Confirmed, please deliver on Monday. Do not reply to this address, call me instead.",
  },
  "an accountant at billing@": {
    from: "Ida <billing@builder.test>",
    subject: "Invoice 77 is wrong",
    text: "Hello,\n\nthe VAT number on invoice 77 is wrong. Could you send a new one?\n\nIda\nBuilder Ltd · 12 Long Street · https://builder.test · All rights reserved",
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
