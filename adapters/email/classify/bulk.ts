/**
 * Newsletters, feeds and notifications whose sender left out the headers of lists. No single sign is enough, since
 * people write from `news@`, ask to be unsubscribed, and have signatures full of links; signs of different kinds that
 * agree are. What a person could have pasted weighs less than how a mail was made and sent.
 */

import { addressDomain, addressesIn, senderAddress } from "#email/mime/addresses.ts";
import {
  type Head,
  messageIdsIn,
  valueOf,
  headerValues,
  decodeWords,
} from "#email/mime/headers.ts";
import {
  type OwnNames,
  type ClassifierInput,
  type WrittenBody,
  writtenBody,
} from "./mail-parts.ts";

/** One thing that speaks for a mailing. */
interface Sign {
  readonly reason: string;
  /**
   * `sending` for how a mail was made and sent, which people do not paste into a mail; `sender` for a name that people
   * have as well; `words` for what any sender may write.
   */
  readonly of: "sending" | "sender" | "words";
}

/** Who it is from: a list, or a role that programs and people share. */
function senderSign(head: Head, isAutomatic: boolean): Sign | null {
  const address = senderAddress(head) ?? "";
  const [local = ""] = address.split("@");
  const shown = decodeWords(valueOf(head, "from"))
    .slice(0, 200)
    .replace(/<[^<>]*>/u, "");
  if (isOfList(address))
    return { of: "sending", reason: `its sender ${address} is that of a list` };
  if (ROLE_NAME.test(local))
    return {
      of: isAutomatic ? "sending" : "sender",
      reason: `its sender ${address} is one that programs write under`,
    };
  return LIST_TITLE.test(shown)
    ? { of: "sender", reason: "its sender is named like a newsletter" }
    : null;
}

/** True for an address that programs write lists and notices under. */
export function isOfList(address: string): boolean {
  const [local = "", host = ""] = address.split("@");
  return LIST_NAME.test(local) || LIST_HOST.test(host) || isToken(local);
}

/** Numbers and letters that a program made up for one mail. */
function isToken(local: string): boolean {
  const digits = local.match(/\d/g)?.length ?? 0;
  // A number alone is a telephone's, at a service that turns its messages into mail.
  return (
    local.length >= 20 && digits >= 8 && /[a-z]/.test(local) && /\d{4}|[0-9a-f]{12}/.test(local)
  );
}

const RETURNS = ["return-path", "x-envelope-from", "envelope-from", "errors-to", "sender"];
const RETURN_NAME =
  /(?:^|[-_.+])(?:bounces?|bnc|bo|returns?|errors?|owner|unsub(?:scribe)?|verp|delivery|mailer|undeliver(?:ed|able)|err)(?:$|[-_.+=\d])|-(?:owner|bounces?|errors|request|admin)$/;
/** What forwarders write for people: SRS, BATV. */
const REWRITTEN = /^(?:srs[01]|prvs|btv1|btv)[=+_-]/;

/** Where a mail that does not arrive goes: to a program that tells by the address which one it was. */
function routeSign(head: Head, isFromList: boolean): Sign | null {
  const sender = senderAddress(head) ?? "";
  const returned = headerValues(head, ...RETURNS)
    .flatMap((value) => addressesIn(value).slice(0, 1))
    .filter((address) => address !== sender && !REWRITTEN.test(address));
  if (returned.some((address) => isOfMailing(address.slice(0, address.lastIndexOf("@")))))
    return { of: "sending", reason: "its return path is that of a mailing" };
  if (!isFromList) return null;
  const ids = messageIdsIn(valueOf(head, "message-id"));
  return [...returned, ...ids].every((address) => isSameCompany(address, sender))
    ? null
    : { of: "sending", reason: "another company than its sender's mailed it" };
}

function isOfMailing(local: string): boolean {
  return RETURN_NAME.test(local) || /=[\w-]+\.[a-z]/.test(local) || isToken(local);
}

/** The last two labels are near enough here: a list mailed from another part of the same registry tells nothing. */
export function isSameCompany(one: string, other: string): boolean {
  const end = (address: string): string =>
    addressDomain(address.toLowerCase()).split(".").slice(-2).join(".");
  return end(one) === end(other);
}

