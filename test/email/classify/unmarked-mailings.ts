/** Mailings without the headers of lists, in our own words. The rules were built with these. */

import type { Rows } from "./automatic-mails.ts";
import { links, page, PIXEL, PREHEADER, returned } from "./unmarked-forms.ts";

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
