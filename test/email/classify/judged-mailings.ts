/** Mailings written after the rules were done, to see how far they reach. Nothing was changed in the rules for them. */

import type { Row } from "./automatic-mails.ts";
import { links, page, PIXEL, PREHEADER, returned } from "./unmarked-forms.ts";

/** Newsletters, feeds and notifications of others. */
export const JUDGED_MAILINGS: readonly Row[] = [
  [
    "a tea shop's letter",
    page(
      `${PREHEADER}<h1>First flush</h1><p>The new teas have landed.</p>${links(8)}<p>You get this mail since you are a friend of the house. <a href="https://tea.test/u">Unsubscribe</a></p></body>`,
      {
        from: "Tea House <hello@teahouse.test>",
        subject: "First flush is here",
        headers: returned("bounces-7-42@mail.teahouse.test"),
      },
    ),
  ],
  [
    "a plain weekly letter",
    {
      from: "Jo from Slow Bikes <jo@slowbikes.test>",
      subject: "Slow Bikes Weekly, issue 44, 2026",
      headers: returned("msg-support=ourshop.test@out.slowbikes.test"),
      text: "Hi there,\n\nthis week: mudguards.\n\nSee you next Friday\nJo\n\nNot for you? Unsubscribe here: https://slowbikes.test/bye",
    },
  ],
  [
    "a feed by mail",
    {
      from: "Cooking <feeds@reader.test>",
      subject: "Lentils, again",
      text: "Link: https://cook.test/lentils\nPublished: 3 November\n\nLentils need no soaking.",
    },
  ],
  [
    "a second feed program",
    {
      from: '"Tiny Log: Kim" <user@rss2email.invalid>',
      subject: "Notes of a Monday",
      headers: [["User-Agent", "rss2email/3.14"]],
      text: "Kim planted garlic.\n\nURL: https://tiny.test/garlic",
    },
  ],
  [
    "a feed with an excerpt",
    {
      from: "Night Trains <nighttrains@blogs.test>",
      subject: "[Night Trains] To Lisbon",
      headers: [["X-Feed-Id", "88"]],
      text: "The sleeper is back [...] Read the rest: https://nt.test/lisbon",
    },
  ],
  [
    "a parcel service",
    page(
      `<p>Your parcel arrives tomorrow between 9 and 12.</p><p><a href="https://p.test/t">Follow it</a></p><p>Please do not reply to this e-mail.</p>`,
      { from: "Parcel Post <tracking@parcelpost.test>", subject: "Arriving tomorrow" },
    ),
  ],
  [
    "an order at a book shop",
    {
      from: "Books & Co <order-update@books.test>",
      subject: "Order 5512 received",
      text: "Thanks for ordering with us!\n\n1 x The Long Walk\n\nYou cannot reply to this address. For help go to https://books.test/help",
    },
  ],
  [
    "a booking",
    page(
      `<p>Your room is booked.</p>${PIXEL}<p>© 2026 Sleep Well B.V. Alle rechten voorbehouden.</p>`,
      { from: "Sleep Well <reservations@sleepwell.test>", subject: "Booking 77-A" },
    ),
  ],
  [
    "a receipt",
    page(`<p>Receipt for EUR 9.00</p><p>This is an automatically generated e-mail.</p>`, {
      from: "Music <receipts@music.test>",
      subject: "Your receipt",
    }),
  ],
  [
    "a network's digest",
    page(
      `<p>Five people looked at your profile</p>${links(8)}<p>You are receiving notification emails. <a href="https://n.test/u">Unsubscribe</a></p>`,
      { from: "Networked <notifications@networked.test>", subject: "Five people looked" },
    ),
  ],
  [
    "a campaign of a carrier",
    page(`<p>Black Friday starts now</p>${links(14)}`, {
      from: "Gadgets <hi@gadgets.test>",
      subject: "It is on",
      headers: [["X-Mailgun-Sid", "WyI0"]],
    }),
  ],
  [
    "a bank's mail",
    {
      from: "Your Bank <info@bank.test>",
      subject: "New statement",
      headers: [["X-JobID", "552"]],
      text: "A new statement is in your online archive.\n\nThis is a system generated message. Please do not reply to this message.",
    },
  ],
  [
    "a job portal in German",
    page(
      `<p>Neue Stellen für Sie</p>${links(9)}<p>Keine Mails mehr? <a href="https://j.test/ab">Hier abbestellen</a></p>`,
      { from: "Stellen heute <angebote@stellen.test>", subject: "9 neue Stellen" },
    ),
  ],
  [
    "a German shop",
    page(
      `<p><a href="https://w.test/v">Newsletter im Browser ansehen</a></p><p>Winterschlussverkauf</p>${links(10)}<p>Sie möchten keine Mails mehr? <a href="https://w.test/a">Abmelden</a></p><p>© Wolle & Mehr GmbH</p>`,
      { from: "Wolle & Mehr <info@wolle.test>", subject: "Winterschlussverkauf" },
    ),
  ],
  [
    "a German ticket sale",
    {
      from: "Konzertkasse <bestellung@konzert.test>",
      subject: "Ihre Karten",
      text: "Vielen Dank für Ihre Bestellung.\n\nDies ist eine automatisch generierte Nachricht.",
    },
  ],
  [
    "a French magazine",
    page(
      `<p>Si ce message ne s'affiche pas correctement, <a href="https://m.test/v">cliquez ici</a></p>${links(8)}<p><a href="https://m.test/d">Se désinscrire</a> – Tous droits réservés</p>`,
      { from: "Le Mensuel <redaction@mensuel.test>", subject: "Au sommaire" },
    ),
  ],
  [
    "a French railway",
    {
      from: "Rails <factures@rails.test>",
      subject: "Votre facture",
      text: "Bonjour,\n\nvotre facture est disponible.\n\nCeci est un message automatique, merci de ne pas y répondre.",
    },
  ],
  [
    "a Spanish newspaper",
    page(
      `<p>Las noticias de hoy</p>${links(11)}<p>Para darse de baja pulse <a href="https://d.test/b">aquí</a>.</p>`,
      { from: "El Diario <boletin@diario.test>", subject: "Las noticias de hoy" },
    ),
  ],
  [
    "a Spanish shop",
    {
      from: "Zapatos <pedidos@zapatos.test>",
      subject: "Pedido confirmado",
      text: "Gracias por su compra.\n\nPor favor, no responda a este mensaje: se ha generado de forma automática.",
    },
  ],
  [
    "an Italian shop",
    {
      from: "Scarpe <ordini@scarpe.test>",
      subject: "Ordine spedito",
      text: "Il tuo ordine è partito.\n\nTi preghiamo di non rispondere a questa email.",
    },
  ],
  [
    "an Italian letter",
    {
      from: "Parole <notiziario@parole.test>",
      subject: "Parole nuove",
      text: "Cari lettori,\n\nparliamo di neve.\n\nPer non ricevere più questa newsletter: disiscriviti su https://parole.test/no",
    },
  ],
  [
    "a Dutch shop",
    {
      from: "Fietsen <bestellingen@fiets.test>",
      subject: "Uw bestelling is verzonden",
      text: "Beste klant,\n\nuw pakket is onderweg.\n\nDit is een automatisch gegenereerd bericht; antwoorden is niet mogelijk.",
    },
  ],
  [
    "a Dutch letter",
    page(`<p>Bekijk deze mail in je browser</p><p>Tulpen!</p>${links(7)}<p>Afmelden</p>`, {
      from: "Tulp <tulp@bloem.test>",
      subject: "Tulpen!",
      headers: returned("bounce+9.1@bloem.test"),
    }),
  ],
  [
    "a Portuguese letter",
    page(
      `<p>Veja no navegador</p>${links(9)}<p>Não quer receber? <a href="https://c.test/s">Cancelar subscrição</a></p>`,
      {
        from: "Café <cafe@cafe.test>",
        subject: "Novos cafés",
        headers: [
          ["X-Campaign-Name", "november"],
          ["X-Newsletter-Id", "3"],
        ],
      },
    ),
  ],
  [
    "a Polish shop",
    {
      from: "Sklep <zamowienia@sklep.test>",
      subject: "Zamówienie wysłane",
      text: "Dzień dobry,\n\npaczka jest w drodze.\n\nTa wiadomość została wygenerowana automatycznie. Prosimy na nią nie odpowiadać.",
    },
  ],
  [
    "a Polish letter",
    page(
      `<p>Nowości tygodnia</p>${links(9)}<p>Otrzymujesz tę wiadomość, ponieważ zapisałeś się na nasz newsletter.</p>`,
      { from: "Dom <newsletter-dom@dom.test>", subject: "Nowości tygodnia" },
    ),
  ],
  [
    "a political letter",
    {
      from: "Clean Rivers <campaign@rivers.test>",
      subject: "We did it",
      text: "Friends,\n\nthe river is clean. Donate: https://rivers.test/give\n\nIf you no longer wish to receive these mails, opt out at https://rivers.test/out",
    },
  ],
  [
    "a school's letter from a list program",
    {
      from: "School <office@school.test>",
      subject: "Term dates",
      headers: [
        ["Sender", "owner-parents@school.test"],
        ["X-Mailer", "ListManager 9"],
      ],
      text: "Dear parents,\n\nthe term ends on Friday.",
    },
  ],
  [
    "a build server",
    {
      from: "Build <build@ci.test>",
      subject: "Build 881 failed",
      messageId: "<88.1.1731.JavaMail.ci@build2>",
      text: "Step 3 failed.\n\nYou received this message because you are subscribed to this project.",
    },
  ],
  [
    "a warning of a monitor",
    {
      from: "Uptime <alert@uptime.test>",
      subject: "DOWN: shop",
      messageId: "<1@mx.cloudmail.test>",
      text: "shop does not answer since 10:02.",
    },
  ],
  [
    "a loyalty programme",
    page(`<p>You have 120 points</p>${links(6)}${PIXEL}`, {
      from: "Air Miles <rewards@miles.test>",
      subject: "120 points",
    }),
  ],
  [
    "a cold offer by a mailing program",
    {
      from: "Rick <rick@growth.test>",
      subject: "Quick question",
      headers: [["X-Mailer", "Mass Mailer 2"]],
      text: "Hi,\n\nwe double sales in 30 days.\n\nIf you want no more of these, click to opt-out: https://growth.test/o",
    },
  ],
];