/** Names of headers that mailing programs give their mails, to know the mailing and the reader by. */
const MAILING_HEADER =
  /^x-(?!ms-|spam|virus|google|yahoo|gm-|mailman|antispam)(?:[a-z\d]+[-_]){0,3}(?:campaigns?|mailing(?:s|-?id)?|newsletters?|subscribers?(?:-?id)?|subscription|list(?:-?id|-?name|-?member|-?unsubscribe|-?owner|member)?|jobs?(?:-?id)?|batch(?:-?id)?|bulk|bulkmail|mass-?mail|mail-?id|mailer-?(?:id|job|batch|info|recipient)|send-?id|recipient-?id|contact-?id|member-?id|template(?:-?id|-?name)?|feeds?|rss|blast|broadcast|unsub[a-z]*|opt-?out|msfbl|sfmc|fbl|report-abuse|notification(?:-?(?:id|type))?|event-?id)(?:[-_][a-z\d]+){0,2}$/;
/** Services that carry mail for programs. */
const CARRIER =
  /^x-(?:sg-e?id|mailgun-|mandrill|pm-(?:message|tag|rcpt)|mj-|rpcampaign|mailin-|cmail|elastic|sparkpost|sib-|klaviyo|braze|mkto|emv|responsys|cheetah|delivra|phplist|mailerlite|roving|lyris|ccm|acelle|ses-outgoing|smtpapi)/;
const MASS_PROGRAM =
  /\b(?:rss2?e?mail|feed|lyris|list-?manager|listserv|majordomo|phplist|mailchimp|campaign\w*|newsletter\w*|bulk\w*|mass-?mail\w*|mailing\w*|nlserver|sendy|group-?mail\w*|mail-?king|mailer ?(?:lite|pro|jet|plus)|e-?mail ?market\w*|mail ?merge\w*|rapidmail|cleverreach|inxmail|emarsys|sendblaster)\b/i;

function programSign(head: Head): Sign | null {
  const found = head.fields.find(({ name }) => MAILING_HEADER.test(name) || CARRIER.test(name));
  if (found !== undefined)
    return { of: "sending", reason: `the header ${found.name} is of a mailing program` };
  if (MASS_PROGRAM.test(mailProgram(head)))
    return { of: "sending", reason: "it was written by a mailing program" };
  const [id = ""] = messageIdsIn(valueOf(head, "message-id"));
  return /\bjavamail\b|@(?:localhost|localhost\.localdomain|ip-\d[\w.-]*)$/i.test(id)
    ? { of: "sending", reason: "its Message-ID was made by a program on a server" }
    : null;
}

/** The program a mail says it was written by. */
export function mailProgram(head: Head): string {
  return `${valueOf(head, "x-mailer")} ${valueOf(head, "user-agent")}`;
}

/** Programs and services that people write with, by the marks they leave. */
const MAIL_PROGRAM =
  /outlook|apple mail|(?:iphone|ipad|ipod) mail|thunderbird|mozilla|\bk-9\b|evolution|kmail|\bmutt\b|\balpine\b|the bat!|lotus notes|hcl notes|sylpheed|claws|airmail|\bspark\b|mailbird|em client|betterbird|fairemail|roundcube|squirrelmail|horde|\bimp\b|zimbra|sogo|webmail|rainloop|snappymail|yahoo|web\.de|gmx|mail\.ru|open-xchange|protonmail|tutanota|nine|bluemail/i;
const PERSONS_ID =
  /@(?:mail\.gmail\.com|[\w.-]+\.prod\.outlook\.com|[\w.-]*icloud\.com|[\w.-]*me\.com|mail\.yahoo\.com)$/i;
const PERSONS_HEADERS = [
  "thread-index",
  "x-originating-ip",
  "x-ms-has-attach",
  "x-universally-unique-identifier",
];

/** True when a person's mail program or webmail left its marks. */
export function isByMailProgram(head: Head): boolean {
  return (
    MAIL_PROGRAM.test(mailProgram(head)) ||
    messageIdsIn(valueOf(head, "message-id")).some((id) => PERSONS_ID.test(id)) ||
    PERSONS_HEADERS.some((name) => valueOf(head, name) !== "")
  );
}

