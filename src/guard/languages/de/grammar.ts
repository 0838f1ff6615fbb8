/** What the output check looks for in German. */
import type { Wording } from "#guard/languages/language.ts";
import { FRAMES } from "./frames.ts";
import { TOPICS } from "./topics.ts";
import { anyOf, pattern } from "#guard/languages/spelling.ts";

const PEOPLE =
  "(?:ich|wir|jemand|man|das team|der support|unser(?:e|en)? (?:\\w+ )?(?:team|kollegen|kolleginnen|kollege|lager|fachabteilung|abteilung|experten|kundendienst|support)|ein(?:e|er|em)? (?:\\w+ )?(?:kollege|kollegin|mitarbeiter|mitarbeiterin|mensch|person|teammitglied|spezialist)|mein(?:e)? (?:kollege|kollegin|kollegen|vorgesetzter)|die (?:kollegen|fachabteilung|abteilung|logistik|buchhaltung))";
/** Verbs for dealing with something, in the present as well: in German it promises as much as the future does. */
const SEES =
  "(?:melde[nt]?|meldet|kümmer[ent]*|kümmere|kümmern|kontaktier\\w*|rufe|rufen|ruft|prüfe|prüfen|prüft|überprüf\\w*|untersuch\\w*|klär\\w*|frage|fragen|fragt|erkundig\\w*|leite|leiten|leitet|gebe|geben|gibt|sehe|sehen|sieht|schaue|schauen|schaut|forsche|forschen|suche|suchen|sucht|informier\\w*|benachrichtig\\w*|halte|halten|setze|setzen|setzt|nehme|nehmen|nimmt|bearbeite\\w*|spreche|sprechen|schreibe|schreiben|schreibt|behalte|sorge|sorgen|sorgt)";
const SEES_LATER =
  "(?:melden|kümmern|kontaktieren|anrufen|zurückrufen|prüfen|überprüfen|untersuchen|klären|nachfragen|erkundigen|weiterleiten|weitergeben|ansehen|anschauen|nachforschen|suchen|informieren|benachrichtigen|halten|setzen|aufnehmen|bearbeiten|sprechen|schreiben|sorgen|nachsehen|nachschauen|übernehmen|antworten|zurückmelden)";
/** A German participle. */
const PARTICIPLE = "\\w*(?:ge|ver|be|er|ent|zer|über|ab|an|ein|um)\\w{3,}(?:t|en)|\\w{3,}iert";
/** What follows the verb: "bei Ihnen", "darum", "an unser Team", "nach". */
const WITH =
  "(?:bei ihnen|bei dir|darum|sich|(?<!frage )mich|uns (?:wieder|bei|drum|darum)|an (?:unser|die|das|den|einen|meine)\\w*|nach|weiter|zurück|ihnen|sie(?! (?:bitte|können))|im lager|beim|mit (?:dem|der|unserem|unserer|ihnen)|das|dies|den fall|die sache|ihr anliegen|ihren fall|auf dem laufenden|in verbindung|an\\b|auf\\b|dafür)";

