/** How bulk mail speaks, in the languages it is seen in. Each list holds one kind of sign; none of them is enough alone. */

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
export const LIST_NAME = new RegExp(`(?:^|[-_.+\\d])(?:${LIST_NAMES})(?:$|[-_.+\\d])`, "u");

/** Those of shops and services, where programs write and people as well. */
const ROLE_NAMES = [
  "orders?|auto-?confirm|confirmations?|order-?(?:updates?|status|confirm)|ship(?:ping|ments?|-?confirm)|tracking|delivery",
  "receipts?|invoices?|billing|payments?|accounts?|customer-?service|system|security|bookings?|reservations?",
  "bestell(?:ung|ungen|bestaetigung)|versand|rechnung|buchhaltung|commandes?|livraison|factures?|pedidos|envios|facturas",
  "ordini|spedizioni|fatture|bestelling(?:en)?|verzending|facturen|encomendas|faturas|zamowieni[ae]|wysylka|faktury",
].join("|");
export const ROLE_NAME = new RegExp(`(?:^|[-_.+])(?:${ROLE_NAMES})(?:$|[-_.+\\d])`, "u");

/** Below the domain of a company: the host its mass mail is sent from. */
export const LIST_HOST =
  /^(?:e-?)?(?:news|newsletters?|mailings?|lists?|promos?|marketing|campaigns?|updates?|notifications?|alerts?|offers|em\d*|mkt\d*|rss|feeds?)\.[^.]+\.[^.]/u;

/** Names that senders of such mail show. */
export const LIST_TITLE =
  /\b(?:newsletters?|digest|bulletin|daily|weekly|monthly|alerts|deals|news|rss|feed|rundbrief|nieuwsbrief|bolet[ií]n|infolettre|notiziario|nyhetsbrev)\b/iu;

/** That the reader subscribed, and how to end it. */
export const SUBSCRIPTION = new RegExp(
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
export const ISSUE_SUBJECT =
  /(?:\b(?:newsletter|digest|bulletin|rundbrief|nieuwsbrief|bolet[ií]n|infolettre|notiziario|biuletyn|nyhetsbrev)\b.{0,40}\d|\b(?:issue|vol(?:ume)?|edition|ausgabe|numéro|número|numero|editie|edição|wydanie|nr|no)\.? ?#?\d{1,5}\b.{0,60}\b(?:20\d\d|issue|newsletter|digest|weekly|daily)|\b(?:daily|weekly|monthly) (?:digest|update|news|summary|roundup|round-up|edition|report|brief)\b)/iu;

/** A web page shows the same. */
export const IN_BROWSER = new RegExp(
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
export const AUTOMATIC = new RegExp(
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
export const RIGHTS =
  /(?:©|\(c\)|&copy;|\bcopyright)\s{0,3}(?:by )?(?:\d{4}|\p{Lu})|\ball rights reserved|alle rechte (?:vorbehalten|voorbehouden)|tous droits r[ée]serv|todos los derechos|tutti i diritti|todos os direitos|wszelkie prawa/iu;

/** A short text whose rest is on a page, as feeds are mailed. */
export const READ_ON =
  /\b(?:read more|continue reading|read the (?:full|whole|rest)|full (?:story|article)|appeared first on|posted (?:by|in|on|to)|permalink|weiterlesen|mehr lesen|lire la suite|leer más|seguir leyendo|leggi tutto|continua a leggere|lees (?:meer|verder)|leia mais|czytaj (?:dalej|więcej)|läs mer)\b/iu;
/** The fields a program puts above an entry of a feed. */
export const ENTRY_LINK =
  /^(?:url|link|permalink|source|feed|quelle|lien|enlace|fonte|bron|źródło)\s?[:：]\s?<?https?:\/\/\S{3,}$/iu;
