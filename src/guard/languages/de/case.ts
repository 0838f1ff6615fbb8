/** How customers write about their order in German. */
import type { CaseWords } from "#guard/languages/case-words.ts";

const ORDER =
  "(?:bestellung|paket|packchen|sendung|lieferung|ware|artikel|telefon|handy|lampe|kopfhorer|rucksack|laptop|kabel|hulle|wasserkocher|gerat)";
/** Folded text has neither umlauts nor sharp s; people also write "ae" and "ue". */
export const GERMAN_CASE: CaseWords = {
  supposed:
    /^\W*(?:(?:und|aber|oder|also|bitte) )*(?:wenn|falls|ob|sobald|sofern|bis|solange|bevor)\b|\b(?:falls|ob|sobald|sofern|bis) (?:es|sie|er|das|die|der|mein|meine|ich|wir)\b/,
  unreal:
    /\b(?:sollte|sollten|hatte \w+ (?:\w+ )?(?:sollen|mussen)|hatte (?:\w+ ){0,4}(?:ankommen|kommen|geliefert werden) (?:sollen|mussen)|ware|waere|konnte|koennte|wird|werden soll|wurde gern|wuerde|hoffe|hoffentlich|soll|sollen|mochte|moechte)\b/,
  reported:
    /\b(?:sendungsverfolgung|status|tracking|webseite|seite|app|dhl|hermes|dpd|gls|ups|bote|fahrer|zusteller|system|sie)(?: \w+){0,3}? (?:sagt|sagen|zeigt|behauptet|behaupten|meldet|schreibt|schreiben|meint|steht)\b|\b(?:laut|angeblich|als zugestellt|als geliefert|als erhalten)\b/,
  otherOrder:
    /\b(?:letzte|letzten|vorige|vorigen|andere|anderen|fruhere|fruheren|erste|ersten|zweite|nachste|nachsten)(?: \w+)? (?:bestellung|paket|lieferung|sendung|mal|artikel|teil)\b|\bder rest\b/,
  negation:
    /\b(?:nicht|nie|niemals|kein|keine|keinen|keinem|keiner|keines|nichts|noch immer nicht|ohne|weder|niemand)\b/,
  why: /^\W*(?:(?:und|aber|also|bitte|hallo) )*(?:warum|wieso|weshalb|wie kann es sein)\b/,
  asking:
    /^\W*(?:(?:und|aber|also|hallo|bitte) )*(?:ist|sind|war|waren|hat|haben|habe|wurde|wurden|wird|kann|konnen|koennen|konnte|wann|wo|was|welche\w*|wer|wie)\b/,
  otherThing:
    /\b(?:e-?mails?|mail|nachricht(?:en)?|antwort(?:en)?|rechnung|quittung|bestatigung|benachrichtigung|newsletter|brief|link|code|passwort|kennwort|anmeldung|konto|webseite|website|seite|app|knopf|formular|gutschein|anruf|nummer|versprechen|vertrag|erstattung|ruckerstattung|geld|zahlung|gutschrift|anfrage|ticket|frage)\b/,
  arrived: new RegExp(
    String.raw`\b(?:angekommen|eingetroffen|(?:kam|kamen)(?: \w+){0,5} an|(?:kam|kamen)(?: \w+){0,3} (?:kaputt|defekt|beschadigt|zerkratzt|zerbrochen|gestern|heute|verspatet)|(?:wurde|wurden|ist|sind|worden)(?: \w+){0,4} (?:geliefert|zugestellt)|geliefert (?:worden|wurde|bekommen)|(?:habe|haben|hab) (?:\w+ ){0,6}(?:erhalten|bekommen|ausgepackt|abgeholt)|(?:erhielt|bekam) (?:\w+ ){0,3}${ORDER})\b`,
  ),
  came: /\b(?:gekommen|erhalten|bekommen|geliefert|zugestellt|angekommen|eingetroffen|eingegangen|gesehen|da)\b/,
  inHand:
    /\b(?:ist|war|sind|waren)(?: \w+){0,3} (?:kaputt|defekt|beschadigt|zerkratzt|zerbrochen|gesprungen|fehlerhaft|zu klein|zu gross|gerissen|undicht)\b|\b(?:funktioniert|geht|ladt|startet|passt)(?: \w+){0,4} nicht\b|\b(?:kaputt ?gegangen|kaputtging|ging kaputt|einen riss|einen sprung|hat einen kratzer|lasst sich nicht (?:einschalten|offnen|laden)|falsche (?:farbe|grosse|modell))\b/,
  missing: new RegExp(
    String.raw`\bwarte (?:\w+ ){0,4}auf (?:mein|meine|meinen|das|die|den|es|unsere|unser)\b|\b(?:ist|sind) (?:\w+ )?(?:immer )?noch nicht (?:da|hier|angekommen|gekommen|geliefert|eingetroffen)\b|\b${ORDER} (?:ist|fehlt|wurde|scheint)(?: \w+)? ?(?:verloren|verschwunden|verschollen|nicht da|$)|\bnichts (?:angekommen|bekommen|erhalten|geliefert|gekommen)\b`,
  ),
  refund:
    /\b(?:erstatt\w*|ruckerstatt\w*|zuruckerstatt\w*|geld zuruck|zuruckgezahlt|zuruckbezahlt|uberwiesen)\b/,
  refunded:
    /\b(?:haben|habe|hat|wurde|wurden|ist|worden)(?: \w+){0,6} (?:erstattet|zuruckerstattet|ruckerstattet|zuruckgezahlt|zuruckbezahlt)\b|\b(?:erstattung|geld)(?: \w+){0,3} (?:erhalten|bekommen|angekommen|da|eingegangen|zuruckbekommen)\b/,
  refundMissing:
    /\bwo (?:bleibt|ist|bleiben) (?:mein|meine|die|das) (?:geld|erstattung|ruckerstattung)\b|\bwarte (?:\w+ ){0,4}auf (?:meine|die|mein|das) (?:\w+ )?(?:erstattung|ruckerstattung|geld)\b|\b(?:kein geld|keine (?:erstattung|ruckerstattung))\b/,
  charged: /\b(?:abgebucht|belastet|berechnet|bezahlt|eingezogen|gezahlt)\b/,
  chargedTwice:
    /\b(?:zweimal|doppelt|2x|2 mal|zwei mal|dreimal)(?: \w+){0,5} (?:abgebucht|belastet|berechnet|bezahlt|eingezogen|gezahlt)\b|\b(?:doppelte|zwei|zweite) (?:abbuchung(?:en)?|belastung(?:en)?|zahlung(?:en)?)\b/,
  newAddress:
    /\b(?:andern|anderung|geandert|falsch\w*|neue\w*|andere\w*|korrigier\w*|alte\w*)\b.{0,40}\b(?:adresse|anschrift|lieferadresse)\b|\b(?:adresse|anschrift|lieferadresse)\b.{0,40}\b(?:andern|anderung|geandert|falsch|neu|korrigieren|umgezogen)\b|\bumgezogen\b/,
};
