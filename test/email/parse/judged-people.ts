/** Mails of people, written after the rules were done, to find wrong results. No rule was changed for them. */

import type { Rows } from "#test/email/classify/automatic-mails.ts";
import { links, page, PIXEL, returned } from "#test/email/classify/unmarked-mailings.ts";

const OFFER =
  "Spring sale at OurShop\nSee it in your browser: https://ourshop.test/s\nLamps, chairs, tables\nNo more of this? Unsubscribe: https://ourshop.test/u\n(c) 2026 OurShop";

/** Customers, partners and other people who expect an answer. */
export const JUDGED_WRITERS: Rows = {
  "asks above a newsletter without a word of it": {
    subject: "Re: Spring sale",
    headers: [["In-Reply-To", "<77@mailhouse.test>"]],
    text: `where is my order???\n\n> ${OFFER.replaceAll("\n", "\n> ")}`,
  },
  "replies by Outlook to a newsletter": page(
    `<div>My lamp never came.</div><hr><div id="divRplyFwdMsg"><b>From:</b> OurShop<br><b>Sent:</b> Monday<br><b>Subject:</b> Spring sale</div>${links(15)}<p>Unsubscribe</p>${PIXEL}`,
    { subject: "RE: Spring sale", headers: [["Thread-Index", "AdpX"]] },
  ),
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
  "a marketing person": {
    from: "Mara <marketing@partner.test>",
    subject: "Our meeting",
    text: "Hi,\n\nthanks for the talk. When can we meet?\n\nMara",
  },
  "a person with social icons": page(
    `<p>Is the chair in stock?</p>${"<a href='https://s.test/x'><img src='https://s.test/i.png' width='20' height='20'></a>".repeat(6)}`,
  ),
  "a person whose filter wrote a footer": {
    text: "Where is order 1042?\n\n--\nThis e-mail was scanned for viruses automatically. https://scan.test",
  },
  "is angry about mails": {
    subject: "STOP",
    text: "STOP SENDING ME NEWSLETTERS!!! I unsubscribed three times. https://ourshop.test/u says I am not registered.",
  },
  "wants to subscribe": {
    subject: "Newsletter",
    text: "How can I subscribe to the newsletter? The link on the web page is broken.",
  },
  "copies an order notice": {
    subject: "Not arrived",
    text: "This is what I got on Monday:\n\nYour order 1042 has been shipped. Track it: https://p.test/1\nThis is an automated message, please do not reply.\n\nNothing came. Where is it?",
  },
  "writes by a contact form": {
    from: "Ann <ann@customer.test>",
    subject: "Contact form",
    headers: returned("apache@web1.host.test"),
    text: "Message: my lamp is broken\nOrder: 1042",
  },
  "is forwarded by a club": {
    headers: returned("srs0+ab=cd=customer.test=ann@club.test"),
    text: "Hello, do you deliver to islands?",
  },
  "German, angry": {
    subject: "Newsletter abbestellen",
    text: "Ich möchte keinen Newsletter mehr. Der Link zum Abbestellen führt ins Leere: https://ourshop.test/ab",
  },
  "French, with a footer": {
    text: "Bonjour,\n\noù est mon colis ?\n\nCordialement\nLuc\n\nCe message et ses pièces jointes sont confidentiels. Merci de ne pas l'imprimer.",
  },
  "Italian, on an order": {
    text: "Buongiorno, ho ricevuto un messaggio automatico ma il pacco non c'è.",
  },
  "Portuguese, on the browser": {
    text: "Olá, não consigo abrir a fatura no navegador. Podem enviar em PDF?",
  },
};
