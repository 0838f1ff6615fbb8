/** What mail programs put below or around an answer, written after the rules were done, to see how far they reach. */

/** What stands below the answer, by what is special about it. */
export const JUDGED_RESTS: readonly (readonly [string, string])[] = [
  [
    "Gmail in German",
    "Am Di., 3. Nov. 2026 um 10:12 Uhr schrieb OurShop <\nsupport@ourshop.test>:\n\n> Guten Tag,\n> es ist unterwegs.\n>",
  ],
  [
    "Gmail in Spanish without a mark",
    "El mar, 3 nov 2026 a la(s) 10:12, OurShop (support@ourshop.test) escribió:\n\nHola,\nya salió.",
  ],
  [
    "Apple Mail in French",
    "Le 3 nov. 2026 à 10:12, OurShop <support@ourshop.test> a écrit :\n\n\nBonjour,\nc'est parti.",
  ],
  [
    "Apple Mail in Dutch",
    "> Op 3 nov. 2026, om 10:12 heeft OurShop <support@ourshop.test> het volgende geschreven:\n>\n> Hallo,\n> het is onderweg.",
  ],
  [
    "Apple Mail in Polish",
    "> Wiadomość napisana przez OurShop <support@ourshop.test> w dniu 3 lis 2026, o godz. 10:12:\n>\n> Wysłano.",
  ],
  [
    "Outlook in Portuguese",
    "________________________________\nDe: OurShop <support@ourshop.test>\nEnviado: terça-feira, 3 de novembro de 2026 10:12\nPara: Ann Fields\nAssunto: Encomenda\n\nJá saiu.",
  ],
  [
    "Outlook in Italian",
    "Da: OurShop <support@ourshop.test>\nInviato: martedì 3 novembre 2026 10:12\nA: Ann Fields\nOggetto: Ordine\n\nÈ partito.",
  ],
  [
    "Outlook in Polish",
    "Od: OurShop <support@ourshop.test>\nWysłane: wtorek, 3 listopada 2026 10:12\nDo: Ann Fields\nTemat: Zamówienie\n\nWysłano.",
  ],
  [
    "Outlook with fields in bold",
    "*From:* OurShop <support@ourshop.test>\n*Sent:* Tuesday, November 3, 2026 10:12 AM\n*To:* Ann Fields\n*Subject:* Order\n\nIt was sent.",
  ],
  [
    "a webmailer with a frame",
    '-----Ursprüngliche Nachricht-----\nVon: "OurShop"\nGesendet: 03.11.2026 10:12:44\nAn: ann@customer.test\nBetreff: Bestellung\n\nEs ist unterwegs.',
  ],
  [
    "a webmailer with a date first",
    "Gesendet: Dienstag, 03. November 2026 um 10:12 Uhr\nVon: OurShop <support@ourshop.test>\nAn: ann@customer.test\nBetreff: Bestellung\nEs ist unterwegs.",
  ],
  [
    "a webmailer in French",
    '> Message du 03/11/26 10:12\n> De : "OurShop" <support@ourshop.test>\n> A : ann@customer.test\n> Objet : Commande\n>\n> C\'est parti.',
  ],
  [
    "a webmailer in Italian",
    "----Messaggio originale----\nDa: support@ourshop.test\nData: 3-nov-2026 10.12\nA: <ann@customer.test>\nOgg: Ordine\n\nÈ partito.",
  ],
  [
    "a webmailer in Dutch",
    "----Origineel Bericht----\nVan : support@ourshop.test\nDatum : 03/11/2026 10:12\nAan : ann@customer.test\nOnderwerp : Bestelling\n\nHet is onderweg.",
  ],
  [
    "a phone",
    "-------- Original message --------\nFrom: OurShop <support@ourshop.test>\nDate: 3/11/26 10:12 (GMT+01:00)\nTo: Ann Fields\nSubject: Order\n\nIt was sent.",
  ],
  [
    "a phone in German",
    "-------- Ursprüngliche Nachricht --------\nVon: OurShop <support@ourshop.test>\nDatum: 03.11.26 10:12 (GMT+01:00)\nAn: Ann Fields\nBetreff: Bestellung\n\nEs ist unterwegs.",
  ],
  [
    "a phone in Spanish",
    "-------- Mensaje original --------\nDe: OurShop\nFecha: 3/11/26 10:12 (GMT+01:00)\nA: Ann Fields\nAsunto: Pedido\n\nYa salió.",
  ],
  [
    "a date in ISO form and no verb",
    "2026-11-03T10:12:00+01:00 OurShop <support@ourshop.test>\n> It was sent.",
  ],
  [
    "an old newsreader",
    "OurShop Support <support@ourshop.test> wrote in message\nnews:77@ourshop.test:\n> It was sent.\n> Your shop",
  ],
  [
    "an old newsreader with initials",
    "Support schrieb am 03.11.2026:\nOS> Guten Tag,\nOS> es ist unterwegs.\nOS>\nOS> Ihr Laden",
  ],
  [
    "bars that touch the words",
    "Am 03.11.2026 um 10:12 schrieb OurShop <support@ourshop.test>:\n|Guten Tag,\n|\n|es ist unterwegs.",
  ],
  ["a quotation by a name only", "OurShop Support schrieb:\n> Guten Tag,\n> es ist unterwegs."],
  [
    "three levels",
    "On 3 Nov 2026, at 10:12, OurShop <support@ourshop.test> wrote:\n\n> It was sent.\n>\n> On 2 Nov 2026, at 9:00, Ann <ann@customer.test> wrote:\n>> Where?\n>>\n>> On 1 Nov 2026, OurShop wrote:\n>>> Thank you for the order.",
  ],
  [
    "attributions below each other, unmarked",
    "Le mar. 3 nov. 2026 à 10:12, OurShop <support@ourshop.test> a écrit :\nLe lun. 2 nov. 2026 à 9:00, Ann <ann@customer.test> a écrit :\nOù est-il ?",
  ],
  [
    "a link that breaks a quote",
    "Op di 3 nov 2026 om 10:12 schreef OurShop <support@ourshop.test>:\n\n> Volg het hier:\n<https://parcels.test/1042/een-heel-lange-naam>\n> Groeten",
  ],
  [
    "fields in an unknown language",
    "========== Wubba ==========\nNem: OurShop <support@ourshop.test>\nTo: ann@customer.test\nZeit: 2026-11-03 10:12\nWas: Order\n\nIt was sent.",
  ],
  [
    "fields without a sender in French",
    "Envoyé : mardi 3 novembre 2026 10:12\nÀ : Ann Fields <ann@customer.test>\nObjet : RE: Commande\n\nC'est parti.",
  ],
  [
    "fields without a sender in Spanish",
    "Enviado el: martes, 3 de noviembre de 2026 10:12\nPara: Ann Fields <ann@customer.test>\nAsunto: RE: Pedido\n\nYa salió.",
  ],
  ["a helpdesk's line", "##- Please type your reply above this line -##\n\nOurShop: it was sent."],
  [
    "a rule and an attribution",
    "-----------------------------\nOn Tuesday, 3 November 2026, OurShop <support@ourshop.test> wrote:\n\nIt was sent.",
  ],
  [
    "Czech",
    "Dne út 3. 11. 2026 10:12 uživatel OurShop <support@ourshop.test> napsal:\n\n> Je to na cestě.",
  ],
  [
    "Swedish",
    "Den tis 3 nov. 2026 kl 10:12 skrev OurShop <support@ourshop.test>:\n\n> Det är skickat.",
  ],
];

/** Marks that few programs use, with the attribution above them. */
export const RARE_MARKS: readonly (readonly [string, string])[] = [
  ["colons", ":"],
  ["hash signs", "#"],
  ["guillemets", "»"],
  ["bars", "|"],
  ["braces", "}>"],
  ["initials", "ab>"],
];