/** What the check looks for in German. */
export const german: Wording = {
  language: "de",
  // "Bestellungen 456 und 789" is one item; so is a number with a comma in it.
  clauseEnd: pattern(
    String.raw`[,;:–—]\s|\s-+\s|\s[([]|\b(?:und(?! #?\d[\w-]*\b(?! ?(?:usd|eur|euro|dollar|tage|werktage|%)))|aber|sondern|weil|denn|obwohl|sowie|jedoch)\s`,
    "g",
  ),
  question: pattern(
    String.raw`^\W*(?:(?:und|also|nur zur sicherheit|oder)[,:]? )?(?:hat|haben|hatten|ist|sind|war|waren|wird|werden|wurde|kann|können|könnten|soll|sollen|sollte|darf|dürfen|möchten?|möchtest|wollen|wünschen|will|gibt|was|wer|wie|wo|wann|warum|welche[rsmn]?|ob|passt|stimmt|geht|brauchen|meinen|handelt|funktioniert|wäre|würden|haben)\b`,
  ),
  condition: pattern(
    String.raw`\b(?:wenn|falls|sobald|sofern|solange|ob|vorausgesetzt|es sei denn|bevor|nachdem (?:sie|wir|ein)|ehe)\b|^\W*(?:wird|wurde|ist|haben sie|möchten sie|sollten?|kommt|findet|geben sie|schicken sie|senden sie|bestätigen sie|nennen sie|teilen sie|schreiben sie|antworten sie|sagen sie)\b[^.!?]{0,160},? (?:und |so |dann |können |bekommen |erhalten |erstatten |schicken |ändern |prüfen )?(?:sie|wir|ich)?\b`,
  ),
  // "Ich melde mich, sobald ich mehr weiß" promises without a condition the customer must meet.
  news: pattern(
    String.raw`\b(?:sobald|wenn|nachdem) (?:ich|wir|sie) (?:mehr|etwas|neues|neuigkeiten|eine antwort|eine rückmeldung|näheres)\b`,
    "g",
  ),
  inGeneral: pattern(
    String.raw`^\W*(?:(?:alle|die meisten|unsere|für) )*(?:bestellungen|pakete|artikel|produkte|lieferungen|erstattungen|gutscheine|rücksendungen|reparaturen)\b(?! #?\d)`,
  ),
  hypothetical: pattern(
    String.raw`^\W*(?:(?:und|oder|aber|nur|erst|auch) )?(?:wenn|falls|sobald|sofern|solange|ob|bevor|nachdem|ehe|bis|wie(?! (?:versprochen|vereinbart|besprochen|gewünscht|angekündigt|zugesagt|erbeten|abgesprochen))|was|welche\w*|wo|wer|warum|um)\b`,
  ),
  repeats: pattern(
    String.raw`\bsie (?:haben )?(?:\w+ ){0,3}(?:gefragt|geschrieben|erwähnt|gebeten|genannt|möchten|wünschen|schreiben|fragen)\b|\b(?:ihre|deine) (?:nachricht|frage|anfrage|e-?mail|bitte)\b|\b(?:nicht|kein\w*|keine)\b.{0,60}\b(?:finden|gefunden|sehen|bestellung|auftrag)\b|\b(?:finde|sehe|finden|sehen)\b.{0,60}\b(?:nicht|kein\w*)\b`,
  ),
  // "Could be" or "should be" does not state that it is so either.
  denial: pattern(
    String.raw`\b(?:nicht(?! nur)|nie|niemals|kein\w*|weder|nichts|niemand|ohne|kann|können|könnten?|möchten?|würden?|würde|dürfen|darf|dürfte|soll|sollen|muss|müssen|müssten?|will|wollen|gerne? (?:an|prüfen|anbieten)|wäre|bitte)\b`,
  ),
  reports: pattern(
    String.raw`\bsie (?:haben )?(?:\w+ ){0,2}(?:schreiben|sagen|meinen|fragen|erwähnen|geschrieben|gesagt|gefragt|erwähnt|berichten)\b[^,;]{0,20}, (?:dass|ob)\b[^,;]{0,80}$`,
  ),
  happens: pattern(
    String.raw`\b(?:ist|sind|war|waren|wird|werden|wurden?|worden|hat|haben|ging|gingen|kommt|kommen|läuft|liegt|steht|trifft|überweist|zahlt|schickt|\w*ge\w+t)\b`,
  ),
  harmless: pattern(
    String.raw`\b(?:kann|können|könnten?|möchten?|würden?|soll|sollte|muss|müssen|darf|dürfen|möglich|unmöglich|nicht|kein\w*|wegen|bezüglich|frage\w*|über|in der regel|normalerweise|meist\w*|üblicherweise|immer|abgelehnt|ob|wie|wann|statt|entweder|angebot|anbieten|warten|geht|dauert|tut|leid|falls|wenn|sobald|je nach|hängt)\b`,
  ),
  likewise: pattern(String.raw`^\W*(?:und )?(?:ebenso|auch|genauso)\b`),
  // The participle alone shows no tense: "wird erstattet" may be a rule.
  past: pattern(String.raw`\b(?:habe|haben|hat|wurden?|worden|war|waren|ich|wir)\b`),
  undone: (upTo) => UNDONE.test(upTo),
  refers: pattern(
    String.raw`\b(?:es|das|dies|alles|ihn|sie|diese[rsn]?|den betrag|das geld|beides|er)\b`,
  ),
  inFull: pattern(
    String.raw`\b(?:voll\w*|ganz\w*|komplett\w*|gesamt\w*|alles|vollständig\w*|restlos)\b`,
  ),
  half: pattern(String.raw`\b(?:hälfte|halbe\w*|zur hälfte)\b`),
  several: pattern(
    String.raw`\b(?:beide\w*|alle|sämtliche) (?:ihre[rn]? |deine |die )?bestellungen\b|\bbeide (?:wurden|sind|haben)\b`,
  ),
  // A record shows what was done before; these words mean something done now.
  anew: pattern(
    String.raw`\b(?:gerade|soeben|eben|jetzt|nun|heute|erneut|nochmals?|noch einmal|weitere\w*|zusätzlich\w*)\b`,
  ),
  otherPlaces: pattern(
    String.raw`\b(?:bankkonto|girokonto|paypal|andere karte|neue karte|kundenguthaben|geschenkkarte|scheck)\b`,
  ),
  priceBefore: pattern(
    String.raw`\b(?:von (?:den|der|ihren|insgesamt)|bezahlt(?:en)?|kostete[n]?|kostet|preis(?: von)?|statt|wert von|insgesamt)\s$`,
  ),
  priceAfter: pattern(String.raw`^\s(?:bezahlt|kaufpreis|bestellung|gekostet|insgesamt|die sie)\b`),
  verb: pattern(
    String.raw`\b(?:ist|sind|war|waren|wird|werden|wurden?|hat|haben|habe|kann|können|soll|sollte|muss|möchte\w*|ich|wir|sie|er|es|die|das|nicht|bitte|bleibt|liegt|geht|kommt|wenn|falls|bezahlt)\b`,
  ),
  toPlace:
    /\b(?:auf|an|in|nach|zu|lautet(?: nun| jetzt)?) (?=\d|\p{Lu}\p{L}+(?:straße|str\.|weg|allee|platz|gasse)?\s\d)/u,
  frames: FRAMES,
  topics: TOPICS,
  // German promises in the present: "Ich leite das weiter" says as much as "Ich werde das weiterleiten".
  handOverPromised: anyOf(
    String.raw`\b${PEOPLE}\b(?: \w+){0,2} (?:werde|werden|wird)\b.{0,100}\b${SEES_LATER}\b`,
    String.raw`\b(?:werde|werden|wird) (?:\w+ ){0,2}${PEOPLE}\b.{0,100}\b${SEES_LATER}\b`,
    String.raw`\b${PEOPLE}\b(?: \w+){0,2} ${SEES}\b.{0,60}\b${WITH}`,
    String.raw`\b${SEES} (?:\w+ ){0,2}${PEOPLE}\b.{0,60}\b${WITH}`,
    String.raw`^\W*(?:und |dann )?(?:melde|melden|frage|kümmere|kümmern|leite|gebe|prüfe|kläre|halte|rufe) (?:mich|uns|sie|es|das|ihr|den|die|im|beim|dann|nach)\b`,
    String.raw`\bsie (?:hören|erhalten|bekommen)\b.{0,30}\b(?:von uns|rückruf|rückmeldung|antwort|anruf)\b|\bhören sie (?:bald |in kürze |wieder )?von uns\b`,
  ),
  handOverDone: anyOf(
    String.raw`\b(?:habe|haben|wurde|wurden|ist|sind|hat)\b.{0,120}\b(?:weitergeleitet|weitergegeben|weitergereicht|übergeben|eskaliert|informiert|benachrichtigt|kontaktiert|beauftragt|gebeten|angelegt|eröffnet|erstellt|gemeldet|angefragt|nachgefragt|gebeten|eingeschaltet|verständigt|gebeten|angestoßen)\b(?!.{0,10}\bwerden\b)`,
    String.raw`\b${PEOPLE}\b.{0,20}\b(?:prüft|prüfen|untersucht|kümmert sich|arbeitet|arbeiten|sucht|bearbeitet)\b.{0,30}\b(?:bereits|gerade|derzeit|schon|daran|aktuell|momentan)\b`,
    String.raw`\bwird (?:gerade|derzeit|aktuell|bereits|momentan|nun|jetzt)\b.{0,40}\b(?:geprüft|untersucht|bearbeitet|überprüft)\b`,
  ),
  // Any promise; the ones that commit to nothing are taken out by the list below.
  promised: anyOf(String.raw`\b(?:ich werde|werde ich|wir werden|werden wir)\b`),
  promisedLightly: pattern(
    String.raw`\b(?:gerne? (?:helfen|weiterhelfen|beantworten)|helfen|weiterhelfen|unser bestes|mein bestes|alles (?:tun|mögliche)|brauchen|benötigen|nie|niemals|nicht|nur|versuchen)\b`,
  ),
  doneUnnamed: anyOf(
    String.raw`^\W*(?:(?:ok|okay|gut|prima|super|so|alles|schon|bereits|das ist|ist|das wäre|es ist|das) )*(?:erledigt|geregelt|geschafft|fertig|in ordnung gebracht|behoben)\b`,
    String.raw`\b(?:anliegen|problem|fall|sache|anfrage|angelegenheit)\b.{0,20}\b(?:erledigt|gelöst|behoben|geklärt|abgeschlossen|bearbeitet)\b`,
    String.raw`\b(?:das|es|alles|dies)\b.{0,20}\b(?:ist|wurde|haben wir|habe ich)\b.{0,30}\b(?:erledigt|geregelt|behoben|gelöst|in ordnung gebracht|korrigiert|veranlasst|umgesetzt|gemacht)\b`,
    String.raw`\b(?:ich habe|habe ich|wir haben|haben wir)\b.{0,40}\b(?:erledigt|geregelt|behoben|gelöst|in ordnung gebracht|veranlasst|umgesetzt|darum gekümmert)\b`,
  ),
  didSomething: anyOf(
    String.raw`\b(?:ich habe|habe ich|wir haben|haben wir)\b.{0,140}\b(?:${PARTICIPLE})\W*$`,
    // Anything done to something of the customer's, except an order's state.
    String.raw`\b(?:wurden?|worden)\b.{0,140}\b(?:${PARTICIPLE})\W*$|\b(?:${PARTICIPLE}) (?:wurden?|worden)\b`,
  ),
  didLittle: pattern(
    String.raw`\b(?:nachgesehen|geprüft|überprüft|gefunden|gesehen|angesehen|gelesen|durchgelesen|erhalten|bekommen|verstanden|nachgeschaut|angeschaut|notiert|gehabt|gewesen|gesucht|versucht|verglichen|gelernt|gehofft|bemerkt|festgestellt|genannt|erwähnt|erklärt|beschrieben|aufgelistet|zusammengefasst|gesagt|geschrieben|versprochen|besprochen|vereinbart|geliefert|versandt|versendet|verschickt|berechnet|entschuldigt|gefreut|gefragt|nachgedacht|erreicht|bestätigt|verpasst|gebeten|zugestellt|ausgeliefert|bezahlt|bestellt|beschädigt|gekauft|abgelehnt|belastet|abgebucht|vorbereitet|gepackt|aufgegeben|eingegangen|angekommen|abgegeben|übergeben|hergestellt|entwickelt|verloren)\b`,
  ),
  // The verb comes last, so much text may stand between it and its auxiliary.
  states: [
    {
      pattern: anyOf(
        String.raw`\b(?:wurden?|ist|sind|haben wir|wir haben|hat)\b.{0,80}\b(?:versandt|versendet|verschickt|abgeschickt|losgeschickt|an den paketdienst übergeben)\b`,
        String.raw`\b(?:ihre?|deine?|die|der|das|bestellung) (?:[\w#-]+ ){1,3}(?:ist|sind) (?:bereits |schon |jetzt |nun )?(?:unterwegs|auf dem weg)\b`,
        String.raw`\b(?:hat|haben)\b.{0,40}\blager verlassen\b`,
      ),
      state: "shipped",
    },
    {
      pattern: pattern(
        String.raw`\b(?:wurden?|ist|sind|haben wir|wir haben)\b.{0,80}\b(?:geliefert|zugestellt|ausgeliefert|angekommen|eingetroffen)\b`,
      ),
      state: "delivered",
    },
    {
      pattern: pattern(
        String.raw`\b(?:haben|habe|ist|wurde)\b.{0,60}\b(?:rücksendung|retoure|paket)\b.{0,40}\b(?:erhalten|eingegangen|angekommen|zurückgekommen)\b|\b(?:rücksendung|retoure)\b.{0,40}\b(?:ist|wurde)\b.{0,30}\b(?:eingegangen|angekommen|erhalten)\b`,
      ),
      state: "returned",
    },
    {
      pattern: pattern(
        String.raw`\b(?:ist|sind|wurde|ging)\b.{0,60}\b(?:verloren(?: gegangen)?|verschollen)\b`,
      ),
      state: "lost",
    },
  ],
};

const UNDONE = pattern(
  String.raw`\b(?:nicht(?! nur)|nie|niemals|kein\w*|weder|ohne|noch nichts|nichts)\b`,
);
