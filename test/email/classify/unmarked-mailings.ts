/** Mailings without the headers of lists, in our own words. The rules were built with these. */

import type { Row } from "./automatic-mails.ts";
import { links, page, PIXEL, PREHEADER, returned } from "./unmarked-forms.ts";

/** Newsletters, feeds and notifications of others. */
export const MAILINGS: readonly Row[] = [
  [
    "a newsletter from a list's name",
    {
      from: "Garden Post <newsletter-team@other.test>",
      subject: "Spring is here",
      text: "Dear reader,\n\nthe first seeds can go out now.\n\nTo unsubscribe, go to https://other.test/out",
    },
  ],
  [
    "a return path that names its reader",
    {
      from: "Mia <mia@letters.other.test>",
      subject: "On slow mornings",
      headers: returned("b-support=ourshop.test@send.other.test"),
      text: "Good morning,\n\ntoday I write about tea.\n\nYou are receiving this because you subscribed at other.test.",
    },
  ],
  [
    "a bounce address",
    {
      from: "Lamp World <hello@lampworld.test>",
      subject: "20 % off everything",
      headers: returned("bounce-7781@mta.lampworld.test"),
      text: "Twenty per cent off until Sunday.\n\nView this email in your browser: https://lampworld.test/v/1",
    },
  ],
  [
    "an entry of a feed",
    {
      from: "boats <rssmail@feeds.test>",
      subject: "A boat made of paper",
      text: "URL: https://boats.test/2026/paper\nDate: Not supplied\n\nSomebody folded a boat of three metres.",
    },
  ],
  [
    "an entry of a feed with a header",
    {
      from: "Boats <boats@hub.test>",
      subject: "New: tar or no tar",
      headers: [["X-RSS-Feed", "https://boats.test/rss"]],
      text: "Tar has its friends.\n\nContinue reading: https://boats.test/tar",
    },
  ],
  [
    "a feed in pictures",
    page(
      `<p>The harbour froze over.</p><p><a href="https://boats.test/ice">Read more</a></p>${PIXEL}`,
      { from: "Boats <updates@boats.test>", subject: "Ice" },
    ),
  ],
  [
    "a shop's offer in HTML",
    page(
      `${PREHEADER}<p>New lamps</p>${links(9)}<p>© 2026 Other Ltd. All rights reserved. <a href="https://other.test/u">Unsubscribe</a></p></body></html>`,
      { from: "Other <info@other.test>", subject: "New lamps" },
    ),
  ],
  [
    "an order somewhere else",
    {
      from: "Other Shop <orders@other.test>",
      subject: "Your order 88-12 is on its way",
      text: "Hello,\n\nyour parcel left us today: https://other.test/t/88\n\nThis is an automated message, please do not reply.",
    },
  ],
  [
    "an order somewhere else, in HTML",
    page(
      `<p>Thank you for your order</p>${PIXEL}<p>Track it: <a href="https://t.other.test/1">here</a></p><p>© 2026 Other Inc., 12 Long Street, Springfield</p>`,
      { from: "Other <shipping@other.test>", subject: "Shipped: order 88-12" },
    ),
  ],
  [
    "an invoice of a service",
    {
      from: "Billing <billing@cloud.test>",
      subject: "Invoice 2026-11",
      text: "Your invoice is ready: https://cloud.test/i/11\n\nReplies to this e-mail are not read.",
    },
  ],
  [
    "a mailing program",
    {
      from: "Tom <tom@other.test>",
      subject: "Our autumn",
      headers: [["X-Mailer", "MailKing 5"]],
      text: "Dear customers,\n\nautumn is here.\n\nTo stop receiving these e-mails, click https://other.test/x",
    },
  ],
  [
    "a mailing's number",
    {
      from: "Tom <tom@other.test>",
      subject: "Our winter",
      headers: [["X-Mailing-Id", "778"]],
      text: "Dear customers,\n\nwinter is here.\n\nManage your preferences: https://other.test/p",
    },
  ],
  [
    "a carrier for programs",
    page(`<p>Ten new jobs for you</p>${links(10)}`, {
      from: "Jobs <jobs@work.test>",
      subject: "Ten new jobs",
      headers: [["X-SG-EID", "abcdef"]],
    }),
  ],
  [
    "a program on a server",
    {
      from: "Forum <forum@talk.test>",
      subject: "New answer to your question",
      messageId: "<1733.22.1711.JavaMail.app@node3>",
      text: "Somebody answered you: https://talk.test/q/1\n\nChange your notification settings: https://talk.test/s",
    },
  ],
  [
    "German",
    {
      from: "Lichtblick <rundbrief@lichtblick.test>",
      subject: "Rundbrief Nr. 12",
      text: "Liebe Leserinnen und Leser,\n\nes wird Winter.\n\nSie erhalten diese E-Mail, weil Sie sich angemeldet haben. Abmelden: https://lichtblick.test/ab",
    },
  ],
  [
    "German order",
    {
      from: "Buchladen <versand@buch.test>",
      subject: "Ihre Bestellung wurde versandt",
      text: "Guten Tag,\n\nIhr Paket ist unterwegs.\n\nDiese E-Mail wurde automatisch erstellt. Bitte antworten Sie nicht auf diese E-Mail.",
    },
  ],
  [
    "French",
    {
      from: "Le Fil <infolettre@lefil.test>",
      subject: "Les nouvelles du mois",
      text: "Bonjour,\n\nvoici nos nouvelles.\n\nPour vous désabonner : https://lefil.test/d",
    },
  ],
  [
    "French order",
    {
      from: "Boutique <commandes@boutique.test>",
      subject: "Votre commande est expédiée",
      text: "Bonjour,\n\nvotre colis est parti.\n\nMerci de ne pas répondre à ce message.",
    },
  ],
  [
    "Spanish",
    {
      from: "La Tienda <ofertas@latienda.test>",
      subject: "Rebajas",
      text: "Hola:\n\nempiezan las rebajas.\n\nSi no quiere recibir más correos, puede darse de baja en https://latienda.test/b",
    },
  ],
  [
    "Italian",
    {
      from: "La Bottega <offerte@bottega.test>",
      subject: "Saldi",
      text: "Ciao,\n\ncominciano i saldi.\n\nRicevi questa email perché sei iscritto. Per cancellarti: https://bottega.test/c",
    },
  ],
  [
    "Dutch",
    {
      from: "De Winkel <nieuwsbrief-actie@winkel.test>",
      subject: "Korting",
      text: "Beste lezer,\n\nalles is goedkoper.\n\nUitschrijven kan op https://winkel.test/u",
    },
  ],
  [
    "Portuguese",
    {
      from: "A Loja <novidades@loja.test>",
      subject: "Promoção",
      text: "Olá,\n\ntudo mais barato.\n\nVocê está recebendo este e-mail porque se cadastrou. Descadastre-se: https://loja.test/d",
    },
  ],
  [
    "Polish",
    {
      from: "Sklep <oferty@sklep.test>",
      subject: "Wyprzedaż",
      text: "Dzień dobry,\n\nwszystko taniej.\n\nAby zrezygnować z subskrypcji, wypisz się: https://sklep.test/w",
    },
  ],
  [
    "another company's servers",
    page(`<p>What we read this week</p>${links(7)}`, {
      from: "Readers <digest@readers.test>",
      subject: "What we read",
      messageId: "<99.abc@sender.mailhouse.test>",
    }),
  ],
  [
    "a host for mailings",
    page(`<p>News of the museum</p>${links(8)}`, {
      from: "Museum <info@news.museum.test>",
      subject: "This month",
    }),
  ],
  [
    "a number for a sender",
    page(`<p>Today on air</p>${links(8)}`, {
      from: "Radio <Online#3.19657.88-2671.12345@radio.test>",
      subject: "Today on air",
    }),
  ],
  [
    "a survey",
    page(
      `<p>How did we do?</p><p><a href="https://s.test/1">Answer</a></p><p>You received this e-mail because you bought at Other.</p>${PIXEL}`,
      {
        from: "Other <feedback@other.test>",
        subject: "How did we do?",
        headers: returned("bounces+881-support=ourshop.test@em.s.test"),
      },
    ),
  ],
  [
    "a webinar",
    page(`<p>Join us</p>${links(6)}<p><a href="https://w.test/u">Unsubscribe</a></p>`, {
      from: "Webinars <webinars@w.test>",
      subject: "Join us on Tuesday",
    }),
  ],
  [
    "nothing of sending, three signs of words",
    page(
      `<p><a href="https://o.test/v">View in browser</a></p><p>Sale</p>${links(12)}<p><a href="https://o.test/u">Unsubscribe</a></p>`,
      { from: "Otto <otto@o.test>", subject: "Sale" },
    ),
  ],
  [
    "an alert of a service",
    {
      from: "Watch <alerts@watch.test>",
      subject: "Disk nearly full",
      text: "The disk of host a is nearly full.\n\nThis message was sent automatically by a program; do not reply.",
    },
  ],
];
