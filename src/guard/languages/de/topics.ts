/** How German names each topic a reply can make a claim about. */
import { ANYTHING, NOTHING, topicWords } from "#guard/languages/topic-words.ts";
import type { TopicWords } from "#guard/languages/language.ts";
import { anyOf, pattern } from "#guard/languages/spelling.ts";

const GIVEN =
  "veranlasst|angewiesen|bearbeitet|ausgeführt|durchgeführt|vorgenommen|genehmigt|bestätigt|gebucht|verbucht|eingeleitet|angestoßen|ausgelöst|erledigt|freigegeben|bewilligt|abgeschlossen|verschickt|versendet|versandt|gesendet|geschickt|zugesandt|zugeschickt|ausgestellt|erstellt|beantragt|gestartet|getätigt|raus|durch";

const UNDERWAY =
  "\\b(?:unterwegs|auf dem (?:rück)?weg|in die wege geleitet|in arbeit|kommt zu ihnen|in ihrem postfach|im posteingang)\\b";

/** A topic in German: promises are made in the present as much as in the future. */
function topic({
  finite,
  infinitives,
  underway,
  ...words
}: Omit<Parameters<typeof topicWords>[0], "underway" | "future"> & {
  /** First persons of the present. */
  readonly finite: string;
  readonly infinitives: string;
  readonly underway?: RegExp;
}): TopicWords {
  const isBroad = words.subject === ANYTHING;
  return topicWords({
    ...words,
    definite: pattern(
      String.raw`\b(?:ihre?[nrms]?|die|der|das|den|dem|deine?[nrm]?) (?:\w+ ){0,2}(?:${words.nouns})\b`,
    ),
    done: anyOf(
      String.raw`\b(?:ich|wir) konnten?\b.{0,120}\b(?:${infinitives})\b`,
      String.raw`\bkonnten? (?:ich|wir)\b.{0,120}\b(?:${infinitives})\b`,
    ),
    underway:
      underway ??
      anyOf(
        UNDERWAY,
        String.raw`\b(?:ich|wir)\b.{0,40}\b(?:${finite})\b.{0,120}\b(?:ihnen|ihren?|ihrem|sie|dir|dich|dein\w*|euch|den betrag|das geld|es|\d[\d.,]*)\b`,
        String.raw`\b(?:${finite}) (?:ich|wir)\b`,
        String.raw`\bwird (?:gerade|derzeit|soeben|momentan|bereits)\b.{0,60}\b(?:${words.verbs})\b`,
      ),
    future: isBroad
      ? pattern(
          String.raw`\b(?:werden?|wird|wirst)\b.{0,120}?\b(?:${infinitives}|${words.verbs})\b`,
        )
      : anyOf(
          String.raw`\b(?:werden?|wird|wirst)\b.{0,120}?\b(?:${infinitives}|${words.verbs})\b`,
          String.raw`\b(?:erhalten|bekommen|kriegen|sehen|finden) (?:sie|ihr)\b|\b(?:erhältst|bekommst)\b`,
          String.raw`\bsie (?!haben\b)(?:\w+ ){0,2}(?:erhalten|bekommen|kriegen)\b`,
          String.raw`\b(?:geht|gehen|kommt|kommen)\b.{0,60}\b(?:zurück|zu ihnen|an sie|auf ihr\w*)\b`,
          String.raw`\bsollten?\b.{0,80}\b(?:sein|eintreffen|ankommen|erscheinen|haben|da sein)\b`,
        ),
  });
}

const GENERALLY =
  "\\b(?:in der regel|normalerweise|üblicherweise|gewöhnlich|meist|meistens|grundsätzlich|immer|stets|je nach|abhängig|generell)\\b";

