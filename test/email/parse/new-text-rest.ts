/** What mail programs put below or around an answer, in our own words. The answer is the same in each of them. */

/** What stands below the answer, by what is special about it. The rules were built with these. */
export const RESTS: readonly (readonly [string, string])[] = [
  [
    "a date first, no colon",
    "2026-11-03 10:12 GMT+01:00 Support <support@ourshop.test>\n\n> Hello Ann,\n> it was sent.",
  ],
  [
    "a date first, in words",
    "3 November 2026, 10:12, OurShop Support <support@ourshop.test>:\n\nHello Ann,\nit was sent.",
  ],
  [
    "a weekday first, no colon",
    "Tuesday, 3 November 2026 at 10:12, Support <support@ourshop.test> wrote\n\n> It was sent.",
  ],
  [
    "a German date first",
    "03.11.2026 10:12, OurShop Support schrieb:\n\n> Guten Tag,\n> es ist unterwegs.",
  ],
  [
    "a German date first, nothing marked",
    "03.11.26, 10:12 Uhr, schrieb Support <support@ourshop.test>:\n\nGuten Tag,\nes ist unterwegs.",
  ],
  [
    "no verb and no colon",
    "Le 3 novembre 2026 à 10:12, Support <support@ourshop.test>\n\n> Bonjour,\n> c'est parti.",
  ],
  [
    "French without a colon",
    "Le mar. 3 nov. 2026 à 10:12, Support <support@ourshop.test> a écrit\n> Bonjour,\n> c'est parti.",
  ],
  [
    "Spanish without a colon",
    "El mar, 3 nov 2026 a las 10:12, Support (<support@ourshop.test>) escribió\n> Hola,\n> ya salió.",
  ],
  [
    "Italian without a colon",
    "Il giorno mar 3 nov 2026 alle ore 10:12 Support <support@ourshop.test> ha scritto\n\n> Buongiorno,\n> è partito.",
  ],
  [
    "Dutch, the verb in the middle",
    "Op di 3 nov. 2026 om 10:12 schreef Support <support@ourshop.test>\n> Hallo,\n> het is onderweg.",
  ],
  [
    "Portuguese, wrapped",
    "Em ter., 3 de nov. de 2026 às 10:12, OurShop Support <\nsupport@ourshop.test> escreveu\n\n> Olá,\n> já saiu.",
  ],
  [
    "Polish without a colon",
    "wt., 3 lis 2026 o 10:12 Support <support@ourshop.test> napisał(a)\n\n> Dzień dobry,\n> wysłano.",
  ],
  [
    "an attribution in an attribution",
    "On Tue, 3 Nov 2026 at 10:12, Support <support@ourshop.test> wrote:\n\n> On Mon, 2 Nov 2026 at 9:00, Ann Fields <ann@customer.test> wrote:\n>\n>> Where is it?\n>\n> It was sent.",
  ],
  [
    "two attributions below each other",
    "On 3 Nov 2026, at 10:12, Support <support@ourshop.test> wrote:\n\nAm 02.11.2026 um 09:00 schrieb Ann Fields <ann@customer.test>:\n\n> Where is it?",
  ],
  ["a bar without a space", "Support wrote:\n|Hello Ann,\n|it was sent."],
  ["colons", "Support <support@ourshop.test> wrote:\n: Hello Ann,\n: it was sent.\n: Your shop"],
  ["hash signs", "On 3 Nov 2026 Support wrote:\n# Hello Ann,\n# it was sent.\n# Your shop"],
  ["guillemets", "Support a écrit :\n» Bonjour,\n» c'est parti.\n» La boutique"],
  ["angle pairs", "On 3 Nov 2026 Support wrote:\n}> Hello Ann,\n}> it was sent."],
  ["initials", "On 3 Nov 2026 Support wrote:\nOS> Hello Ann,\nOS> it was sent.\nOS> Your shop"],
  ["initials in small letters", "On 3 Nov 2026 Support wrote:\nos> Hello Ann,\nos> it was sent."],
  ["full-width marks", "On 3 Nov 2026 Support wrote:\n＞ Hello Ann,\n＞ it was sent."],
  [
    "a separator glued to the fields",
    "-----Original Message-----From: Support <support@ourshop.test>\nSent: Tuesday, 3 November 2026 10:12\nTo: Ann Fields\nSubject: Order\n\nIt was sent.",
  ],
  ["a separator without fields", "----- Ursprüngliche Nachricht -----\nEs ist unterwegs."],
  [
    "a separator in Hungarian with fields",
    "----- Eredeti üzenet -----\nFeladó: Support <support@ourshop.test>\nElküldve: 2026. november 3. 10:12\nTárgy: Order\n\nElküldtük.",
  ],
  [
    "a separator in an unknown language",
    "-------- Bungubungu --------\nLopi: Support <support@ourshop.test>\nKana: ann@customer.test\nZuri: 3/11/2026 10:12\n\nIt was sent.",
  ],
  [
    "fields without a sender",
    "Sent: Tuesday, November 3, 2026 10:12 AM\nTo: Ann Fields <ann@customer.test>\nSubject: RE: Order 1042\n\nIt was sent.",
  ],
  [
    "German fields without a sender",
    "Gesendet: Dienstag, 3. November 2026 10:12\nAn: Ann Fields <ann@customer.test>\nBetreff: AW: Bestellung\n\nEs ist unterwegs.",
  ],
  [
    "two fields below a rule",
    "________________________________\nFrom: OurShop Support\nSubject: Order 1042\n\nIt was sent.",
  ],
  [
    "a link that breaks a quoted line",
    "On Tue, 3 Nov 2026 at 10:12, Support <support@ourshop.test> wrote:\n\n> You can follow it at\n<https://parcels.test/track/1042?with=a-very-long-name-that-was-wrapped>\n> whenever you like.\n>\n> Your shop",
  ],
  [
    "a bare link that breaks a quoted line",
    "On Tue, 3 Nov 2026 at 10:12, Support <support@ourshop.test> wrote:\n\n> You can follow it at\nhttps://parcels.test/track/1042?with=a-very-long-name-that-was-wrapped\n> whenever you like.",
  ],
  [
    "a wrapped address with mailto",
    "On 3 Nov 2026, at 10:12, Support <support@ourshop.test\n<mailto:support@ourshop.test>> wrote:\n\nIt was sent.",
  ],
];
