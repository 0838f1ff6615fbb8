/** Mails of people, written after the rules were done, to find wrong results. No rule was changed for them. */

import type { Row } from "#test/email/classify/automatic-mails.ts";
import { links, page, PIXEL, PREHEADER, returned } from "#test/email/classify/unmarked-forms.ts";

const OFFER =
  "Spring sale at OurShop\nSee it in your browser: https://ourshop.test/s\nLamps, chairs, tables\nNo more of this? Unsubscribe: https://ourshop.test/u\n(c) 2026 OurShop";

/** Customers, partners and other people who expect an answer. */
export const JUDGED_WRITERS: readonly Row[] = [
  [
    "asks above a newsletter without a word of it",
    {
      subject: "Re: Spring sale",
      headers: [["In-Reply-To", "<77@mailhouse.test>"]],
      text: `where is my order???\n\n> ${OFFER.replaceAll("\n", "\n> ")}`,
    },
  ],
  [
    "forwards from a phone",
    {
      subject: "Fwd: Spring sale",
      text: `Does this code still work?\n\nSent from my iPhone\n\nBegin forwarded message:\n\nFrom: OurShop <news@ourshop.test>\nSubject: Spring sale\nDate: 3 May 2026\nTo: ann@customer.test\n\n${OFFER}`,
    },
  ],
  [
    "replies by Outlook to a newsletter",
    page(
      `<div>My lamp never came.</div><hr><div id="divRplyFwdMsg"><b>From:</b> OurShop<br><b>Sent:</b> Monday<br><b>Subject:</b> Spring sale</div>${links(15)}<p>Unsubscribe</p>${PIXEL}`,
      { subject: "RE: Spring sale", headers: [["Thread-Index", "AdpX"]] },
    ),
  ],
  [
    "replies by Apple Mail",
    page(
      `<div>Can I still return it?</div><blockquote type="cite">${PREHEADER}${links(9)}<p>Unsubscribe</p></blockquote>`,
      { subject: "Spring sale" },
    ),
  ],
  [
    "answers us from a role's address by a desk",
    {
      from: "Builder Ltd <orders@builder.test>",
      subject: "Re: Offer",
      headers: [
        ["In-Reply-To", "<r.77@ourshop.test>"],
        ["X-Mailgun-Sid", "Wy"],
        ["Return-Path", "<bounce+1@mg.builder.test>"],
      ],
      text: "Confirmed, please deliver on Monday. Do not reply to this address, call me instead.",
    },
  ],
  [
    "a buyer at orders@",
    {
      from: "Orders Builder Ltd <orders@builder.test>",
      subject: "PO 8812",
      text: "Hi,\n\nplease confirm our purchase order 8812 for 12 lamps.\n\nThanks\nLee",
    },
  ],
  [
    "an accountant at billing@",
    {
      from: "Ida <billing@builder.test>",
      subject: "Invoice 77 is wrong",
      text: "Hello,\n\nthe VAT number on invoice 77 is wrong. Could you send a new one?\n\nIda\nBuilder Ltd · 12 Long Street · https://builder.test · All rights reserved",
    },
  ],
  [
    "an editor at news@ with Outlook",
    {
      from: "Newsroom <news@paper.test>",
      subject: "Question on your lamps",
      headers: [["X-Mailer", "Microsoft Outlook 16.0"]],
      text: "Dear team,\n\nwe write about lamps. May we have a picture?\n\nSubscribe to our newsletter: https://paper.test/n",
    },
  ],
  [
    "a marketing person",
    {
      from: "Mara <marketing@partner.test>",
      subject: "Our meeting",
      text: "Hi,\n\nthanks for the talk. When can we meet?\n\nMara",
    },
  ],
  [
    "a person with a banner",
    page(
      `<p>Please send the manual of lamp L2.</p><p><img src="https://cdn.test/banner.png" width="600" height="120"><br><a href="https://builder.test">builder.test</a></p>`,
    ),
  ],
  [
    "a person with social icons",
    page(
      `<p>Is the chair in stock?</p>${"<a href='https://s.test/x'><img src='https://s.test/i.png' width='20' height='20'></a>".repeat(6)}`,
    ),
  ],
  [
    "a person with a green footer",
    {
      text: "Where is order 1042?\n\nUlla\n\nThink of the trees before you print this e-mail. This message is for its addressee alone; if it is not you, do not reply and delete it.",
    },
  ],
  [
    "a person whose filter wrote a footer",
    {
      text: "Where is order 1042?\n\n--\nThis e-mail was scanned for viruses automatically. https://scan.test",
    },
  ],
  [
    "a sales person with an opt-out",
    {
      subject: "Offer for cartons",
      text: "Hello,\n\nwe make cartons. Do you need any?\n\nBest\nTed\n\nIf you do not want to hear from me again, reply with unsubscribe.",
    },
  ],
  [
    "is angry about mails",
    {
      subject: "STOP",
      text: "STOP SENDING ME NEWSLETTERS!!! I unsubscribed three times. https://ourshop.test/u says I am not registered.",
    },
  ],
  [
    "asks what the address is for",
    {
      text: "You are sending to this e-mail because I registered? I never did. Please delete my data.",
    },
  ],
  [
    "wants to subscribe",
    {
      subject: "Newsletter",
      text: "How can I subscribe to the newsletter? The link on the web page is broken.",
    },
  ],
  [
    "quotes a footer in words",
    { text: 'At the bottom it says "You receive this because you are subscribed". To what?' },
  ],
  [
    "copies an order notice",
    {
      subject: "Not arrived",
      text: "This is what I got on Monday:\n\nYour order 1042 has been shipped. Track it: https://p.test/1\nThis is an automated message, please do not reply.\n\nNothing came. Where is it?",
    },
  ],
  [
    "lists many links",
    {
      subject: "Wish list",
      text: `Are these in stock?\n${Array.from({ length: 12 }, (_, at) => `https://ourshop.test/p/${at}`).join("\n")}\nThanks, Bo`,
    },
  ],
  [
    "writes by a contact form",
    {
      from: "Ann <ann@customer.test>",
      subject: "Contact form",
      headers: returned("apache@web1.host.test"),
      text: "Message: my lamp is broken\nOrder: 1042",
    },
  ],
  [
    "writes by a form of a builder of sites",
    {
      from: "Ann <ann@customer.test>",
      headers: [
        ["X-Mailer", "SiteForms"],
        ["Sender", "forms@sites.test"],
      ],
      text: "My lamp is broken.",
    },
  ],
  [
    "is forwarded by a club",
    {
      headers: returned("srs0+ab=cd=customer.test=ann@club.test"),
      text: "Hello, do you deliver to islands?",
    },
  ],
  [
    "has a carrier's envelope",
    {
      headers: returned("0100018f-abcd@eu-west-1.carrier.test"),
      text: "Could you change my address?",
    },
  ],
  [
    "German, angry",
    {
      subject: "Newsletter abbestellen",
      text: "Ich möchte keinen Newsletter mehr. Der Link zum Abbestellen führt ins Leere: https://ourshop.test/ab",
    },
  ],
  [
    "German, in business",
    {
      subject: "Rechnung 12",
      text: "Guten Tag,\n\ndie Rechnung ist doppelt gekommen.\n\nBeste Grüße\nU. Weber\n\nWeber & Söhne KG · Sitz Hamburg · HRA 123 · USt-IdNr. DE123\nDatenschutz: https://weber.test/d",
    },
  ],
  [
    "French, with a footer",
    {
      text: "Bonjour,\n\noù est mon colis ?\n\nCordialement\nLuc\n\nCe message et ses pièces jointes sont confidentiels. Merci de ne pas l'imprimer.",
    },
  ],
  [
    "Spanish, on the web",
    { text: "Hola, quiero darme de baja de su boletín y saber dónde está mi pedido 1042." },
  ],
  [
    "Italian, on an order",
    { text: "Buongiorno, ho ricevuto un messaggio automatico ma il pacco non c'è." },
  ],
  [
    "Dutch, on a link",
    { text: "Hallo, ik wil me uitschrijven maar de link werkt niet. En waar is mijn bestelling?" },
  ],
  [
    "Portuguese, on the browser",
    { text: "Olá, não consigo abrir a fatura no navegador. Podem enviar em PDF?" },
  ],
  [
    "Polish, on the newsletter",
    { text: "Dzień dobry, proszę wypisać mnie z newslettera i powiedzieć, gdzie jest paczka." },
  ],
];