/** Signs that agree: one of sending and any other. */
const SIGNS_MIN = 2;
/** Where nothing of the sending says so, or where much looks like a person's. */
const SIGNS_MIN_OF_DOUBT = 3;

/** Why a mail was written to many or by a program; empty when not enough says so. */
export function unmarkedBulkReasons(seen: ClassifierInput, own: OwnNames): readonly string[] {
  const { head } = seen;
  if (answersUs(head, own)) return [];
  const body = writtenBody(seen.parts);
  const signs = signsIn(seen, body);
  const isSent = signs.some((sign) => sign.of === "sending");
  const isDoubtful = isAnswer(seen) || isByMailProgram(head);
  // Words alone may be a newsletter that a person pasted into a question, which then stands above it.
  const isNamed = signs.some((sign) => sign.of === "sender");
  if (!isSent && (isDoubtful || !(isNamed || beginsAsMailing(body)))) return [];
  const enough = !isSent || isDoubtful ? SIGNS_MIN_OF_DOUBT : SIGNS_MIN;
  return signs.length < enough ? [] : signs.map(({ reason }) => reason);
}

function beginsAsMailing({ hasPreheader, text }: WrittenBody): boolean {
  return hasPreheader || IN_BROWSER.test(text.slice(0, TOP_LENGTH).split("\n", 1)[0] ?? "");
}

function signsIn({ head, subject }: ClassifierInput, body: WrittenBody): readonly Sign[] {
  const top = body.text.slice(0, TOP_LENGTH);
  const words = `${body.text.slice(0, START_LENGTH)}\n${body.text.slice(START_LENGTH).slice(-END_LENGTH)}`;
  const isAutomatic = AUTOMATIC.test(words);
  const sender = senderSign(head, isAutomatic);
  const all: readonly (Sign | null)[] = [
    sender,
    routeSign(head, sender?.of === "sending"),
    programSign(head),
    feedSign(body),
    layoutSign(body),
    linksSign(body),
    SUBSCRIPTION.test(words) || ISSUE_SUBJECT.test(subject)
      ? { of: "words", reason: "it says how to subscribe or unsubscribe" }
      : null,
    IN_BROWSER.test(top) ? { of: "words", reason: "it offers itself as a web page" } : null,
    isAutomatic ? { of: "words", reason: "it says that a program sent it" } : null,
    RIGHTS.test(words.slice(-END_LENGTH))
      ? { of: "words", reason: "it ends with the rights of a company" }
      : null,
  ];
  return all.filter((sign): sign is Sign => sign !== null);
}

const TOP_LENGTH = 500;
const START_LENGTH = 3_000;
const END_LENGTH = 5_000;

/** A mail in reply to us is a person's, whatever their program puts around it. */
export function answersUs(head: Head, { messageIdDomain }: OwnNames): boolean {
  return earlierIds(head).some((id) => id.endsWith(`@${messageIdDomain}`));
}

function earlierIds(head: Head): readonly string[] {
  return messageIdsIn(`${valueOf(head, "in-reply-to")} ${valueOf(head, "references")}`);
}

/** Subjects of answers and forwards, in the languages mail programs speak. */
export const REPLY_OR_FORWARD =
  /^(?:re|aw|wg|sv|vs|antw|odp|fwd?|tr|rif|rv|res|enc|doorst|pd|i|vl|vb|ynt|ilt|hl|回复|转发|答复)\s{0,3}(?:\[\d{1,3}\])?\s{0,3}[:：]/iu;

function isAnswer({ head, subject }: ClassifierInput): boolean {
  return earlierIds(head).length > 0 || REPLY_OR_FORWARD.test(subject);
}

function feedSign({ text }: WrittenBody): Sign | null {
  const lines = text
    .slice(0, START_LENGTH)
    .split("\n", 20)
    .map((line) => line.trim());
  const first = lines.find((line) => line !== "") ?? "";
  if (ENTRY_LINK.test(first)) return { of: "sending", reason: "it begins as the entry of a feed" };
  return READ_ON.test(text.slice(0, 2 * START_LENGTH)) && /https?:/.test(text)
    ? { of: "words", reason: "it says where to read on" }
    : null;
}

const IMAGES_MIN = 8;