/** The topics in German. */
export const TOPICS: readonly TopicWords[] = [
  // Money has many names, and many sentences about it mean no refund at all.
  topic({
    name: "refund",
    subject: pattern(
      String.raw`\b(?:\w*erstattung|\w*gutschrift|geld|rückzahlung|rücküberweisung|betrag|summe|kaufpreis|rückbuchung|beträge)\b`,
    ),
    itself: anyOf(
      String.raw`\b(?:erstattet|erstatte|erstatten|zurückerstattet|zurückerstatten|zurücküberwiesen|zurückgezahlt|zurückgebucht|zurückgegeben|rückerstattet|gutgeschrieben|zurückbekommen|zurückerhalten|zurückzahlen|zurücküberweisen|rückerstatten|überwiesen)\b`,
      String.raw`\d[\d.,]* ?(?:usd|eur|euro|€|dollar|chf)\b.{0,60}\b(?:wieder|zurück|unterwegs|auf (?:ihr\w*|dein\w*) (?:karte|konto))\b`,
      String.raw`\b(?:überweisen?|zahlen?|schicken?|buchen?)\b.{0,60}\bzurück\b`,
      String.raw`\b(?:erhalten|bekommen|kriegen|erhältst|bekommst)\b.{0,80}\b(?:zurück|erstattet|gutgeschrieben|wieder)\b`,
      String.raw`\b(?:schreibe|schreiben)\b.{0,60}\bgut\b`,
      String.raw`\b(?:geht|gehen|ging|gingen|kommt|kommen|ist|sind)\b.{0,60}\b(?:zurück an sie|auf ihr\w* (?:karte|konto)|wieder auf)\b`,
      String.raw`\b(?:belastung|abbuchung|zahlung)\b.{0,40}\b(?:storniert|rückgängig|aufgehoben|zurückgenommen|zurückgebucht)\b`,
    ),
    verbs: `${GIVEN}|erstattet|zurückerstattet|rückerstattet|zurücküberwiesen|überwiesen|zurückgezahlt|ausgezahlt|gutgeschrieben|zurückgebucht|zurückgegeben|rückgängig gemacht|aufgehoben|zurückgenommen|storniert|zurückbekommen|zurückerhalten|zurück|zurückgegangen|unterwegs`,
    nouns:
      "(?:rück)?erstattung|gutschrift|geld|rückzahlung|betrag|summe|kaufpreis|rückbuchung|rücküberweisung|\\d[\\d.,]* ?(?:usd|eur|euro|dollar|chf)",
    infinitives:
      "erstatten|zurückerstatten|rückerstatten|überweisen|zurücküberweisen|zurückzahlen|gutschreiben|auszahlen|zurückbuchen|veranlassen|auslösen|anweisen|anstoßen|freigeben|erhalten|bekommen|haben|sehen|sein|ankommen|eingehen",
    finite: "erstatten?|überweisen?|zahlen?|schreiben?|veranlassen?|buchen?",
    generally: anyOf(
      GENERALLY,
      String.raw`\berstattungen (?:gehen|sind|können|dauern|werden)\b`,
      String.raw`\b(?:betrag|summe|kaufpreis)\b.{0,20}\b(?:von ihnen|bezahlt|fällig|beträgt)\b`,
      String.raw`\b(?:innerhalb von|binnen) \d+ tagen nach\b`,
    ),
  }),
  topic({
    name: "password reset",
    subject: pattern(String.raw`\b(?:passwort\w*|kennwort\w*|zurücksetzen|link|reset-?\w*)\b`),
    verbs: `${GIVEN}|zurückgesetzt|gemailt|geändert|neu gesetzt|erneuert|im postfach`,
    nouns: "(?:passwort-?|reset-?)?link|passwort|kennwort|e-?mail",
    infinitives: "schicken|senden|zusenden|zurücksetzen|erhalten|bekommen|finden",
    finite: "schicken?|senden?|mailen?|setzen?",
    generally: anyOf(
      GENERALLY,
      String.raw`\b(?:der|ein) link (?:gilt|funktioniert|geht immer|ist \d+)\b`,
    ),
  }),
  // "Will not be sent" states it in a way that no denial in the same clause takes back.
  topic({
    name: "cancellation",
    subject: pattern(String.raw`\b(?:stornierung|storno)\b`),
    itself: pattern(
      String.raw`\b(?:storniert|storniere|stornieren|annulliert|rückgängig gemacht|gestoppt|angehalten|zurückgezogen)\b`,
    ),
    verbs: `${GIVEN}|storniert|annulliert|rückgängig gemacht|gestoppt|angehalten|zurückgezogen`,
    nouns: "stornierung|storno",
    infinitives: "stornieren|annullieren|stoppen|anhalten",
    finite: "storniere|stornieren|stoppen?",
    outright: pattern(
      String.raw`\b(?:bestellung|paket)\b.{0,40}\b(?:wird|werden)\b.{0,20}\b(?:nicht|nicht mehr) (?:versandt|versendet|verschickt|ausgeliefert|geliefert)\b`,
    ),
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "change of address",
    subject: pattern(String.raw`\b(?<!e-mail-)(?:liefer|versand)?(?:adresse|anschrift)\b`),
    aside: pattern(String.raw`\b(?:unter|mit|von|für|zu) (?:\w+ ){0,2}(?:e-?mail-?)?adresse\b`),
    itself: pattern(String.raw`\b(?:umgeleitet|umadressiert)\b`),
    verbs:
      "geändert|aktualisiert|korrigiert|angepasst|ersetzt|umgeleitet|umadressiert|hinterlegt|gespeichert|eingetragen|berichtigt|umgestellt|übernommen|erfasst",
    nouns: "neue (?:liefer)?adresse|adressänderung",
    infinitives: "ändern|aktualisieren|korrigieren|anpassen|umleiten|eintragen|hinterlegen",
    finite: "ändern?|aktualisieren?|korrigieren?|leiten?",
    underway: pattern(
      String.raw`\b(?:geht|gehen|wird) (?:nun|jetzt|damit)? ?(?:an|nach) |\b(?:ich|wir) (?:ändern?|aktualisieren?|korrigieren?) (?:nun |jetzt |gerade |ihnen )?(?:ihre|die|das|sie)\b`,
    ),
    generally: anyOf(GENERALLY, String.raw`\b(?:lässt sich|kann)\b`),
  }),
  topic({
    name: "replacement",
    subject: pattern(
      String.raw`\b(?:ersatz\w*|austausch|umtausch|neue[sn]? (?!adresse|anschrift|lieferadresse|passwort|kennwort|bestellung|e-mail|link|konto)\w+)\b`,
    ),
    itself: pattern(String.raw`\b(?:umgetauscht|ausgetauscht|nachgeliefert|erneut verschickt)\b`),
    verbs: `${GIVEN}|bestellt|umgetauscht|ausgetauscht|nachgeliefert|auf den weg gebracht|reserviert|verpackt|losgeschickt|abgeschickt`,
    nouns: "ersatz(?:lieferung|gerät|artikel|paket)?|austausch|umtausch",
    infinitives:
      "schicken|senden|verschicken|versenden|liefern|erhalten|bekommen|austauschen|nachliefern",
    finite: "schicken?|senden?|liefern?|tauschen?",
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "compensation",
    subject: pattern(
      String.raw`\b(?:gutschein\w*|rabatt\w*|nachlass|entschädigung|kulanz|bonuspunkte|geschenkkarte|preisnachlass)\b`,
    ),
    itself: pattern(String.raw`\b(?:entschädigt|entschädigen)\b`),
    verbs: `${GIVEN}|gutgeschrieben|hinzugefügt|hinterlegt|gewährt|eingeräumt|angehängt|beigelegt|entschädigt|abgezogen|aufgeladen`,
    nouns: "gutschein(?:code)?|rabatt(?:code)?|nachlass|entschädigung",
    infinitives: "schicken|senden|erhalten|bekommen|gewähren|gutschreiben|entschädigen|einräumen",
    finite: "schicken?|senden?|schenken?|geben?|gewähren?",
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "change of the account",
    subject: pattern(String.raw`\b(?:konto|kundenkonto|newsletter|abo|profil|mitgliedschaft)\b`),
    itself: pattern(String.raw`\b(?:abgemeldet|abbestellt)\b`),
    verbs:
      "gelöscht|geschlossen|gesperrt|entsperrt|freigeschaltet|aktiviert|deaktiviert|abgemeldet|abbestellt|gekündigt|zusammengeführt|aktualisiert|geändert|wiederhergestellt",
    nouns: "kontolöschung|abmeldung",
    infinitives: "löschen|schließen|sperren|entsperren|freischalten|abmelden|kündigen",
    finite: "lösche|löschen|sperren?|entsperren?|kündigen?",
    generally: anyOf(GENERALLY, String.raw`\bsie können\b`),
  }),
  // Every second sentence is about a delivery: only these verbs say that it was changed.
  topic({
    name: "change of the delivery",
    subject: ANYTHING,
    underway: NOTHING,
    verbs:
      "beschleunigt|priorisiert|hochgestuft|verschoben|vorgezogen|umgebucht|zurückgestellt|zusammengelegt",
    nouns: "expressversand-upgrade",
    infinitives: "beschleunigen|priorisieren|verschieben|vorziehen",
    finite: "beschleunigen?|priorisieren?|verschieben?",
  }),
  topic({
    name: "longer term",
    subject: ANYTHING,
    underway: NOTHING,
    verbs: "verlängert|erlassen|erweitert|reserviert|aufgehoben",
    nouns: "garantieverlängerung|fristverlängerung",
    infinitives: "verlängern|erlassen|reservieren",
    finite: "verlängern?|erlassen?",
    generally: pattern(GENERALLY),
  }),
  topic({
    name: "document",
    subject: pattern(
      String.raw`\b(?:rechnung|beleg|rücksendeetikett|retourenlabel|retourenschein|etikett|kopie|bestätigung)\b`,
    ),
    verbs:
      "geschickt|gesendet|verschickt|versendet|versandt|gemailt|angehängt|beigefügt|ausgestellt|erstellt|zugesandt|zugeschickt",
    nouns: "rechnung|beleg|rücksendeetikett|retourenlabel|kopie",
    infinitives: "schicken|senden|zusenden|ausstellen|erstellen",
    finite: "schicken?|senden?|mailen?|erstellen?",
    generally: pattern(GENERALLY),
  }),
];
