/** What mail programs put below or around an answer, in our own words. The answer is the same in each of them. */

/** What stands below the answer, by what is special about it. The rules were built with these. */
export const RESTS: Readonly<Record<string, string>> = {
  "a date first, no colon":
    "2026-11-03 10:12 GMT+01:00 Support <support@ourshop.test>\n\n> Hello Ann,\n> it was sent.",
  "a weekday first, no colon":
    "Tuesday, 3 November 2026 at 10:12, Support <support@ourshop.test> wrote\n\n> It was sent.",
  "a German date first, nothing marked":
    "03.11.26, 10:12 Uhr, schrieb Support <support@ourshop.test>:\n\nGuten Tag,\nes ist unterwegs.",
  "French without a colon":
    "Le mar. 3 nov. 2026 à 10:12, Support <support@ourshop.test> a écrit\n> Bonjour,\n> c'est parti.",
  "Italian without a colon":
    "Il giorno mar 3 nov 2026 alle ore 10:12 Support <support@ourshop.test> ha scritto\n\n> Buongiorno,\n> è partito.",
  "Portuguese, wrapped":
    "Em ter., 3 de nov. de 2026 às 10:12, OurShop Support <\nsupport@ourshop.test> escreveu\n\n> Olá,\n> já saiu.",
  "an attribution in an attribution":
    "On Tue, 3 Nov 2026 at 10:12, Support <support@ourshop.test> wrote:\n\n> On Mon, 2 Nov 2026 at 9:00, Ann Fields <ann@customer.test> wrote:\n>\n>> Where is it?\n>\n> It was sent.",
  "a bar without a space": "Support wrote:\n|Hello Ann,\n|it was sent.",
  "hash signs": "On 3 Nov 2026 Support wrote:\n# Hello Ann,\n# it was sent.\n# Your shop",
  "angle pairs": "On 3 Nov 2026 Support wrote:\n}> Hello Ann,\n}> it was sent.",
  "initials in small letters": "On 3 Nov 2026 Support wrote:\nos> Hello Ann,\nos> it was sent.",
  "a separator glued to the fields":
    "-----Original Message-----From: Support <support@ourshop.test>\nSent: Tuesday, 3 November 2026 10:12\nTo: Ann Fields\nSubject: Order\n\nIt was sent.",
  "a separator in Hungarian with fields":
    "----- Eredeti üzenet -----\nFeladó: Support <support@ourshop.test>\nElküldve: 2026. november 3. 10:12\nTárgy: Order\n\nElküldtük.",
  "fields without a sender":
    "Sent: Tuesday, November 3, 2026 10:12 AM\nTo: Ann Fields <ann@customer.test>\nSubject: RE: Order 1042\n\nIt was sent.",
  "two fields below a rule":
    "________________________________\nFrom: OurShop Support\nSubject: Order 1042\n\nIt was sent.",
  "a bare link that breaks a quoted line":
    "On Tue, 3 Nov 2026 at 10:12, Support <support@ourshop.test> wrote:\n\n> You can follow it at\nhttps://parcels.test/track/1042?with=a-very-long-name-that-was-wrapped\n> whenever you like.",
};