function layoutSign({ hasPixel, hasPreheader, remoteImages }: WrittenBody): Sign | null {
  if (hasPreheader) return { of: "words", reason: "it has words for the list of mails alone" };
  if (hasPixel) return { of: "words", reason: "it reports who opens it" };
  return remoteImages >= IMAGES_MIN ? { of: "words", reason: "it is made of pictures" } : null;
}

const LINKS_MIN = 6;
const WORDS_PER_LINK_MAX = 45;

function linksSign({ links, words }: WrittenBody): Sign | null {
  return links >= LINKS_MIN && words / links <= WORDS_PER_LINK_MAX
    ? { of: "words", reason: "it is mostly links" }
    : null;
}

// How bulk mail speaks, in the languages it is seen in. Each list holds one kind of sign; none of them is enough alone.

/** Local parts of senders that stand for a list and for no person. */
const LIST_NAMES = [
  "(?:e-?)?news(?:letters?|flash|mail)?|bulletins?|digests?|updates?|alerts?|notify|notifiers?|notifications?",
  "feeds?|rss[a-z]{0,8}|blog|promos?|promotions?|offers?|deals|specials|sales?-?alerts?|marketing|campaigns?",
  "announce(?:ments?)?|lists?|listserv|mailer|mail-?lists?|mailinglists?|subscriptions?|subscribe|membership",
  "daily|weekly|monthly|broadcasts?|magazine|webinars?|loyalty|rewards",
  "rundbrief|infobrief|infomail|angebote?|aktionen|neuigkeiten|nieuwsbrief|nieuws|aanbiedingen|boletin|noticias|ofertas",
  "novedades|infolettre|lettre|actualites?|offres|notiziario|novita|offerte|promozioni|novidades|promocoes|nowosci|oferty",
  "promocje|powiadomienia|nyhetsbrev|nyheter|erbjudanden|tilbud|nyhedsbrev|uutiskirje|hirlevel|zpravodaj|rassylka|bulten",
].join("|");
const LIST_NAME = new RegExp(`(?:^|[-_.+\\d])(?:${LIST_NAMES})(?:$|[-_.+\\d])`, "u");

/** Those of shops and services, where programs write and people as well. */
const ROLE_NAMES = [
  "orders?|auto-?confirm|confirmations?|order-?(?:updates?|status|confirm)|ship(?:ping|ments?|-?confirm)|tracking|delivery",
  "receipts?|invoices?|billing|payments?|accounts?|customer-?service|system|security|bookings?|reservations?",
  "bestell(?:ung|ungen|bestaetigung)|versand|rechnung|buchhaltung|commandes?|livraison|factures?|pedidos|envios|facturas",
  "ordini|spedizioni|fatture|bestelling(?:en)?|verzending|facturen|encomendas|faturas|zamowieni[ae]|wysylka|faktury",
].join("|");
const ROLE_NAME = new RegExp(`(?:^|[-_.+])(?:${ROLE_NAMES})(?:$|[-_.+\\d])`, "u");

/** Below the domain of a company: the host its mass mail is sent from. */
const LIST_HOST =
  /^(?:e-?)?(?:news|newsletters?|mailings?|lists?|promos?|marketing|campaigns?|updates?|notifications?|alerts?|offers|em\d*|mkt\d*|rss|feeds?)\.[^.]+\.[^.]/u;

/** Names that senders of such mail show. */
const LIST_TITLE =
  /\b(?:newsletters?|digest|bulletin|daily|weekly|monthly|alerts|deals|news|rss|feed|rundbrief|nieuwsbrief|bolet[ií]n|infolettre|notiziario|nyhetsbrev)\b/iu;

/** That the reader subscribed, and how to end it. */
const SUBSCRIPTION = new RegExp(
  [
    "\\bun-?subscri(?:be|bing|ption)|\\bopt(?:ing)?[- ]?out\\b|manage (?:your |my )?(?:e-?mail |notification |mail )?(?:preferences|subscriptions?|settings)|(?:e-?mail|notification|communication) (?:preferences|settings)|(?:stop|no longer (?:wish|want) to) receiv(?:e|ing) (?:these|this|our|such|e-?mails?)",
    "(?:you(?:['’]re| are)? (?:are )?receiv(?:e|ing)|you (?:have )?received|(?:this|the) (?:e-?mail|message|newsletter|mailing) (?:was|is|has been) (?:sent|mailed|delivered) to)\\b.{0,80}\\b(?:because|as (?:an? |you)|since|subscri|registered|signed up|@)",
    "\\babmeld(?:en|ung)|\\babbestell(?:en|ung)|austragen|(?:sie|du) (?:erhalten|erhältst|bekommen|bekommst) diese.{0,60}(?:weil|da )|newsletter nicht mehr",
    "d[ée]s(?:abonn|inscri)|vous (?:recevez|avez reçu) ce.{0,60}(?:car|parce|suite)|ne plus recevoir|g[ée]rer (?:vos|mes) (?:pr[ée]f[ée]rences|abonnements)",
    "darse? de baja|dar de baja|cancelar (?:la |su |tu |a )?(?:suscripci|subscri|inscri)|anular (?:la )?suscripci|(?:ha recibido|recibe|recibes|has recibido|está recibiendo) este.{0,60}porque|dejar de recibir",
    "disiscriv|annulla(?:re)? (?:l['’])?iscrizione|cancella(?:re|ti|rsi)? (?:la |tua )?(?:iscrizione|dalla)|(?:ricevi|ha ricevuto|riceve|hai ricevuto) quest.{0,60}perch|non (?:desider|vuoi).{0,20}ricevere",
    "uitschrijven|afmelden|schrijf.{0,20} uit\\b|(?:u|je) ontvangt? d(?:eze|it).{0,60}(?:omdat|want)",
    "descadastr|desinscrev|remover (?:a )?(?:inscri|assinatura)|(?:está recebendo|recebeu|recebe) est[ae].{0,60}porque|deixar de receber|cancelar (?:a )?(?:assinatura|subscrição)",
    "wypis(?:a[ćc]|z) się|wypisz|rezygn(?:acj|ow|uj).{0,30}(?:subskryp|newsletter|otrzymyw)|(?:otrzymujesz|otrzymał).{0,60}(?:ponieważ|gdyż|bo )",
    "avregistrera|avsluta prenumeration|avmeld|afmeld|peruuta tilaus|leiratkoz|odhlásit|dezabon|abonelikten|отписаться|відписатися|配信停止|退订|退訂|取消订阅|수신 ?거부",
  ].join("|"),
  "iu",
);

/** The subject of an issue, not of a question. */
const ISSUE_SUBJECT =
  /(?:\b(?:newsletter|digest|bulletin|rundbrief|nieuwsbrief|bolet[ií]n|infolettre|notiziario|biuletyn|nyhetsbrev)\b.{0,40}\d|\b(?:issue|vol(?:ume)?|edition|ausgabe|numéro|número|numero|editie|edição|wydanie|nr|no)\.? ?#?\d{1,5}\b.{0,60}\b(?:20\d\d|issue|newsletter|digest|weekly|daily)|\b(?:daily|weekly|monthly) (?:digest|update|news|summary|roundup|round-up|edition|report|brief)\b)/iu;

/** A web page shows the same. */
const IN_BROWSER = new RegExp(
  [
    "(?:view|read|see|open|display|having trouble (?:viewing|reading|seeing)|(?:can['’]?t|cannot|unable to) (?:see|view|read|display)|trouble (?:viewing|reading)|(?:not|isn['’]t) display(?:ing|ed)?).{0,60}(?:browser|online|on the web|web ?page|correctly|properly|e-?mail)",
    "\\b(?:web|online|browser)[- ]?version\\b|im (?:web)?browser (?:anzeigen|ansehen|öffnen|lesen)|online (?:ansehen|lesen|anzeigen)|(?:nicht|nicht richtig|nicht korrekt) (?:angezeigt|dargestellt)",
    "version (?:en ligne|web|internet)|dans (?:votre|le|un) navigateur|(?:visualis|affich|s['’]affiche).{0,40}(?:en ligne|navigateur|correctement)",
    "(?:ver|verlo|vea|abrir|leer|visualizar).{0,40}(?:navegador|en l[ií]nea|versi[óo]n web)|versi[óo]n (?:web|en l[ií]nea|online)",
    "(?:visualizza|apri|leggi|vedi|guarda).{0,40}(?:browser|online)|versione (?:web|online)",
    "(?:bekijk|lees|open).{0,40}(?:browser|online)|(?:web|online)versie",
    "(?:ver|veja|abrir|visualizar|visualize).{0,40}(?:navegador|on-?line)|versão (?:web|on-?line)",
    "(?:zobacz|otwórz|wyświetl).{0,40}(?:przeglądar|online)|wersj[aęi] (?:online|przeglądarkow)",
    "(?:visa|läs|se|vis|læs).{0,30}(?:webbläsare|nettleser|browser|online)|webbversion|браузере|ブラウザ|浏览器",
  ].join("|"),
  "iu",
);

/** That a program wrote it and no person reads an answer. */
const AUTOMATIC = new RegExp(
  [
    "(?:do not|don['’]t|please don['’]t|cannot|can['’]t|not able to|unable to) (?:reply|respond|answer)(?: directly)?(?: (?:to|back))?(?: (?:this|the|our))?|(?:this|the) (?:e-?mail|message|mailbox|address|inbox) (?:is|was)(?: an?)? (?:auto|not (?:monitored|read|checked)|unattended|unmonitored|system|sent (?:automatically|from an? (?:un|notif|auto)|by an? auto))|automat(?:ed|ic|ically)[ -](?:generated |sent |created )?(?:e-?mail|message|notification|sent|generated)|replies to this (?:e-?mail|message|address) (?:are|will|is)",
    "(?:nicht|nicht direkt) auf diese.{0,40}antwort|automatisch (?:erstellt|generiert|erzeugt|versendet|versandt|verschickt)|automatische (?:nachricht|e-?mail|benachrichtigung)|antworten (?:sie )?(?:bitte )?nicht auf",
    "ne (?:pas|pouvez|peut|veuillez|répond).{0,40}(?:répondre|réponse|repondre)|(?:e-?mail|message|courriel|mail) (?:est |a été )?(?:envoyé |généré )?automatique(?:ment)?|merci de ne pas (?:y )?répondre",
    "no (?:responda|respondas|conteste|contestes|responder)\\b|(?:correo|mensaje|e-?mail) (?:es |ha sido )?(?:generado |enviado )?autom[áa]tic",
    "non rispondere|si prega di non|(?:messaggio|e-?mail) (?:è |è stat[oa] )?(?:generat[oa] |inviat[oa] )?automatic",
    "niet (?:op|beantwoord|antwoord|reageren).{0,40}(?:antwoorden|reageren|e-?mail|bericht|mail)|automatisch (?:gegenereerd|verzonden|verstuurd|bericht|aangemaakt)",
    "n[ãa]o (?:responda|responder)|(?:mensagem|e-?mail) (?:é |foi )?(?:gerad[oa] |enviad[oa] )?autom[áa]tic",
    "nie odpowiada(?:j|ć|jcie)|wiadomość (?:została )?(?:wygenerowana|wysłana)? ?automatyczn",
    "svara inte på|ikke besvares|svar ikke på|älä vastaa|neodpovídejte|ne válaszoljon|не отвечайте|返信しないで|送信専用|请勿回复|請勿回覆|회신하지",
  ].join("|"),
  "iu",
);

/** What the law wants below what a company publishes. A person's mail names the company, but claims no rights. */
const RIGHTS =
  /(?:©|\(c\)|&copy;|\bcopyright)\s{0,3}(?:by )?(?:\d{4}|\p{Lu})|\ball rights reserved|alle rechte (?:vorbehalten|voorbehouden)|tous droits r[ée]serv|todos los derechos|tutti i diritti|todos os direitos|wszelkie prawa/iu;

/** A short text whose rest is on a page, as feeds are mailed. */
const READ_ON =
  /\b(?:read more|continue reading|read the (?:full|whole|rest)|full (?:story|article)|appeared first on|posted (?:by|in|on|to)|permalink|weiterlesen|mehr lesen|lire la suite|leer más|seguir leyendo|leggi tutto|continua a leggere|lees (?:meer|verder)|leia mais|czytaj (?:dalej|więcej)|läs mer)\b/iu;
/** The fields a program puts above an entry of a feed. */
const ENTRY_LINK =
  /^(?:url|link|permalink|source|feed|quelle|lien|enlace|fonte|bron|źródło)\s?[:：]\s?<?https?:\/\/\S{3,}$/iu;
